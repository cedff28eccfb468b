"""Decides which posts stand behind `{% post_link %}` in a Hexo blog."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property

from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.models import Finding, Level, Post


class Links:
    """The posts of a blog by the names under which other posts link them: their slug, else their title.

    `read` reads a post, and returns None for a broken one; it is asked only where a post links another.
    """

    def __init__(self, slugs: Sequence[tuple[str, PostFile]], read: Callable[[PostFile], Post | None]) -> None:
        self._read = cache(read)
        self._by_slug = dict(slugs)

    def find(self, name: str) -> tuple[str, str] | None:
        """Return address and title of the post with this slug or title."""
        file = self._by_slug.get(name)
        post = self._read(file) if file else self._by_title.get(name)
        return (post.url, post.title) if post else None

    def check(self, reading: Reading) -> Reading:
        """Return the reading with a note for each link that leads nowhere."""
        notes = tuple(
            Finding(
                Level.WARNING,
                "post.link",
                f"The link to “{name}” leads nowhere; Hexo stops at it.",
                reading.post.path,
                fix="Write the linked file's path below _posts, without the ending.",
            )
            for name in reading.links
            if self.find(name) is None
        )
        return replace(reading, notes=reading.notes + notes) if notes else reading

    @cached_property
    def _by_title(self) -> Mapping[str, Post]:
        posts = (self._read(file) for file in self._by_slug.values())
        return {post.title: post for post in posts if post}
