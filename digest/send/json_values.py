"""The values of a JSON file one after the other, with their lines: a list as long as you like, or a value a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

_CHUNK = 1 << 16
_LONGEST = 1 << 20
"""Characters of one value."""
_BETWEEN = " \t\r\n,[]"
"""What stands between values: a list's brackets and commas tell nothing here."""
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Broken:
    """What is no JSON: the rest of its line was left out."""

    why: str


def json_values(stream: TextIO) -> Iterator[tuple[int, Any | Broken]]:
    """Yield each value that stands in a list or by itself, with the line it begins on.

    Lists within lists at the top come apart into their values.
    """
    text, at, line, ended = "", 0, 1, False
    while True:
        begins = at
        while at < len(text) and text[at] in _BETWEEN:
            at += 1
        line += text.count("\n", begins, at)
        if at < len(text):
            try:
                value, after = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                if ended or len(text) - at > _LONGEST or _is_certain(error, len(text)):
                    yield line, Broken(error.msg if isinstance(error, json.JSONDecodeError) else "it is too deep")
                    stop = text.find("\n", at)
                    at = len(text) if stop < 0 else stop
                    continue
            else:
                yield line, value
                line += text.count("\n", at, after)
                at = after
                continue
        if ended:
            return
        more = stream.read(_CHUNK)
        text, at, ended = text[at:] + more, 0, not more


def _is_certain(error: Exception, length: int) -> bool:
    """Tell whether more text could not make it good: the fault is neither at the end nor a text without an end."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    return error.pos < length - len("\\uXXXX") and not error.msg.startswith("Unterminated")
