"""Decides whether a path matches a pattern such as `/{posts,posts/**}`, in time that grows with both and no faster."""

from __future__ import annotations

from functools import lru_cache

_MOST = 64
"""Alternatives in braces that are tried; nobody writes more."""


def matches(pattern: str, path: str) -> bool:
    """Tell whether the whole path matches, in any case: `*` stops at `/`, `**` does not, `{a,b}` and `[a-c]` choose."""
    return any(_matches(each, path.lower()) for each in _alternatives(pattern.lower()))


@lru_cache(256)
def _alternatives(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Spell the braces out; each alternative is a row of signs: a character, `?`, `*`, `**` or a `[class]`."""
    found: list[tuple[str, ...]] = []
    waiting = [pattern]
    while waiting and len(found) + len(waiting) <= _MOST:
        each = waiting.pop()
        close = each.find("}")
        begin = each.rfind("{", 0, close) if close >= 0 else -1
        if begin < 0:
            found.append(_signs(each))
        else:
            waiting += [each[:begin] + choice + each[close + 1 :] for choice in each[begin + 1 : close].split(",")]
    return tuple(found)


def _signs(pattern: str) -> tuple[str, ...]:
    signs, at = [], 0
    while at < len(pattern):
        end = pattern.find("]", at + 2) if pattern[at] == "[" else -1
        size = 2 if pattern[at : at + 2] == "**" or pattern[at] == "\\" else end - at + 1 if end > 0 else 1
        signs.append(pattern[at : at + size])
        at += size
    return tuple(signs)


def _matches(signs: tuple[str, ...], path: str) -> bool:
    """Walk along the path with the set of places in the pattern that are reached so far."""
    reached = _past_stars({0}, signs)
    for character in path:
        following = set()
        for place in reached:
            if place < len(signs) and _takes(signs[place], character):
                following.add(place if signs[place] in {"*", "**"} else place + 1)
        reached = _past_stars(following, signs)
        if not reached:
            return False
    return len(signs) in reached


def _past_stars(places: set[int], signs: tuple[str, ...]) -> set[int]:
    for place in sorted(places):
        following = place
        while following < len(signs) and signs[following] in {"*", "**"}:
            following += 1
            places.add(following)
    return places


def _takes(sign: str, character: str) -> bool:
    match sign:
        case "**":
            return True
        case "*" | "?":
            return character != "/"
        case _ if len(sign) > 2:
            return _in_class(sign[1:-1], character)
        case _:
            return sign.removeprefix("\\") == character or sign == character


def _in_class(inner: str, character: str) -> bool:
    refused = inner.startswith(("!", "^"))
    inner = inner.lstrip("!^")
    ranged = any(
        inner[at : at + 1] <= character <= inner[at + 2 : at + 3]
        for at in range(len(inner) - 2)
        if inner[at + 1] == "-"
    )
    return (ranged or character in inner.replace("-", "")) is not refused
