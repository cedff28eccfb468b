"""Posts as the blog itself shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from digest.models.findings import Finding


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
    body: str = ""
    """Markdown as written, without the front matter."""
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
    """Front matter `digest.weight` in -1..1: an author's nudge."""
    pinned: bool = False
    opt_out: bool = False
    """Front matter `digest: false`: never in a digest."""
    withheld: str = ""
    """Why the blog itself does not show it ("draft", "published: false", "dated in the future"); empty when shown."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of what a reader of the post sees; changes when the post is edited."""
        return hashlib.sha256("\0".join((self.title, self.url, self.summary, self.body)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Collection:
    """All posts of all sources, newest first, and what was wrong with the rest."""

    posts: tuple[Post, ...]
    problems: tuple[Finding, ...] = ()

    @property
    def shown(self) -> tuple[Post, ...]:
        """The posts that the blog itself shows."""
        return tuple(post for post in self.posts if not post.withheld)
