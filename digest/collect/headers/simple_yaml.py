"""Decides whether a text in YAML is so simple that its lines can be read one by one, and reads it.

Nearly every post's front matter is: settings of one line each, and lists of words. A full parser takes ten times as
long for the same answer, and a blog has thousands of posts. Whatever is not certain to be simple is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_UNUSUAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_INDICATORS = r"""\s\-?:,\[\]{}\#&*!|>'"%@`"""
_SETTING = re.compile(
    rf"""([A-Za-z_][A-Za-z0-9_-]{{0,99}}):(?:\ +(?:
        "([^"\\\n]*)" | '((?:[^'\n]|'')*)' | \[([^\n]*)\] | ([^{_INDICATORS}][^\n]*?)
    ))?\ *(?:\n|\Z)""",
    re.VERBOSE,
)
"""A line with one setting: its key, and its value in double quotes, in single quotes, in brackets, or bare."""
_ITEM = re.compile(
    rf"""(\ *)-\ +(?: "([^"\\\n]*)" | '((?:[^'\n]|'')*)' | ([^{_INDICATORS}][^\n]*?) )\ *(?:\n|\Z)""", re.VERBOSE
)
"""A line with one word of a list."""
_NOTHING = re.compile(r"(?:\ *(?:\n|\Z)|\#[^\n]*(?:\n|\Z))")
_LONGEST_NUMBER = 200
_WORDS = re.compile(r'\ *"[^"\\]*"\ *(?:,\ *"[^"\\]*"\ *)*')
_WORD = re.compile(r'"([^"\\]*)"')
_LISTED = re.compile(
    rf"""\ *(?: "([^"\\]*)" | '((?:[^']|'')*)' | ([^{_INDICATORS}][^:,\[\]{{}}\#&*!|>'"%@`?]*?) )\ *(,|\Z)""",
    re.VERBOSE,
)


class NotSimpleError(ValueError):
    """The text needs a full parser."""


def read(text: str, plain: Callable[[str], object]) -> tuple[dict[str, object], dict[str, int]]:
    """Return the settings of a text and the line of each, from 1; raise `NotSimpleError`.

    `plain` says what a scalar without quotes means, or raises `ValueError`: then a full parser shall tell the place.
    """
    if _UNUSUAL.search(text):
        raise NotSimpleError
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    waiting, items = "", _no_items()
    place, number, end, indent = 0, 0, len(text), ""
    while place < end:
        number += 1
        if found := _SETTING.match(text, place):
            key, double, single, listed, bare = found.groups()
            if key in values or not _means_itself(key, plain):
                raise NotSimpleError
            waiting = ""
            if double is not None:
                values[key] = double
            elif bare is not None:
                values[key] = _bare(bare, plain)
            elif listed is not None:
                values[key] = _list(listed, plain)
            elif single is not None:
                values[key] = _quoted(None, single)
            else:
                values[key], waiting, items = plain(""), key, _no_items()
            lines[key] = number
        elif found := _ITEM.match(text, place):
            if not waiting or (items and found[1] != indent):
                raise NotSimpleError
            indent = found[1]
            items.append(_quoted(found[2], found[3]) if found[4] is None else _bare(found[4], plain))
            values[waiting] = items
        elif not (found := _NOTHING.match(text, place)):
            raise NotSimpleError
        place = found.end()
    return values, lines


def _no_items() -> list[object]:
    return []


@lru_cache(maxsize=1_000)
def _means_itself(key: str, plain: Callable[[str], object]) -> bool:
    """Tell whether a key is the text it looks like; `yes` and `null` are not."""
    return plain(key) == key


def _list(inside: str, plain: Callable[[str], object]) -> list[object]:
    if _WORDS.fullmatch(inside):
        return [*_WORD.findall(inside)]
    items: list[object] = []
    place, more = 0, bool(inside.strip(" "))
    while more:
        found = _LISTED.match(inside, place)
        if found is None:
            raise NotSimpleError
        items.append(_quoted(found[1], found[2]) if found[3] is None else _bare(found[3], plain))
        place, more = found.end(), found[4] == ","
    return items


def _quoted(double: str | None, single: str | None) -> str:
    return double if double is not None else (single or "").replace("''", "'")


def _bare(said: str, plain: Callable[[str], object]) -> object:
    if ": " in said or " #" in said or said[-1] == ":":
        raise NotSimpleError
    try:
        return scalar(said, plain)
    except ValueError as error:
        raise NotSimpleError from error


def scalar(said: str, plain: Callable[[str], object]) -> object:
    """Return what a scalar without quotes means; a number that is too long to be one stays text.

    Python refuses to write such a number out again, and some take the square of their length to read.
    """
    return said if len(said) > _LONGEST_NUMBER and said[0] in "+-.0123456789" else plain(said)
