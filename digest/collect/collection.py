"""Decides how the posts that were read make one collection: identities, doubles, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol
from zoneinfo import ZoneInfo

from digest.errors import ConfigError
from digest.models import Collection, Finding, Level, Post


class Read(Protocol):
    """A post with what is remarkable about it, as each kind of source hands it in."""

    @property
    def post(self) -> Post:
        """The post; its id is made from its path."""
        ...

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What a person should know about it."""
        ...

    @property
    def identity(self) -> str:
        """The identity that the author wrote, or nothing."""
        ...


def assemble(readings: Sequence[Read], problems: Iterable[Finding]) -> Collection:
    """Put posts in order, newest first and then by path, and give each the identity that its author wrote.

    Where two posts claim one identity the older one keeps it; two shown posts at one address are a warning.
    """
    notes = [*problems]
    taken: set[str] = {reading.post.id for reading in readings if not reading.identity}
    posts: list[Post] = []
    addresses: dict[str, Post] = {}
    for reading in sorted(readings, key=lambda reading: (reading.post.published_at, reading.post.path)):
        post = reading.post
        notes.extend(reading.notes)
        if reading.identity:
            claimed = f"{post.id.partition(':')[0]}:{reading.identity}"
            if claimed in taken:
                notes.append(_taken(post, reading.identity))
            else:
                post = replace(post, id=claimed)
            taken.add(post.id)
        if not post.withheld and (older := addresses.setdefault(post.url, post)) is not post:
            notes.append(_same_address(post, older))
        posts.append(post)
    posts.sort(key=lambda post: post.path)
    posts.sort(key=lambda post: post.published_at, reverse=True)
    return Collection(tuple(posts), tuple(sorted(notes, key=lambda note: (note.file, note.line, note.code))))


def check_time_zone(name: str, source: str) -> None:
    """Raise `ConfigError` unless the option is empty or names a zone."""
    try:
        if name:
            ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise ConfigError(
            f"the time zone “{name}” of the source “{source}” is unknown",
            fix="write it as a place of the IANA list, such as Asia/Tokyo",
        ) from error


def _taken(post: Post, identity: str) -> Finding:
    return Finding(
        Level.WARNING,
        "post.identity",
        f"Another post already has the identity “{identity}”; this one is known by its path.",
        post.path,
        fix="Give the post an identity of its own, or delete the line.",
    )


def _same_address(post: Post, older: Post) -> Finding:
    return Finding(
        Level.WARNING,
        "post.duplicate-url",
        f"The post has the same address as {older.path}: {post.url}",
        post.path,
        fix="Give one of the two another slug, permalink or date.",
    )
