"""Decides which files are read at all: ordinary ones of a bearable size, so that no pipe and no giant stops a run."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST_POST = 10_000_000
"""Bytes; no author wrote more."""
LARGEST_SETTINGS = 1_000_000
_PIECE = 65_536
_OPENING = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Without waiting for somebody to write into a pipe."""


def head(path: str | Path, size: int) -> bytes:
    """Return the first `size` bytes of whatever lies there, without waiting for any; raise `OSError`."""
    descriptor = os.open(path, _OPENING)
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def read(path: str | Path, largest: int = LARGEST_SETTINGS) -> bytes:
    """Return the content of a file.

    Raise `OSError` when it cannot be read, is no ordinary file (a pipe, a device), or is larger than `largest` bytes.
    """
    # By its descriptor: for ten thousand small files that takes half as long as opening each.
    descriptor = os.open(path, _OPENING)
    try:
        found = os.fstat(descriptor)
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise OSError(errno.EINVAL, "it is no ordinary file", os.fspath(path))
        if found.st_size > largest:
            raise OSError(errno.EFBIG, f"it is larger than {largest // 1_000_000} MB", os.fspath(path))
        contents = os.read(descriptor, found.st_size + 1)
        if len(contents) == found.st_size:
            return contents
        pieces = [contents]  # it grows or shrinks while it is read
        while sum(map(len, pieces)) <= largest and (more := os.read(descriptor, _PIECE)):
            pieces.append(more)
        return b"".join(pieces)
    finally:
        os.close(descriptor)
