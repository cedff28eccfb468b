"""Decides how a save is told in the message of its commit: the file, then what changed, in plain words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

_LONGEST = 60
"""Characters of a value."""
_NAMED = 3
"""Settings that the first line names."""
_MOST_LINES = 4_000
"""Of a text; comparing takes time that grows with the square."""


def message(name: str, before: str, after: str, back_to: datetime | None = None) -> str:
    """Return the message of the commit that makes `after` of `before`; `name` is the file's: `weekly/style.css`.

    `back_to` is when the save was made that is taken back.
    """
    settings = tuple(_settings(before, after)) if name.endswith(".toml") else ()
    if back_to:
        first = f"{name}: bring back what it said before {back_to:%Y-%m-%d %H:%M} UTC"
    elif settings:
        keys = [key for key, _, _ in settings]
        rest = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
        first = f"{name}: change {', '.join(keys[:_NAMED])}{rest}"
    else:
        first = f"{name}: {_lines(before, after)}"
    told = [f"{key}: {_shown(old)} -> {_shown(new)}" for key, old, new in settings]
    return "\n".join([first, *([""] if told else []), *told]) + "\n"


def _settings(before: str, after: str) -> Iterator[tuple[str, object, object]]:
    """Give the settings that differ, with what they were and are; None for one that was or is not there."""
    try:
        old, new = dict(_flat(tomllib.loads(before))), dict(_flat(tomllib.loads(after)))
    except tomllib.TOMLDecodeError:
        return
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _flat(table: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", value


def _lines(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _MOST_LINES:
        return "change it"
    added = removed = 0
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind != "equal":
            removed += end - start
            added += new_end - new_start
    said = [f"{_counted(count)} {what}" for count, what in ((added, "added"), (removed, "removed")) if count]
    return ", ".join(said) or "change the ends of lines"


def _counted(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _shown(value: object) -> str:
    if value is None:
        return "(none)"
    text = " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
