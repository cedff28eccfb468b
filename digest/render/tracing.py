"""Which line of which file wrote what of a mail: its templates are run again, and leave marks that nobody sees.

A mark stands before each stretch of a template, and at the start of each of its lines. It is written in characters
without width (Unicode's tags), so that a text that is wrapped or measured on the way comes out the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2.lexer import Token, TokenStream

from digest.render.escaping import EscapingSandbox

_BEGIN, _END = "\U000e0001", "\U000e007f"
_MARK = re.compile(f"{_BEGIN}([\U000e0020-\U000e007e]{{1,400}}){_END}")
_TO_TAGS = {code: 0xE0000 + code for code in range(0x20, 0x7F)}
_FROM_TAGS = {tag: code for code, tag in _TO_TAGS.items()}


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, and where each stretch of it was written."""

    text: str
    starts: tuple[int, ...]
    """Where in `text` the stretches begin, ascending."""
    origins: tuple[tuple[str, int], ...]
    """Of each its template, by the path from the templates folder, and the line in it, from 1."""

    def origin(self, offset: int) -> tuple[str, int]:
        """Return the template and line that wrote the character at `offset`; `("", 0)` before the first mark."""
        number = bisect_right(self.starts, offset) - 1
        return self.origins[number] if number >= 0 else ("", 0)


class TracingSandbox(EscapingSandbox):
    """A sandbox whose output is marked."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        stream = super()._tokenize(source, name, filename, state)
        if not name or not name.isascii() or not name.isprintable():
            return stream
        return TokenStream(_marked(stream, name), name, filename)


def read_marks(text: str) -> Traced:
    """Return what a `TracingSandbox` wrote, without the marks."""
    kept: list[str] = []
    starts: list[int] = []
    origins: list[tuple[str, int]] = []
    place = length = 0
    for mark in _MARK.finditer(text):
        name, _, line = mark[1].translate(_FROM_TAGS).rpartition(":")
        kept.append(text[place : mark.start()])
        length += mark.start() - place
        place = mark.end()
        if line.isdecimal():
            starts.append(length)
            origins.append((name, int(line)))
    kept.append(text[place:])
    return Traced("".join(kept), tuple(starts), tuple(origins))


def _marked(stream: TokenStream, name: str) -> Iterator[Token]:
    for token in stream:
        if token.type != "data":
            yield token
            continue
        lines = token.value.splitlines(keepends=True)
        marked = "".join(f"{_mark(name, number)}{line}" for number, line in enumerate(lines, token.lineno))
        yield Token(token.lineno, token.type, marked)


def _mark(name: str, line: int) -> str:
    return _BEGIN + f"{name}:{line}".translate(_TO_TAGS) + _END
