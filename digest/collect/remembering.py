"""Decides whether a file is the one that was read before, and writes down what was read of it.

A file counts as unchanged when its size, its number on the disk and the time of its last change there are the same
(no program can set that time), else when its content is. An entry is one line: check sum, seal, day, stamp, and the
reading as JSON; one that is spoilt, or was written by another version of this room or under other settings of the
blog, is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from digest.collect.collection import Reading
from digest.collect.memory import FORGETFUL, Memory
from digest.models import Finding, Level, Post, Text

_SETTINGS = ""
"""The key under which the settings stand that the other entries were read under; no file has it."""
_FRESH = 2_000_000_000
"""Nanoseconds: a file that changed so shortly before it was read may change again without a trace in its times."""


_SEAL, _DAY, _STAMP = slice(9, 49), slice(50, 60), 61
"""Where in a line they stand; the check sum stands at its beginning."""


class Entry(NamedTuple):
    """What is remembered of a file."""

    seal: str
    """Hash of its content."""
    day: str
    """The day on which the post was offered, in UTC, as ISO 8601 writes it."""
    written: str
    """The stamp and the reading."""

    def reading(self, text: Callable[[], str]) -> Reading | None:
        """Return the reading; None when the entry is spoilt."""
        try:
            return _decode(json.loads(self.written[self.written.index(" ") :]), text)
        except (ValueError, TypeError, KeyError, RecursionError):
            return None


class Remembered:
    """The entries of one blog, as they were and as they will be."""

    def __init__(self, memory: Memory, settings: str) -> None:
        self._memory = memory
        self._old = dict(memory.recall())
        self._new: dict[str, str] = {}
        mark = hashlib.sha256(f"{_code()}\n{settings}".encode(errors="surrogatepass")).hexdigest()
        self._valid = self._old.get(_SETTINGS) == mark
        if not self._valid:
            self._new[_SETTINGS] = mark

    def with_stamp(self, relative: str, stamp: str) -> Entry | None:
        """Return what is remembered of a file that has this stamp."""
        entry = self._entry(relative)
        return entry if entry and stamp and entry.written.startswith(f"{stamp} ") else None

    def with_seal(self, relative: str, seal: str) -> Entry | None:
        """Return what is remembered of a file that has this content."""
        entry = self._entry(relative)
        return entry if entry and entry.seal == seal else None

    def stamp(self, path: str) -> str:
        """Return what tells a file from itself after a change; nothing when it cannot be looked at."""
        if self._memory is FORGETFUL:
            return ""
        try:
            found = os.stat(path)  # noqa: PTH116 - ten thousand files; a Path each takes longer
        except OSError:
            return ""
        return f"{found.st_size}.{found.st_ino}.{found.st_ctime_ns}"

    def note(self, relative: str, stamp: str, seal: str, reading: Reading) -> None:
        """Remember what was read of a file."""
        if self._memory is FORGETFUL:
            return
        trusted = stamp if stamp and int(stamp.rpartition(".")[2]) < time.time_ns() - _FRESH else ""
        day = reading.post.offered_at.astimezone(UTC).date().isoformat()
        line = f"{seal} {day} {trusted} {json.dumps(_encode(reading), ensure_ascii=False, separators=(',', ':'))}"
        self._new[relative] = f"{zlib.crc32(line.encode(errors='surrogatepass')):08x} {line}"

    def keep(self, relatives: Iterable[str]) -> None:
        """Write down what is new, and forget all but these files."""
        there = {_SETTINGS, *relatives}
        forgotten = [key for key in self._old if key not in there or (not self._valid and key not in self._new)]
        changed = {key: value for key, value in self._new.items() if self._old.get(key) != value}
        if changed or forgotten:
            self._memory.remember(changed, forgotten)

    def _entry(self, relative: str) -> Entry | None:
        line = self._new.get(relative) or (self._old.get(relative) if self._valid else None)
        if line is None or line[:8] != f"{zlib.crc32(line[9:].encode(errors='surrogatepass')):08x}":
            return None
        return Entry(line[_SEAL], line[_DAY], line[_STAMP:])


@cache
def _code() -> str:
    """Return a hash of this room's own code: another version may read the same file another way."""
    room = Path(__file__).parent
    code = hashlib.sha256()
    for file in sorted(room.rglob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()


def _encode(reading: Reading) -> list[object]:
    post = reading.post
    return [
        post.id,
        post.path,
        post.url,
        post.title,
        post.published_at.isoformat(),
        post.summary,
        _iso(post.updated_at),
        post.author,
        post.categories,
        post.tags,
        post.language,
        post.image,
        post.weight,
        post.pinned,
        post.featured,
        post.opt_out,
        post.section,
        post.blurb,
        _iso(post.hold_until),
        _iso(post.expires),
        post.withheld,
        [(note.level, note.code, note.message, note.file, note.line, note.fix) for note in reading.notes],
        reading.identity,
        _iso(reading.appears),
        _iso(reading.vanishes),
        reading.links,
    ]


def _decode(said: Any, text: Callable[[], str]) -> Reading:
    (id_, path, url, title, published_at, summary, updated_at, author, categories, tags, language, image, weight,
     pinned, featured, opt_out, section, blurb, hold_until, expires, withheld, notes, identity, appears, vanishes,
     links) = said  # fmt: skip
    post = Post(
        id=id_,
        path=path,
        url=url,
        title=title,
        published_at=datetime.fromisoformat(published_at),
        text=Text(text),
        summary=summary,
        updated_at=_moment(updated_at),
        author=author,
        categories=tuple(categories),
        tags=tuple(tags),
        language=language,
        image=image,
        weight=weight,
        pinned=pinned,
        featured=featured,
        opt_out=opt_out,
        section=section,
        blurb=blurb,
        hold_until=_moment(hold_until),
        expires=_moment(expires),
        withheld=withheld,
    )
    remarks = tuple(Finding(Level(note[0]), *note[1:]) for note in notes)
    return Reading(post, remarks, identity, _moment(appears), _moment(vanishes), tuple(links))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
