"""Decides what can be seen of a blog's folders, so that what cannot be looked into never passes for empty."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from digest.collect.problems import legible
from digest.errors import SourceError

_NOTHING_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def check(source: str, folder: Path) -> None:
    """Raise `SourceError` unless the folder of the source is there and can be looked into."""
    try:
        if is_folder(folder):
            names(folder)
            return
    except OSError as error:
        raise closed(source, error) from error
    raise SourceError(
        f"the blog “{source}” has no folder",
        file=legible(str(folder)),
        fix="correct the source's path, or fetch the blog",
    )


def closed(source: str, error: OSError) -> SourceError:
    """Make the error that says which folder of the source cannot be looked into, and why."""
    return SourceError(
        f"a folder of the blog “{legible(source)}” cannot be listed: {error.strerror}",
        file=legible(os.path.normpath(os.fsdecode(error.filename))) if error.filename else None,
        fix="let this program list and enter the folder, or, where no posts belong in it, move it out of the blog",
    )


def is_folder(path: Path) -> bool:
    """Tell whether a folder lies there; raise `OSError` when that cannot be found out."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return False
        raise


def names(folder: Path) -> list[str]:
    """Return the sorted names in a folder; raise `OSError` when it cannot be listed or entered."""
    found = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is needed
    _enter(folder)
    return found


def walk(top: str) -> Iterator[tuple[str, list[str], list[tuple[str, bool]]]]:
    """Yield each folder below `top`, itself included, with the names in it: those of folders, then those of files.

    With the name of a file comes whether it is a link. As in `os.walk`, taking a folder out of its list keeps the
    walk out of it, and links to folders are not followed. Raise `OSError` at the first folder that cannot be listed
    or entered.
    """
    below: list[str] = []
    linked: set[str] = set()
    files: list[tuple[str, bool]] = []
    with os.scandir(top) as entries:
        for entry in entries:
            link = entry.is_symlink()
            if not _leads_to_folder(entry):
                files.append((entry.name, link))
            else:
                below.append(entry.name)
                if link:
                    linked.add(entry.name)
    _enter(top)
    yield top, below, files
    for name in below:
        if name not in linked:
            yield from walk(f"{top}/{name}")


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _enter(folder: str | Path) -> None:
    os.stat(os.path.join(folder, os.curdir))  # noqa: PTH116, PTH118 - pathlib drops the dot, which asks for entrance
