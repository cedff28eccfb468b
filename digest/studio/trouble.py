"""What a person needs to mend an error: where it is, the lines around it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digest.errors import DigestError

_AROUND = 3
_LARGEST = 1_000_000
"""Bytes; nobody writes a larger template or post by hand."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the file that is to blame."""

    number: int
    text: str
    guilty: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error, ready to be shown."""

    kind: str
    """Name of the error's class; the pages have words for it."""
    message: str
    fix: str
    file: str
    """Relative to the project when it lies inside; empty when no file is to blame."""
    line: int
    """0 when no line is to blame."""
    source: tuple[SourceLine, ...]
    """The lines around; empty when they cannot be shown."""

    @property
    def place(self) -> str:
        """`file:line`, `file`, or nothing."""
        return f"{self.file}:{self.line}" if self.line else self.file


def trouble_from(error: DigestError, root: Path) -> Trouble:
    """Return the error with the lines around its place; `root` is the project's folder."""
    line = error.line or 0
    path = root / error.file if error.file else None
    shown = ""
    if path:
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    source = _lines_around(path, line) if path and line else ()
    return Trouble(type(error).__name__, error.message, error.fix, shown, line, source)


def _lines_around(path: Path, line: int) -> tuple[SourceLine, ...]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ()
        return lines_around(path.read_text(encoding="utf-8", errors="replace"), line)
    except OSError:
        return ()  # the error is worth showing without its lines


def lines_around(text: str, line: int) -> tuple[SourceLine, ...]:
    """Return a line of a text and those around it."""
    lines = text.splitlines()
    first = max(1, line - _AROUND)
    around = lines[first - 1 : line + _AROUND]
    return tuple(SourceLine(number, text, number == line) for number, text in enumerate(around, first))
