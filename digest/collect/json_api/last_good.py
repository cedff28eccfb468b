"""Decides how the last good answers of a blog are written down: a line for each post, and one about all of them.

Every line begins with its check sum. When one is spoilt or missing, none is used: a blog that lost posts must not pass
for the whole.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.collect.json_api.values import Record
from digest.collect.memory import Memory

_ABOUT_ALL = ""
"""The key of the line about all; no post has it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a blog said."""

    site: Record
    """About itself."""
    posts: Mapping[str, Record]
    """Each under its number or key."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot of an earlier reading."""

    snapshot: Snapshot
    reaches_back_to: datetime | None
    """Older posts are not in it; None when all are."""
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class LastGood:
    """The shelf on which one blog's last good answers lie."""

    memory: Memory
    mark: str
    """Names the blog and how its answers are kept; what another mark left there is not used."""

    def kept(self) -> Kept | None:
        """Return what was kept; None when there is nothing, or it is spoilt or another blog's."""
        return self._read(dict(self.memory.recall()))

    def keep(
        self, snapshot: Snapshot, since: datetime | None, now: datetime, dated: Callable[[Record], datetime | None]
    ) -> None:
        """Keep a snapshot that holds the posts from `since` on; older ones stay when nothing lies between.

        `dated` tells when a post was published.
        """
        written = dict(self.memory.recall())
        old = self._read(written)
        posts, reaches_back_to = dict(snapshot.posts), since
        if since and old and old.taken_at >= since:
            older = {
                key: post for key, post in old.snapshot.posts.items() if (moment := dated(post)) and moment < since
            }
            posts = older | posts
            reaches_back_to = old.reaches_back_to and min(old.reaches_back_to, since)
        about = {
            "mark": self.mark,
            "site": snapshot.site,
            "posts": len(posts),
            "from": reaches_back_to.isoformat() if reaches_back_to else None,
            "at": now.isoformat(),
        }
        new = {key: _line(post) for key, post in posts.items()} | {_ABOUT_ALL: _line(about)}
        changed = {key: line for key, line in new.items() if written.get(key) != line}
        self.memory.remember(changed, [key for key in written if key not in new])

    def _read(self, written: dict[str, str]) -> Kept | None:
        try:
            about = _value(written.pop(_ABOUT_ALL, ""))
            posts = {key: _value(line) for key, line in written.items()}
            site, said = about["site"], about["from"]
            reaches_back_to = datetime.fromisoformat(str(said)) if said else None
            taken_at = datetime.fromisoformat(str(about["at"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if about.get("mark") != self.mark or about.get("posts") != len(posts) or not isinstance(site, dict):
            return None
        return Kept(Snapshot(site, posts), reaches_back_to, taken_at)


def _line(value: Record) -> str:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{zlib.crc32(written.encode(errors='surrogatepass')):08x} {written}"


def _value(line: str) -> dict[str, object]:
    check, _, written = line.partition(" ")
    if check != f"{zlib.crc32(written.encode(errors='surrogatepass')):08x}":
        raise ValueError(line[:40])
    value: dict[str, object] = json.loads(written)
    return value
