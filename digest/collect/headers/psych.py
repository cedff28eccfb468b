"""Decides what a text in YAML means to Ruby, whose library Psych reads Jekyll's settings and front matter.

Ruby and Python disagree on plain scalars: `2026-02-30` is a string to Psych and an exception to PyYAML,
`12:30` is 45000 and not 750, `1e3` is text, `:x` is a symbol that Jekyll refuses.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from digest.collect.headers import yaml_text
from digest.collect.headers.yaml_text import Parsed

_WORD = re.compile(r"[^\d.:-]?[^\W\d_]|[^\d.:-]?[_\s!@#$%^&*(){}<>|/\\~;=]")
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.(\d*))?(?:\s*(Z|[-+]\d{1,2}:?(?:\d\d)?))?"
)
_DATE = re.compile(r"(\d{4})-(1[012]|0\d|\d)-([12]\d|3[01]|0\d|\d)")
_DECIMAL = re.compile(r"[1-9][0-9]{0,17}")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?")
_INTEGER = re.compile(r"[-+]?(?:0b[01_,]+|0[0-7_,]+|0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0x[0-9a-fA-F_,]+)")
_TRUTH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False, "null": None, "~": None}


def parse(text: str) -> Parsed:
    """Read a YAML text as Ruby would, except that a second document is an error: what stands there would be lost.

    Raise `yaml.YAMLError` with the place where it breaks, also for what Jekyll forbids (symbols, foreign objects).
    """
    return yaml_text.parse(text, plain)


def to_s(value: object) -> str:
    """Write a value as Ruby's `to_s` does: `true`, `7`, `3.1`, `2026-01-02`, `["a", "b"]`; nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            shown = value if value.tzinfo else value.replace(tzinfo=timezone.utc)  # noqa: UP017 - keeps one import
            return shown.strftime("%Y-%m-%d %H:%M:%S ") + ("UTC" if not shown.utcoffset() else shown.strftime("%z"))
        case list():
            return f"[{', '.join(_inspect(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{_inspect(key)}=>{_inspect(item)}' for key, item in value.items())}}}"
        case _:
            return str(value)


def _inspect(value: object) -> str:
    if value is None:
        return "nil"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else to_s(value)


def plain(text: str) -> object:
    """Return what a scalar without quotes means to Ruby; refuse a symbol."""
    if not text:
        return None
    if text[0] in "0123456789" and "\n" not in text:
        return int(text) if _DECIMAL.fullmatch(text) else _number_or_moment(text)
    if _WORD.match(text) or "\n" in text:
        return _TRUTH.get(text.lower(), text) if len(text) <= 5 else text
    if text.startswith(":") and len(text) > 1:
        raise yaml_text.PlainScalarError(f"the value {text} begins with a colon, which Ruby reads as a symbol")
    return _number_or_moment(text)


def _number_or_moment(text: str) -> object:
    try:
        if found := _TIME.fullmatch(text):
            return _moment(found)
        if found := _DATE.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _BASE_60.fullmatch(text):
            return _base_60(text, fraction=found[1] is not None)
        if _FLOAT.fullmatch(text) and text.strip("+-") != ".":
            return float(text.replace(",", "").replace("_", ""))
        if _INTEGER.fullmatch(text):
            return _integer(text.replace(",", "").replace("_", ""))
    except (ValueError, OverflowError):
        return text
    return text


def _moment(found: re.Match[str]) -> datetime:
    """Build a time as Ruby's `Time.utc` does: 30 February is 2 March, 24:00:00 is the next midnight."""
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    if not 1 <= day <= 31 or hour > 24 or (hour == 24 and minute + second) or minute > 59 or second > 60:
        raise ValueError(found[0])
    fraction = int(found[7][:6].ljust(6, "0")) if found[7] else 0
    zone = _zone(found[8])
    if day <= 28 and hour < 24 and second < 60:
        return datetime(year, month, day, hour, minute, second, fraction, zone)
    first = datetime(year, month, 1, tzinfo=zone)
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=fraction)


@lru_cache(maxsize=200)
def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    if offset == "Z":
        return timezone.utc  # noqa: UP017 - keeps one import
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-shift if offset[0] == "-" else shift)


def _base_60(text: str, *, fraction: bool) -> float | int:
    total = 0.0
    for place, part in enumerate(text.replace("_", "").split(":")):
        total += float(part) * 60 ** abs(place - 2)
    return total if fraction else int(total)


def _integer(text: str) -> int:
    bare = text.lstrip("+-")
    base = 16 if bare.startswith("0x") else 2 if bare.startswith("0b") else 8 if bare[0] == "0" and bare != "0" else 10
    return int(text, base)
