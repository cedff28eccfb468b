"""A backup's file: there whole or not at all, readable by its owner alone, and recognised by its name."""

from __future__ import annotations

import importlib.util
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from digest.errors import StoreError

FOLDER = Path("var/backups")

_HAS_LOCKS = importlib.util.find_spec("fcntl") is not None  # a POSIX system
_STAMP = r"(\d{8}T\d{6}Z)(?:-(\d+))?\.zip"
_REGULAR = re.compile(rf"digest-{_STAMP}")
_OURS = re.compile(rf"(?:digest|before-restore|before-\w+-to-\w+)-{_STAMP}")


def free_name(folder: Path, beginning: str, taken_at: datetime) -> Path:
    """Return where a backup of this moment goes: `<beginning>-20261122T091500Z.zip`, or the next one that is free."""
    stem = f"{beginning}-{taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    number, place = 2, folder / f"{stem}.zip"
    while place.exists():
        number, place = number + 1, folder / f"{stem}-{number}.zip"
    return place


def newest(folder: Path) -> datetime | None:
    """Return the moment of the newest backup of a folder, by the names; None when it has none."""
    try:
        matches = [_OURS.fullmatch(each.name) for each in folder.iterdir()]
    except OSError:
        return None
    return max((_moment(match[1]) for match in matches if match), default=None)


def remove_older(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` (1 or more) regular backups of a folder; return the removed ones."""
    named = [(_REGULAR.fullmatch(each.name), each) for each in folder.iterdir() if not each.is_symlink()]
    ours = sorted((match[1], int(match[2] or 1), each) for match, each in named if match)
    older = [each for _, _, each in ours[:-keep]]
    for each in older:
        each.unlink(missing_ok=True)
    return older


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:  # digits that are no date
        return datetime.min.replace(tzinfo=UTC)


@contextmanager
def new_file(place: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to that gets its name when the block ends well; until then there is nothing of that name.

    Raise `StoreError` when there is a file already, or when it cannot be written.
    """
    part = place.parent / f".{place.name}.{uuid.uuid4().hex}.digest-part"
    if place.exists():
        raise StoreError("there is a file of this name", file=place, fix="name another file, or a folder")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_what_died(place.parent)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _lock(file, wait=True)
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(place)
        _keep_name(place.parent)
    except OSError as error:
        raise StoreError(
            f"the backup cannot be written: {error.strerror or error}",
            file=place,
            fix="make room there or the folder writable; `digest backup FILE` writes to another place",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _remove_what_died(folder: Path) -> None:
    """Remove what processes left that were killed over a backup: whoever still writes holds a lock."""
    if not _HAS_LOCKS:
        return
    for part in folder.glob(".*.digest-part"):
        with suppress(OSError), part.open("rb") as file:
            if _lock(file, wait=False):
                part.unlink()


def _lock(file: IO[bytes], *, wait: bool) -> bool:
    if not _HAS_LOCKS:
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _keep_name(folder: Path) -> None:
    """Let a power cut not take the file's name back."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
