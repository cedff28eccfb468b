"""Decides under which pattern of addresses a page stands, and what is put in for each part of the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.collect.headers import go_time
from digest.collect.hugo.globs import matches

_PART = re.compile(r":(\w+)(\[[^\]]{1,40}\])?", re.ASCII)
_COLON = "\0"
"""Stands for an escaped colon while a pattern is filled in."""


class UnknownPartError(ValueError):
    """A pattern holds a part that Hugo does not know."""

    def __init__(self, part: str) -> None:
        super().__init__(f"“:{part}” is no part of a permalink that Hugo knows")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of addresses for the pages whose path matches."""

    target: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What a page has to put into a pattern; texts are as written and not yet fit for an address."""

    date: datetime | None
    section: str
    sections: Sequence[str]
    """The folders of the sections above the page, the outermost first."""
    section_names: Sequence[str]
    """Slug, else title, of each of these sections."""
    title: str
    slug: str
    name: str


def rules(said: object) -> tuple[Rule, ...]:
    """Read the `permalinks` settings: by section, by kind and section, or as a list of targets and patterns."""
    if isinstance(said, list):
        return tuple(rule for entry in said if isinstance(entry, dict) for rule in _listed(entry))
    found = []
    for key, value in said.items() if isinstance(said, dict) else ():
        inner = value if isinstance(value, dict) and key == "page" else {key: value}
        found += [Rule(_target(section), pattern) for section, pattern in inner.items() if isinstance(pattern, str)]
    return tuple(found)


def pattern_for(found: Sequence[Rule], path: str) -> str:
    """Return the pattern of the first rule that matches a path such as `/posts/one`; empty when none does."""
    return next((rule.pattern for rule in found if matches(rule.target, path)), "")


def check(pattern: str) -> None:
    """Raise `UnknownPartError` unless every part of the pattern is known."""
    for part in _PART.finditer(pattern.replace("\\:", _COLON)):
        if part[1] not in _PARTS and not go_time.is_layout(part[1]):
            raise UnknownPartError(part[1])


def uses_date(pattern: str) -> bool:
    """Tell whether the pattern holds a part that is made of the page's date."""
    parts = {part[1] for part in _PART.finditer(pattern.replace("\\:", _COLON))}
    return any(part in _OF_DATE or part not in _PARTS for part in parts)


def filled(pattern: str, parts: Parts, fit: Callable[[str], str]) -> str:
    """Fill in the pattern; `fit` makes a text fit for an address. Raise `UnknownPartError`."""
    check(pattern)

    def value(part: re.Match[str]) -> str:
        return _value(part[1], part[2] or "", parts, fit)

    return _PART.sub(value, pattern.replace("\\:", _COLON)).replace(_COLON, ":")


def _listed(entry: Mapping[str, object]) -> list[Rule]:
    target, pattern = entry.get("target"), entry.get("pattern")
    target = target if isinstance(target, dict) else {}
    kind, path = target.get("kind"), target.get("path")
    if not isinstance(pattern, str) or (isinstance(kind, str) and kind and not matches(kind, "page")):
        return []
    return [Rule(path if isinstance(path, str) and path else "/**", pattern)]


def _target(section: str) -> str:
    section = section.strip(" /")
    return f"/{{{section},{section}/**}}" if section else "/*"


def _value(part: str, cut: str, parts: Parts, fit: Callable[[str], str]) -> str:
    if part in {"sections", "sectionslugs"}:
        names = parts.sections if part == "sections" else [fit(name) for name in parts.section_names]
        return "/".join(name for name in _sliced(names, cut) if name)
    return (_PARTS[part](parts, fit) if part in _PARTS else _dated(part, parts.date)) + cut


def _dated(layout: str, date: datetime | None) -> str:
    return go_time.written(date or datetime(1, 1, 1), layout)  # noqa: DTZ001 - Hugo's zero time, where no date is known


def _slug_or(text: Callable[[Parts], str]) -> Callable[[Parts, Callable[[str], str]], str]:
    return lambda parts, fit: fit(parts.slug) if parts.slug else fit(text(parts))


def _title(parts: Parts) -> str:
    return parts.title.replace("/", "-")


def _sunday_first(date: datetime | None) -> str:
    return str(((date or datetime(1, 1, 1)).weekday() + 1) % 7)  # noqa: DTZ001 - as above


_PARTS: dict[str, Callable[[Parts, Callable[[str], str]], str]] = {
    "year": lambda parts, _: str(parts.date.year if parts.date else 1),
    "month": lambda parts, _: _dated("01", parts.date),
    "monthname": lambda parts, _: _dated("January", parts.date),
    "day": lambda parts, _: _dated("02", parts.date),
    "weekday": lambda parts, _: _sunday_first(parts.date),
    "weekdayname": lambda parts, _: _dated("Monday", parts.date),
    "yearday": lambda parts, _: _dated("002", parts.date).lstrip("0"),
    "section": lambda parts, _: parts.section,
    "sectionslug": lambda parts, fit: fit(parts.section_names[0]) if parts.section_names else "",
    "sections": lambda parts, _: "/".join(parts.sections),
    "sectionslugs": lambda parts, fit: "/".join(fit(name) for name in parts.section_names),
    "title": lambda parts, fit: fit(_title(parts)),
    "slug": _slug_or(_title),
    "filename": lambda parts, fit: fit(parts.name),
    "contentbasename": lambda parts, fit: fit(parts.name),
    "slugorfilename": _slug_or(lambda parts: parts.name),
    "slugorcontentbasename": _slug_or(lambda parts: parts.name),
}


_OF_DATE = {"year", "month", "monthname", "day", "weekday", "weekdayname", "yearday"}


def _sliced(names: Sequence[str], cut: str) -> Sequence[str]:
    """Take a slice such as `[1:]`, `[:last]` or `[0]`; beyond the last name lies nothing."""
    if not cut:
        return names
    low, colon, high = cut[1:-1].lower().partition(":")
    start = _index(low, len(names), 0)
    if start >= len(names):
        return ()
    if not colon:
        return (names[start],)
    return names[start : min(_index(high, len(names), len(names)), len(names))]


def _index(written: str, size: int, otherwise: int) -> int:
    if not written:
        return otherwise
    if written == "last":
        return size - 1
    return int(written) if written.isdecimal() and len(written) < 6 else 0
