"""Decides what a feed says as a blog: RSS, Atom or JSON Feed at one address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.collect.collection import assemble, check_time_zone, seen_at
from digest.collect.feeds import troubles
from digest.collect.feeds.history import after
from digest.collect.feeds.posts import Blog
from digest.collect.feeds.state import State, recall, remember
from digest.collect.feeds.visit import visit
from digest.collect.fetching import Fetcher
from digest.collect.memory import FORGETFUL, Memory
from digest.errors import ConfigError
from digest.models import Collection, Finding


@dataclass(frozen=True)
class Source:
    """A feed. Several feeds are several sources, so that each has its name, its zone and its own troubles."""

    name: str
    """First part of every post's id."""
    url: str
    """Address of the feed, of http or https."""
    allow_private: bool = False
    """Whether the address may lie in a private network, such as that of the house."""
    time_zone: str = ""
    """Of dates that do not say theirs, which are read as UTC otherwise; all others are told in it, too."""
    language: str = ""
    """Of posts that do not say it; else the feed's."""
    author: str = ""
    """Of posts that name nobody; else the feed's."""
    categories: tuple[str, ...] = ()
    """Of posts that have none; the first is the primary one."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        if not self.url.lower().startswith(("http://", "https://")):
            raise ConfigError(
                f"the url of the source “{self.name}” is no web address", fix="write it as https://example.com/feed.xml"
            )

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Ask for the feed; what it held in earlier weeks comes from memory, and all of it when it does not answer."""
        before = recall(memory, self.url)
        with Fetcher(allow_private=self.allow_private) as fetcher:
            came = visit(fetcher, before, self.name, now)
        if came.ended:
            return Collection((), came.findings)
        state = came.state
        if came.feed is not None:
            state = after(state, came.feed, self._blog(state), now, first=before.read_at is None)
        remember(memory, state)
        blog = self._blog(state)
        problems = [*came.findings, *self._doubts(state, blog, now, since)]
        linked = sorted((each.rank, each.identity) for each in state.known.values() if each.item.link)
        readings = [seen_at(blog.reading(state.known[identity], now), now) for _, identity in linked]
        return assemble(readings, problems, since)

    def watched(self) -> Sequence[Path]:
        """Return nothing: an address cannot be watched."""
        return ()

    def _blog(self, state: State) -> Blog:
        return Blog(
            self.name,
            self.time_zone,
            self.language or state.language,
            self.author or state.author,
            self.categories,
        )

    def _doubts(self, state: State, blog: Blog, now: datetime, since: datetime | None) -> Iterable[Finding]:
        """Say what the feed does not say."""
        there = [state.known[identity] for identity in state.there if identity in state.known]
        if not there:
            yield troubles.empty()
        for known in there:
            if not known.item.link:
                yield troubles.no_address(known.item.title, known.item.guid)
        moments = [(known, blog.published(known, now)) for known in there]
        if undated := sum(moment is None and known.at_first for known, moment in moments):
            yield troubles.undated(undated)
        if not self.time_zone and (unzoned := sum(moment is not None and not moment.zoned for _, moment in moments)):
            yield troubles.no_zone(unzoned)
        if since and state.complete_since and state.complete_since > since:
            yield troubles.short(state.complete_since)
