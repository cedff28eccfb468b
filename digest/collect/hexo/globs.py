"""Decides which paths match the patterns in Hexo's settings, which are those of micromatch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST_PATTERNS = 1_000


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Tell whether the whole path matches one of the patterns; `*` does not stand for `/`, `**` does."""
    parts = path.split("/")
    return any(_match(parts, each.split("/")) for pattern in patterns for each in _without_braces(pattern))


def _without_braces(pattern: str) -> Iterator[str]:
    waiting, given = [pattern.removeprefix("./")], 0
    while waiting and given < _MOST_PATTERNS:
        each = waiting.pop()
        if braces := _BRACES.search(each):
            parts = islice(braces[1].split(","), _MOST_PATTERNS)
            waiting += [each[: braces.start()] + part + each[braces.end() :] for part in parts]
        else:
            given += 1
            yield each


def _match(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    """Match part by part; `reached` holds how many parts may be matched by the patterns so far."""
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {end + 1 for end in reached if end < len(parts) and _matches_part(parts[end], pattern)}
        if not reached:
            return False
    return len(parts) in reached


def _matches_part(part: str, pattern: str) -> bool:
    """Match one name; a name that begins with a dot only matches a pattern that does."""
    if part.startswith(".") and not pattern.startswith("."):
        return False
    return re.fullmatch(_translated(pattern), part) is not None


def _translated(pattern: str) -> str:
    """Return a regular expression whose stars never try a second time what they have passed."""
    stars = re.split(r"\*+", pattern)
    pieces = ["".join("." if sign == "?" else re.escape(sign) for sign in piece) for piece in stars]
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{middle}.*{pieces[-1]}"
