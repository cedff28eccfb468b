"""What became of each reader's copy, as a file that a spreadsheet opens and takes nothing in for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

NAMES = (
    *("address", "state", "message_id", "error", "updated_at"),
    *("delivered", "bounced", "complained", "opened", "clicked"),
)
"""Of the columns, in their order."""
_FORMULA = frozenset(
    "=+-@|%\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
"""What a cell begins with that is reckoned instead of shown (OWASP, “CSV Injection”); Japanese spreadsheets take the
full-width signs for the narrow ones."""
_LINES = 500
"""A piece."""


def as_csv(copies: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the file in pieces: UTF-8 with the mark by which Excel knows it, one line a reader."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    written.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow(NAMES)
    for number, copy in enumerate(copies, 1):
        writer.writerow([_cell(copy[name]) for name in NAMES])
        if number % _LINES == 0:
            yield _taken(written)
    yield _taken(written)


def _taken(written: io.StringIO) -> bytes:
    piece = written.getvalue().encode(errors="replace")
    written.seek(0)
    written.truncate()
    return piece


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    # Blanks before it do not keep a spreadsheet from reading a formula.
    return f"'{text}" if text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA else text
