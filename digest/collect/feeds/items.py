"""Decides what is taken from a feed, whatever its format: items, as they are written there."""

from __future__ import annotations

from dataclasses import dataclass

from digest.collect.authoring import one_line
from digest.collect.problems import whole_characters
from digest.models import Finding

LONGEST_TEXT = 200_000
"""Characters of an item's text that are kept: more than any excerpt reads."""
_LONGEST_LINE = 2_000
_MOST_TERMS = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed."""

    guid: str = ""
    """As the feed says it; may be missing, or shared with another item."""
    link: str = ""
    """Absolute and percent-encoded; empty when the item has no page."""
    title: str = ""
    """Plain text."""
    published: str = ""
    """As written."""
    updated: str = ""
    text: str = ""
    """HTML."""
    summary: str = ""
    """HTML of a teaser that is not the text itself."""
    author: str = ""
    categories: tuple[str, ...] = ()
    image: str = ""
    language: str = ""

    @property
    def says_anything(self) -> bool:
        """Tell whether there is an item at all: feeds that break off end with an empty one."""
        return bool(self.guid or self.link or self.title or self.text or self.summary)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says."""

    items: tuple[Item, ...] = ()
    """In the feed's own order."""
    language: str = ""
    author: str = ""
    cut: bool = False
    """It breaks off before its end, so that what is not in it may be there all the same."""
    notes: tuple[Finding, ...] = ()
    """What is wrong with the feed as a whole."""


class NoFeedError(ValueError):
    """What was read is no feed; never leaves the collecting of feeds."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def line(said: object) -> str:
    """Return a text as one line that can be written anywhere; nothing when it is no text."""
    return one_line(whole_characters(said[:_LONGEST_LINE])) if isinstance(said, str) else ""


def long_text(said: object) -> str:
    """Return a long text that can be written anywhere; nothing when it is no text."""
    return whole_characters(said[:LONGEST_TEXT].replace("\0", "")) if isinstance(said, str) else ""


def terms(said: list[object]) -> tuple[str, ...]:
    """Return the names among them, each once."""
    return tuple(dict.fromkeys(name for each in said[:_MOST_TERMS] if (name := line(each))))
