"""Decides how a blog in a folder is read: which files are worth parsing, what is remembered of them.

The generator's own rules stand behind `Blog`; what is the same for all of them stands here. A file is parsed unless
it is remembered with the same size and content, or unless its name and head say for certain that it is too old.
Modification times say nothing about a post's age: a clone gives every file the same.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from digest.collect import contents
from digest.collect.collection import Reading, examined, seen_at
from digest.collect.files import Found, PostFile
from digest.collect.memory import Memory
from digest.collect.problems import BrokenPostError
from digest.collect.remembering import Remembered
from digest.errors import SourceError
from digest.models import Finding, Level, Text

_HEAD = 2_048
"""Bytes of a file in which its date is looked for."""
_WIDENED = timedelta(days=2)
"""How far a date may be from the moment it means, zones and all."""


class Blog(Protocol):
    """A blog as its generator sees it, made from the blog's settings."""

    @property
    def settings(self) -> object:
        """All that a reading depends on besides the file's own bytes; its `repr` tells one state from another."""
        ...

    def find(self) -> Found:
        """List the files of posts and drafts, sorted by path; raise `SourceError` when a folder is closed."""
        ...

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Return a day after which the post was certainly not offered; None when only parsing can tell.

        `head` is the beginning of the file, which may end within a character.
        """
        ...

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read one file as the generator reads it, all but its `text`; raise `BrokenPostError`.

        Whether the post is shown yet is not decided here but said in `Reading.appears` and `vanishes`.
        """
        ...

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return the words of a file that `read` could read."""
        ...

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """Say how bad it is that a file cannot be read."""
        ...


def read_blog(
    blog: Blog, now: datetime, since: datetime | None, memory: Memory
) -> tuple[list[Reading], list[Finding], Sequence[PostFile]]:
    """Read the files of a blog: at least the posts offered since `since`, what is wrong with others, and all files.

    When one of them has an identity of its author's, all are read: an older post may have claimed it.
    """
    found = blog.find()
    remembered = Remembered(memory, _without_place(blog.settings, found.files))
    with _no_cycles():
        readings, broken = _read_files(blog, found.files, now, since, remembered)
        if since and any(each.identity and each.post.offered_at >= since for each in readings):
            readings, broken = _read_files(blog, found.files, now, None, remembered)
    remembered.keep(file.relative for file in found.files)
    return readings, [*found.problems, *broken], found.files


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Keep Python from looking for cycles among thousands of posts while they are made: none has one."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _without_place(settings: object, files: Sequence[PostFile]) -> str:
    """Write settings down without the folder in which the blog lies: a copy of the blog is the same blog."""
    written = repr(settings)
    return written.replace(files[0].path.removesuffix(f"/{files[0].relative}"), "") if files else written


def read_file(blog: Blog, file: PostFile, now: datetime) -> Reading:
    """Read one file; raise `BrokenPostError`."""
    raw = _bytes_of(file)
    return _complete(blog, file, blog.read(file, raw, now), _seal(raw))


def _read_files(
    blog: Blog, files: Iterable[PostFile], now: datetime, since: datetime | None, remembered: Remembered
) -> tuple[list[Reading], list[Finding]]:
    readings: list[Reading] = []
    broken: list[Finding] = []
    horizon = (since - _WIDENED).date() if since else None
    for file in files:
        try:
            reading = _read_file(blog, file, now, horizon, remembered)
        except BrokenPostError as error:
            broken.append(error.finding(file.relative, blog.level(file, error)))
        else:
            if reading is not None:
                readings.append(seen_at(reading, now))
    return readings, broken


def _read_file(
    blog: Blog, file: PostFile, now: datetime, horizon: date | None, remembered: Remembered
) -> Reading | None:
    """Recall or read a file; None when it is certainly older than the horizon."""
    stamp = remembered.stamp(file.path)
    if entry := remembered.with_stamp(file.relative, stamp):
        if horizon and entry.day < horizon.isoformat():
            return None
        if reading := entry.reading(partial(_words, blog, file, entry.seal)):
            return reading
    elif horizon and _is_older(blog, file, horizon):
        return None
    raw = _bytes_of(file)
    seal = _seal(raw)
    entry = remembered.with_seal(file.relative, seal)
    reading = entry.reading(partial(_words, blog, file, seal)) if entry else None
    if reading is None:
        reading = _complete(blog, file, blog.read(file, raw, now), seal)
    if reading.lasting:
        remembered.note(file.relative, stamp, seal, reading)
    return reading


def _is_older(blog: Blog, file: PostFile, horizon: date) -> bool:
    try:
        head = contents.head(file.path, _HEAD)
    except OSError:
        return False  # reading it tells what is wrong
    latest = blog.latest(file, head)
    return latest is not None and latest < horizon


def _bytes_of(file: PostFile) -> bytes:
    try:
        return contents.read(file.path, contents.LARGEST_POST)
    except OSError as error:
        raise BrokenPostError(
            "post.unreadable", f"The file cannot be read: {error.strerror}.", fix="Let this program read the file."
        ) from error


def _seal(raw: bytes) -> str:
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()


def _complete(blog: Blog, file: PostFile, reading: Reading, seal: str) -> Reading:
    # The post was made a moment ago and nobody has seen it yet; copies of ten thousand posts take a tenth of a second.
    object.__setattr__(reading.post, "text", Text(partial(_words, blog, file, seal)))
    return examined(reading)


def _words(blog: Blog, file: PostFile, seal: str) -> str:
    """Read the text of a post, which must still be the one whose head was read."""
    try:
        raw = _bytes_of(file)
    except BrokenPostError as error:
        raise SourceError(error.message, file=file.path, fix="run it again") from error
    if _seal(raw) != seal:
        raise SourceError("the post was changed while the digest was made", file=file.path, fix="run it again")
    return blog.text(file, raw)
