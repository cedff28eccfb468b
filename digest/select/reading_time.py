"""How long a post takes to read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

_CHARACTERS_A_MINUTE = 500
"""Japanese readers read 400 to 600 characters of running text a minute."""
_WORDS_A_MINUTE = 220

_IDEOGRAPHS_AND_KANA = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]+")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
_OPENING = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})|(?P<comment><!--)|<(?P<element>script|style|pre|svg|table|math)\b"
    r"|\{%-?\s*+(?P<block>highlight|comment)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Where something begins that is no running text."""
_MARKS = re.compile(
    r"<[^<>]*>|!\[[^\[\]]*\](?:\([^()]*\))?|\]\([^()]*\)|^ {0,3}\[[^\[\]\n]*\]:.*$|https?://\S+"
    r"|\{\{[^{}]*\}\}|\{%[^{}]*%\}",
    re.MULTILINE,
)


@lru_cache(maxsize=1_000)  # a post's rank, its reason and its mail ask alike
def reading_minutes(body: str) -> int:
    """Return the whole minutes, at least 1, that a Markdown body takes to read; 0 when it holds no words.

    Code, pictures, addresses and what a template fills in do not count.
    """
    text = _MARKS.sub(" ", " ".join(_running(body)))
    characters = sum(map(len, _IDEOGRAPHS_AND_KANA.findall(text)))
    words = len(_WORDS.findall(_IDEOGRAPHS_AND_KANA.sub(" ", text)))
    return math.ceil(characters / _CHARACTERS_A_MINUTE + words / _WORDS_A_MINUTE)


def _running(body: str) -> Iterator[str]:
    """Yield the pieces of running text; a fence that is never closed reaches to the end, as in Markdown."""
    position = start = 0
    endless: set[str] = set()
    while found := _OPENING.search(body, position):
        position = found.end()
        ending = _ending(found)
        if ending in endless:
            continue
        if closing := re.compile(ending, re.IGNORECASE | re.MULTILINE).search(body, position):
            yield body[start : found.start()]
            position = start = closing.end()
        elif found["fence"]:
            yield body[start : found.start()]
            return
        else:
            endless.add(ending)
    yield body[start:]


def _ending(opening: re.Match[str]) -> str:
    """Return the pattern of what ends a piece that is not read."""
    if fence := opening["fence"]:
        return rf"{fence[0]}{{{len(fence)},}}[ \t]*$"
    if opening["comment"]:
        return "-->"
    return rf"</{opening['element']}\s*>" if opening["element"] else rf"\{{%-?\s*+end{opening['block']}\s*+-?%\}}"
