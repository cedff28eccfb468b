"""Decides when an issue that people look at is worth building again: looking every minute must cost next to nothing.

Files are known by their time and size. What is no file (feeds, copies of git repositories) is found out by building:
every so many minutes, and once more right before the issue is due.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.errors import DigestError
from digest.models import Slot
from digest.pipeline.press import Press

LOOK_FULLY = timedelta(minutes=15)
LAST_LOOK = timedelta(seconds=90)
"""So long before the due moment each look is a full one; it is longer than the minute between two."""
_KEPT = 4
"""Issues of a newsletter that may be looked at, by far."""
_NO_POSTS = {"node_modules"}


@dataclass(frozen=True, slots=True)
class Sight:
    """What an issue is made of, as it was at one moment; the same `stamp` is the same files, empty is unknown."""

    period: str
    stamp: str
    at: datetime


@dataclass(slots=True)
class Noticing:
    """What one process has seen of one newsletter's issues; another, or a restart, begins with a full look."""

    _seen: dict[str, Sight] = field(default_factory=dict)

    def news(self, press: Press, slot: Slot, now: datetime) -> Sight | None:
        """Return what there is to build from; None when nothing is likely to be different."""
        fresh = Sight(slot.period, _stamp(press, slot), now)
        seen = self._seen.get(slot.period)
        is_last = timedelta(0) < slot.due_at.astimezone(UTC) - now.astimezone(UTC) <= LAST_LOOK
        if seen is None or is_last or not fresh.stamp or fresh.stamp != seen.stamp:
            return fresh
        # A clock that was set back proves nothing about how long ago the last look was.
        return None if timedelta(0) <= now - seen.at < LOOK_FULLY else fresh

    def built(self, sight: Sight) -> None:
        """Remember what a version was built from."""
        self._seen[sight.period] = sight
        for period in [*self._seen][:-_KEPT]:
            del self._seen[period]


def _stamp(press: Press, slot: Slot) -> str:
    slug, store = press.newsletter.slug, press.store
    try:
        files = sorted(_files(press.watched()))
    except (DigestError, OSError):
        return ""  # the build says what is wrong, and where
    known = (store.issues.next_number(slug, slot), store.overrides.history(slug, slot.period))
    return hashlib.blake2b(repr((files, known)).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _files(roots: Sequence[Path]) -> Iterator[tuple[str, int, int]]:
    """Yield every file at or below the roots, with its time and size; folders that hold no posts aside."""
    folders: list[str] = []
    for root in roots:
        if root.is_dir():
            folders.append(str(root))
        elif root.exists():
            status = root.stat()
            yield str(root), status.st_mtime_ns, status.st_size
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _NO_POSTS and not entry.name.startswith("."):
                        folders.append(entry.path)
                elif entry.is_file():
                    status = entry.stat()
                    yield entry.path, status.st_mtime_ns, status.st_size
