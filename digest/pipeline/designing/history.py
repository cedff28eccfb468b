"""Decides how the texts that saves replaced are kept: the newest fifty of each file, with when and by whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.pipeline.designing.files import DesignFile

KEPT = 50
"""Of one file."""
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)--([\w.@+-]{1,64})\.txt")
_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_NO_NAME = re.compile(r"[^\w.@+-]+")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Former:
    """A text that a save replaced, as the studio kept it."""

    name: str
    """Of its file; what tells it from the others."""
    saved_at: datetime
    """When it was replaced; in UTC."""
    who: str
    """Whoever replaced it."""
    path: Path
    said: str = ""
    """What the save was for; nobody said it."""
    comes_back: bool = True
    """Whether there is a text from before."""

    def before(self) -> bytes:
        """Return what was there before; raise OSError."""
        return self.path.read_bytes()

    def after(self) -> bytes | None:
        """Return None: what the save wrote stands in the next of its kind, or on disk."""
        return None


def former_texts(history: Path, file: DesignFile) -> tuple[Former, ...]:
    """Return what is kept of a file below the folder `history`, newest first."""
    folder = _folder(history, file)
    if not folder.is_dir():
        return ()
    found = ((path, _NAME.fullmatch(path.name)) for path in folder.iterdir())
    kept = [Former(path.name, _moment(match[1]), match[2], path) for path, match in found if match]
    return tuple(sorted(kept, key=lambda each: each.saved_at, reverse=True))


def keep(history: Path, file: DesignFile, data: bytes, who: str, now: datetime) -> Former:
    """Keep the bytes that are about to be replaced, and let the oldest go; raise OSError."""
    folder = _folder(history, file)
    folder.mkdir(parents=True, exist_ok=True)
    earlier = former_texts(history, file)
    # Two saves are never of one moment, whatever the clock says: their order is that of their names.
    moment = max([now.astimezone(UTC), *(each.saved_at + _MOMENT for each in earlier[:1])])
    who = _NO_NAME.sub("-", who).strip("-")[:64] or "studio"
    path = folder / f"{moment.strftime(_INSTANT)}--{who}.txt"
    with path.open("xb") as opened:
        opened.write(data)
    _forget(earlier[KEPT - 1 :])
    return Former(path.name, moment, who, path)


def _forget(formers: Sequence[Former]) -> None:
    for each in formers:
        each.path.unlink(missing_ok=True)


def _folder(history: Path, file: DesignFile) -> Path:
    return history / file.folder / file.name


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
