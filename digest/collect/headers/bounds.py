"""Decides how deep and how large the values of settings may be, so that whoever walks through them comes to an end."""

from __future__ import annotations

import re
import tomllib
from typing import Any, TypeVar

_T = TypeVar("_T")
_DEEPEST = 100
_BITS = 600
"""Of a whole number; Python refuses to write a much larger one out again, and no float holds it."""
_MOST_PARTS = 64
_LONG_KEY = re.compile(
    rf"""(?:\.[ \t]*+(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)[ \t]*+){{{_MOST_PARTS}}}"""  # a.b.c.d…
)


def checked(value: _T) -> _T:
    """Return values that were read from TOML or JSON; raise `ValueError` when they are too deep or too large."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if isinstance(each, int) and each.bit_length() > _BITS:
            raise ValueError("a number is too large")
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        waiting += [(item, depth + 1) for item in inner]
    return value


def toml(text: str) -> dict[str, Any]:
    """Read a text in TOML; raise `ValueError`, or `RecursionError` for a very deep one.

    The library takes the square of the length of a dotted key.
    """
    if _LONG_KEY.search(text):
        raise ValueError("a key has too many parts")
    return checked(tomllib.loads(text))
