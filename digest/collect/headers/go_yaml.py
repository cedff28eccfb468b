"""Decides what a text in YAML means to Hugo, which reads it with goccy/go-yaml since 0.152.

Dates stay text, which Hugo reads later with the site's time zone; `yes`, `12:30` and `1e3` are text too, `007` is
seven and `089` is text.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

from digest.collect.headers import yaml_text
from digest.collect.headers.yaml_text import Parsed

_WORDS: dict[str, float | None] = {
    word: value
    for plain, value in (("null", None), ("true", True), ("false", False))
    for word in (plain, plain.capitalize(), plain.upper())
}
_WORDS |= {"~": None} | {
    sign + word: number
    for sign, number in (("", math.inf), ("+", math.inf), ("-", -math.inf))
    for word in (".inf", ".Inf", ".INF")
}
_WORDS |= dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan)
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_LARGEST = 2**64


def parse(text: str) -> Parsed:
    """Read a YAML text as Hugo does, except that a key written twice is told and no error.

    Raise `yaml.YAMLError` with the place where it breaks.
    """
    return yaml_text.parse(text, plain)


def plain(text: str) -> object:
    """Return what a scalar without quotes means."""
    if not text:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    number = _number(text)
    return text if number is None else number


def to_s(value: object) -> str:
    """Write a value as Hugo does where it wants a text: `true`, `7`, `3.1`; nothing for null, lists and mappings."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "+Inf" if value > 0 else "-Inf"
        case float():
            return format(Decimal(repr(value)), "f").removesuffix(".0")
        case str() | int():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return ""


def _number(text: str) -> int | float | None:
    bare = text.removeprefix("+").removeprefix("-").replace("_", "")
    sign = -1 if text.startswith("-") else 1
    dots = text.count(".")
    if dots > 1 or not bare.isascii() or not bare or bare[0] in "+-" or len(bare) > 400:
        return None
    try:
        if bare[:2] in _BASES:
            number = int(bare[2:], _BASES[bare[:2]])
        elif dots:
            return sign * float(bare) if bare[0] in ".0123456789" else None
        else:
            number = int(bare, 8 if bare[0] == "0" and len(bare) > 1 else 10)
    except ValueError:
        return None
    return sign * number if number < _LARGEST else None
