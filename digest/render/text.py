"""Where a line of the text part may break: by display width, and with the Japanese rules (kinsoku)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from wcwidth import iter_graphemes, wcswidth

from digest.typography import NEVER_FIRST, NEVER_LAST

COLUMNS = 72
"""Display columns of a line: a full-width character counts two, so 36 of them fit."""

_URL = re.compile(r"https?://[!-~]+")


def wrap(text: str, columns: int = COLUMNS, indent: str = "", first: str | None = None) -> str:
    """Break each line of `text` into lines of at most `columns` display columns, indent included.

    `first` stands before the first line instead of `indent`. A line never starts with closing punctuation or a
    small kana and never ends with an opening bracket, as long as a line can hold what must stay together; an
    address is never broken.
    """
    room = columns - max(wcswidth(indent), wcswidth(first or ""))
    lines = [line for paragraph in text.splitlines() for line in _lines(paragraph, room)]
    return "\n".join(
        ((first if first is not None and not number else indent) + line).rstrip() for number, line in enumerate(lines)
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Split at line breaks, leaving out empty lines."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@lru_cache(maxsize=1024, typed=True)  # titles and excerpts come again, in the next preview and language
def _lines(paragraph: str, room: int) -> tuple[str, ...]:
    if wcswidth(paragraph.rstrip()) <= room:
        return (paragraph.rstrip(),)
    return tuple(_broken(paragraph, room))


def _broken(paragraph: str, room: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(paragraph):
        if line and wcswidth((line + piece).rstrip()) > room:
            yield line.rstrip()
            line = ""
        line += piece
        if wcswidth(line.rstrip()) > room and not _URL.search(line):
            *full, line = _cut(line, room)
            yield from full
    yield line.rstrip()


def _pieces(paragraph: str) -> Iterator[str]:
    """Split into the smallest pieces that must not be broken, each with the blanks that follow it."""
    piece, previous = "", ""
    for unit in _units(paragraph):
        if piece and _may_break(previous, unit, blank_before=piece[-1:].isspace()):
            yield piece
            piece = ""
        piece += unit
        previous = previous if unit.isspace() and previous else unit
    if piece:
        yield piece


def _units(paragraph: str) -> Iterator[str]:
    """Split into characters as a reader sees them; an address is one."""
    start = 0
    for address in _URL.finditer(paragraph):
        yield from iter_graphemes(paragraph[start : address.start()])
        yield address[0]
        start = address.end()
    yield from iter_graphemes(paragraph[start:])


def _may_break(previous: str, unit: str, *, blank_before: bool) -> bool:
    if unit.isspace() or unit[0] in NEVER_FIRST or previous[-1:] in NEVER_LAST:
        return False
    return blank_before or _stands_alone(previous) or _stands_alone(unit)


def _stands_alone(unit: str) -> bool:
    """Tell whether a line may break beside a character without a blank: ideographs, kana, emoji, addresses."""
    return wcswidth(unit) > 1 or bool(_URL.match(unit))


def _cut(piece: str, room: int) -> list[str]:
    """Cut what is wider than a line, where there is no good place, between characters."""
    lines = [""]
    for unit in iter_graphemes(piece):
        if lines[-1] and wcswidth((lines[-1] + unit).rstrip()) > room:
            lines.append("")
        lines[-1] += unit
    return lines
