"""Decides how an item of a feed becomes a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from digest.collect import authoring
from digest.collect.collection import Reading
from digest.collect.feeds import troubles
from digest.collect.feeds.dates import Moment, parse
from digest.collect.feeds.html_text import as_text, teaser, words_of
from digest.collect.feeds.items import Item
from digest.collect.feeds.state import Known
from digest.collect.words.repetition import fold
from digest.models import Post, Text
from digest.typography import fit

_SHORT = 600
"""Characters of a text that may be a teaser itself, and is then read as one."""
_HEAD = 4_000
"""Characters of a text in which the beginning of its words is looked for."""
_TITLE_COLUMNS = 80


@dataclass(frozen=True, slots=True)
class Blog:
    """What the configuration and the feed say about every post of a feed."""

    source: str
    time_zone: str = ""
    language: str = ""
    author: str = ""
    """Of posts that name nobody."""
    categories: tuple[str, ...] = ()
    """Of posts that have none."""

    @property
    def zone(self) -> tzinfo:
        """Of dates that do not say theirs."""
        return ZoneInfo(self.time_zone) if self.time_zone else UTC

    def published(self, known: Known, now: datetime) -> Moment | None:
        """Return when an item was published: the date of its last change, where there is no other, as first seen."""
        said = known.item.published, known.first_updated or known.item.updated
        return next((moment for each in said if (moment := self._moment(each, now))), None)

    def changed(self, known: Known, now: datetime) -> Moment | None:
        """Return when an item was last changed."""
        return self._moment(known.item.updated, now)

    def reading(self, known: Known, now: datetime) -> Reading:
        """Make a post of an item with a link, with what is remarkable about it."""
        item = known.item
        dated = self.published(known, now)
        updated = self.changed(known, now)
        text = item.text
        words = words_of(text) if len(text) <= 4 * _SHORT else ""
        title = item.title or fit(words or words_of(text), _TITLE_COLUMNS) or item.link
        post = Post(
            id=f"{self.source}:{known.identity}",
            path="",
            url=item.link,
            title=title,
            published_at=self._local(dated.at if dated else known.first_seen),
            text=Text(as_text(text)),
            summary=_summary(item, words),
            updated_at=self._local(updated.at) if updated and dated and updated.at > dated.at else None,
            author=item.author or self.author,
            categories=item.categories or self.categories,
            language=authoring.language({"lang": item.language}, self.language),
            image=item.image,
            withheld=_withheld(known, undated=dated is None),
        )
        said = item.published or item.updated
        counts = dated is None and not known.at_first  # else it is held back, which is told of all of them at once
        notes = (troubles.no_date(said, item.link),) if said and counts else ()
        return Reading(post, notes, appears=post.published_at)

    def _moment(self, written: str, now: datetime) -> Moment | None:
        try:
            return parse(written, self.zone, now)
        except ValueError:
            return None

    def _local(self, moment: datetime) -> datetime:
        """Return a moment in the zone of the blog, when it is told."""
        return moment.astimezone(self.zone) if self.time_zone else moment


def _summary(item: Item, words: str) -> str:
    """Return the author's own words, as Markdown: not the beginning of the text, which software has cut anywhere."""
    if not item.summary:
        return teaser(item.text) if 0 < len(words) <= _SHORT else ""
    said = teaser(item.summary)
    beginning = item.text[: len(item.summary) * 4 + _HEAD]
    return "" if fold(words_of(beginning)).startswith(fold(said.rstrip("…"))) else said


def _withheld(known: Known, *, undated: bool) -> str:
    if known.gone:
        return "no longer in the feed"
    return "without a date since the first reading" if undated and known.at_first else ""
