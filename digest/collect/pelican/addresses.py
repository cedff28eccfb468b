"""Decides what a pattern of Pelican's such as `{date:%Y}/{slug}.html` gives for a post; nothing else is evaluated."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Set
from datetime import datetime
from string import Formatter

_DIRECTIVE = re.compile(r"%(-?)(.)", re.DOTALL)
_NUMBERS = {
    "Y": "{0.year}", "m": "{0.month:02}", "d": "{0.day:02}", "H": "{0.hour:02}", "M": "{0.minute:02}",
    "S": "{0.second:02}", "f": "{0.microsecond:06}",
}  # fmt: skip
_WRITTEN = "aAbBcGIjpuUVwWxXyzZ"
"""What Python's own strftime writes, with the English names of days and months."""
_PART = re.compile(r"date\.(year|month|day|hour|minute|second)")
_WIDTH = re.compile(r"(?:0?\d{1,2})?d?")


_TOLD_BY_PATH = {"FILENAME_METADATA", "PATH_METADATA", "EXTRA_PATH_METADATA", "DEFAULT_METADATA"}
_SPELLING = {"SLUGIFY_USE_UNICODE", "SLUGIFY_PRESERVE_CASE", "SLUG_REGEX_SUBSTITUTIONS", "SLUG_SUBSTITUTIONS"}
_SPELT_BY = {
    "category": _SPELLING | {"CATEGORY_REGEX_SUBSTITUTIONS", "CATEGORY_SUBSTITUTIONS"},
    "author": _SPELLING | {"AUTHOR_REGEX_SUBSTITUTIONS", "AUTHOR_SUBSTITUTIONS"},
}
"""Part of a pattern -> the settings that spell it, whoever says it."""
_SAID_BY = {
    "slug": _SPELLING | {"SLUGIFY_SOURCE"},
    "category": {"DEFAULT_CATEGORY", "USE_FOLDER_AS_CATEGORY"},
    "author": {"AUTHOR"},
    "date": {"DEFAULT_DATE"},
    "lang": {"DEFAULT_LANG"},
}
"""Part of a pattern -> the settings that say it where a post does not."""


class UnknownPartError(ValueError):
    """A pattern asks for something that a post does not have."""


def fill(pattern: str, moment: datetime, values: Mapping[str, str]) -> str:
    """Return the pattern with its parts filled in; raise `UnknownPartError`."""
    made = []
    try:
        for text, name, form, conversion in Formatter().parse(pattern):
            made.append(text)
            if name is not None:
                made.append(_filled(name, form or "", conversion, moment, values))
    except UnknownPartError:
        raise
    except (ValueError, LookupError) as error:
        raise UnknownPartError(pattern) from error
    return "".join(made)


def is_guessed(setting: str, pattern: str, said: Container[str], unread: Set[str]) -> bool:
    """Tell whether a setting that nobody could read decides about the address of a post.

    `setting` is the name under which `pattern` stands, `said` holds the fields that the post says itself.
    """
    if unread & {setting, "CLEAN_URLS"} or ("lang" in said and "DEFAULT_LANG" in unread):
        return True
    parts = {name.partition(".")[0] for _, name, _, _ in Formatter().parse(pattern) if name} - {"path"}
    return any(
        unread & _SPELT_BY.get(part, set())
        or (part not in said and not _says_people(part, said) and unread & (_TOLD_BY_PATH | _SAID_BY.get(part, set())))
        for part in parts
    )


def _says_people(part: str, said: Container[str]) -> bool:
    return part == "author" and "authors" in said


def _filled(name: str, form: str, conversion: str | None, moment: datetime, values: Mapping[str, str]) -> str:
    if conversion:
        raise UnknownPartError(f"{name}!{conversion}")
    if name == "date":
        return _DIRECTIVE.sub(lambda found: _written(found, moment), form) if form else str(moment)
    if found := _PART.fullmatch(name):
        if not _WIDTH.fullmatch(form):
            raise UnknownPartError(f"{name}:{form}")
        return format(getattr(moment, found[1]), form)
    if name not in values or form not in {"", "s"}:
        raise UnknownPartError(name)
    return values[name]


def _written(found: re.Match[str], moment: datetime) -> str:
    if found[2] == "%":
        return "%"
    if found[2] in _NUMBERS:
        text = _NUMBERS[found[2]].format(moment)
    elif found[2] in _WRITTEN:
        text = moment.strftime(f"%{found[2]}")
    else:
        return found[0]
    return (text.lstrip("0") or "0") if found[1] else text
