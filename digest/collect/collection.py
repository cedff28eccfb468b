"""Decides how the posts that were read make one collection: identities, doubles, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from digest.collect.suspicion import suspicions
from digest.errors import ConfigError
from digest.models import Collection, Finding, Level, Post


@dataclass(frozen=True, slots=True)
class Reading:
    """A post with what is remarkable about it, as each kind of source hands it in."""

    post: Post
    """Its id is `<source>:<path>`, or for what has no path `<source>:<identity>`."""
    notes: tuple[Finding, ...] = ()
    """What a person should know about it."""
    identity: str = ""
    """The identity that the author wrote, or nothing."""
    appears: datetime | None = None
    """The blog does not show the post before this moment; None when it shows it at once."""
    vanishes: datetime | None = None
    """The blog does not show the post from this moment on."""
    links: tuple[str, ...] = ()
    """Links to other posts by name, as written, which the source checks once it knows the others."""
    lasting: bool = True
    """False when the reading depends on the day on which it is done, so that it must not be remembered."""


def _age(reading: Reading) -> tuple[float, str]:
    return reading.post.published_at.timestamp(), reading.post.path


def examined(reading: Reading) -> Reading:
    """Return the reading with a note where the title or the summary cannot have been meant for readers."""
    found = () if reading.post.withheld else suspicions(reading.post)
    return replace(reading, notes=reading.notes + found) if found else reading


def seen_at(reading: Reading, now: datetime) -> Reading:
    """Return the reading with the post withheld when its time has not come yet, or is over."""
    if reading.post.withheld:
        return reading
    if reading.appears and int(reading.appears.timestamp()) > int(now.timestamp()):
        return replace(reading, post=replace(reading.post, withheld="dated in the future"))
    if reading.vanishes and reading.vanishes <= now:
        return replace(reading, post=replace(reading.post, withheld="expired"))
    return reading


def assemble(readings: Sequence[Reading], problems: Iterable[Finding], since: datetime | None = None) -> Collection:
    """Put posts in order, newest first and then by path, and give each the identity that its author wrote.

    Where two posts claim one identity the older one keeps it; two shown posts at one address are a warning.
    Posts offered before `since` are left out, with what is remarkable about them.
    """
    notes = [*problems]
    taken: set[str] = {reading.post.id for reading in readings if not reading.identity}
    posts: list[Post] = []
    addresses: dict[str, Post] = {}
    for reading in sorted(readings, key=_age):
        post = reading.post
        remarks = [*reading.notes] if reading.notes else []
        if reading.identity:
            claimed = f"{post.id.partition(':')[0]}:{reading.identity}"
            if claimed in taken:
                remarks.append(_taken(post, reading.identity))
            else:
                post = replace(post, id=claimed)
            taken.add(post.id)
        if since and post.offered_at < since:
            continue
        notes.extend(remarks)
        if not post.withheld and (older := addresses.setdefault(post.url, post)) is not post:
            notes.append(_same_address(post, older))
        posts.append(post)
    posts.sort(key=attrgetter("path"))
    posts.sort(key=attrgetter("published_at"), reverse=True)
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
        f"The post has the same address as {older.path or older.title}: {post.url}",
        post.path,
        fix="Give one of the two another slug, permalink or date.",
    )
