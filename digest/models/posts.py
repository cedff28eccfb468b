"""Posts as the blog itself shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.models.findings import Finding


class Text:
    """The words of a post, given or read from where they lie when they are first asked for.

    A blog's history is known to every run, but only the few posts that are chosen are read to the end.
    """

    __slots__ = ("_words",)

    def __init__(self, words: str | Callable[[], str] = "") -> None:
        self._words = words

    def read(self) -> str:
        """Return the words; raise `SourceError` when what held them has changed since."""
        return self._words if isinstance(self._words, str) else self._words()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.read() == other.read()

    def __hash__(self) -> int:
        return hash(self.read())

    def __repr__(self) -> str:
        return f"Text({self._words!r})"


NO_WORDS = Text()


@dataclass(frozen=True, slots=True)
class Post:
    """One post as the blog itself shows it."""

    id: str
    """`<source>:<stable identity>`; never made from the title."""
    path: str
    """Relative to the blog's source folder, with `/`; empty for a post that came from a feed."""
    url: str
    """Absolute, percent-encoded."""
    title: str
    """Plain text."""
    published_at: datetime
    """In the blog's own time zone."""
    text: Text = NO_WORDS
    """Markdown as written, without the front matter; `body` reads it."""
    summary: str = ""
    """The author's own words for the post, as written; may be empty or a copy of the title."""
    updated_at: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    """The first is the primary one."""
    tags: tuple[str, ...] = ()
    language: str = ""
    """BCP 47, from the post or else from the blog."""
    image: str = ""
    """Absolute URL."""
    weight: float = 0.0
    """Front matter `newsletter.weight` in -1..1: an author's nudge."""
    pinned: bool = False
    featured: bool = False
    """Front matter `featured: true`: the blog itself makes much of it."""
    opt_out: bool = False
    """Front matter `newsletter: false`: never in a digest."""
    section: str = ""
    """Front matter `newsletter.section`: the key of the section in which the author wants it."""
    blurb: str = ""
    """Front matter `newsletter.blurb`, as written: its words stand in the digest instead of an excerpt."""
    hold_until: datetime | None = None
    """Front matter `newsletter.hold_until`: not in a digest before, and offered as if published then."""
    expires: datetime | None = None
    """Front matter `newsletter.expires`: not in a digest from then on."""
    withheld: str = ""
    """Why the blog itself does not show it ("draft", "published: false", "dated in the future"); empty when shown."""

    @property
    def body(self) -> str:
        """The Markdown as written, without the front matter; raise `SourceError` when it cannot be read any more."""
        return self.text.read()

    @property
    def offered_at(self) -> datetime:
        """When the post is news to readers: when it appeared, or the later moment until which its author held it."""
        return max(self.published_at, self.hold_until) if self.hold_until else self.published_at


@dataclass(frozen=True, slots=True)
class Collection:
    """All posts of all sources, newest first, and what was wrong with the rest."""

    posts: tuple[Post, ...]
    problems: tuple[Finding, ...] = ()

    @property
    def shown(self) -> tuple[Post, ...]:
        """The posts that the blog itself shows."""
        return tuple(post for post in self.posts if not post.withheld)
