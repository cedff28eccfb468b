"""Decides what a text in YAML means to js-yaml, which reads the front matter of the generators written in JavaScript.

js-yaml 3 (inside of gray-matter: Docusaurus, Eleventy 2) still knows numbers with base 60 and a leading 0 for base 8;
js-yaml 4 (Astro, Eleventy 3, Hexo) does not. Both know `true` but not `yes`, take a time without an offset for UTC,
and let 30 February run on into March.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import yaml

from digest.collect.headers import yaml_text
from digest.collect.headers.yaml_text import Parsed

_KNOWN = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_SPECIAL = re.compile(r"(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?"
    r"(?:[ \t]*(?:Z|([-+])(\d\d?)(?::(\d\d))?))?",
    re.ASCII,
)

_INTEGER_3 = re.compile(
    r"([-+]?)(?:0b(?P<two>[01_]*[01])|0x(?P<sixteen>[0-9a-fA-F_]*[0-9a-fA-F])|0(?P<eight>[0-7_]*[0-7])"
    r"|(?P<ten>0|[1-9](?:[0-9_]*[0-9])?)|(?P<sixty>[1-9][0-9_]*(?::[0-5]?[0-9])+))"
)
_FLOAT_3 = re.compile(
    r"[-+]?(?:0|[1-9][0-9_]*)(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
)
_INTEGER_4 = re.compile(
    r"([-+]?)(?:0b(?P<two>[01]+)|0x(?P<sixteen>[0-9a-fA-F]+)|0o(?P<eight>[0-7]+)|(?P<ten>[0-9]+)|(?P<sixty>(?!)))"
)
_FLOAT_4 = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?")

_BASES = {"two": 2, "eight": 8, "ten": 10, "sixteen": 16}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 300
"""Digits; js-yaml 4 takes what is longer for text or infinity, and Python refuses to read it."""


def parse(text: str) -> Parsed:
    """Read a YAML text as js-yaml 3 does, which gray-matter uses; every moment in it is aware and in UTC.

    Raise `yaml.YAMLError` with the place where it breaks: also for a key that is written twice, and for a second
    document.
    """
    return _parse(text, plain)


def parse_4(text: str) -> Parsed:
    """Read a YAML text as js-yaml 4 does; the rest is as `parse` says."""
    return _parse(text, plain_4)


def plain(text: str) -> object:
    """Return what a scalar without quotes means to js-yaml 3."""
    return _value(text, _INTEGER_3, _FLOAT_3)


def plain_4(text: str) -> object:
    """Return what a scalar without quotes means to js-yaml 4, to which a number that is too large is text."""
    value = _value(text, _INTEGER_4, _FLOAT_4)
    return text if isinstance(value, float) and math.isinf(value) and text[-1].isdigit() else value


def instant(year: int, month: int, day: int, *clock: int, milliseconds: int = 0) -> datetime:
    """Return the moment in UTC that JavaScript's `Date.UTC` makes: what is too much runs over into the next part.

    `month` counts from 1, `clock` is hour, minute and second as far as they are known. Raise `ValueError` beyond
    the years 1 to 9999.
    """
    months = year * 12 + month - 1
    if year < 100:
        months += 1900 * 12  # Date.UTC takes 26 for 1926
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    first = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    try:
        return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, milliseconds=milliseconds)
    except OverflowError as error:
        raise ValueError(f"{year}-{month}-{day}") from error


def to_string(value: object) -> str:
    """Write a value as JavaScript's `String(value)` does, but null as nothing and a moment as ISO 8601 does."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if math.isnan(value) or math.isinf(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
        case list():
            return ",".join(to_string(item) for item in value)
        case Mapping():
            return "[object Object]"
        case _:
            return str(value)


def _parse(text: str, meaning: Callable[[str], object]) -> Parsed:
    parsed = yaml_text.parse(text, meaning)
    if parsed.duplicates:
        key, line = parsed.duplicates[0]
        mark = yaml.Mark("", 0, line - 1, 0, None, 0)
        raise yaml.constructor.ConstructorError(None, None, f"the key “{key}” is written twice", mark)
    return parsed


def _value(text: str, integer: re.Pattern[str], real: re.Pattern[str]) -> object:
    if text in _KNOWN:
        return _KNOWN[text]
    if not (text[0].isdigit() or text[0] in "+-.") or len(text) > _LONGEST_NUMBER:
        return text
    try:
        if found := _SPECIAL.fullmatch(text):
            return float(found[0].replace(".", ""))
        if found := integer.fullmatch(text):
            return _integer(found)
        if real.fullmatch(text) and text[-1] != "_":
            return _real(text.replace("_", ""))
        return _moment(text)
    except (ValueError, OverflowError):
        return text


def _integer(found: re.Match[str]) -> int:
    sign = -1 if found[1] == "-" else 1
    if found["sixty"]:
        return sign * int(_base_60(found["sixty"].replace("_", "")))
    written, base = next((found[name], base) for name, base in _BASES.items() if found[name])
    return sign * int(written.replace("_", ""), base)


def _real(text: str) -> float | int:
    size = text.lstrip("+-")
    value = (_base_60(size) if ":" in size else float(size)) * (-1 if text[0] == "-" else 1)
    return int(value) if value.is_integer() else value  # JavaScript has one kind of number: 1.0 is 1


def _base_60(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def _moment(text: str) -> object:
    if found := _DATE.fullmatch(text):
        return instant(int(found[1]), int(found[2]), int(found[3]))
    if not (found := _TIME.fullmatch(text)):
        return text
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    moment = instant(year, month, day, hour, minute, second, milliseconds=int((found[7] or "")[:3].ljust(3, "0")))
    shift = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    return moment + shift if found[8] == "-" else moment - shift
