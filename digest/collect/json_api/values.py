"""Decides how a value is taken out of JSON that may hold anything: what is not of the right kind is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from digest.collect.problems import whole_characters

Record = Mapping[str, object]
"""An object of JSON."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[-+]\d\d:?\d\d)?", re.ASCII)


def at(value: object, *path: str | int) -> object:
    """Follow keys and positions into a value; None when one of them is not there."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str:
    """Return the text at the end of a path; nothing when there is none."""
    found = at(value, *path)
    return whole_characters(found) if isinstance(found, str) else ""


def list_at(value: object, *path: str | int) -> list[object]:
    """Return the list at the end of a path; an empty one when there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def moment_at(value: object, *path: str | int) -> datetime | None:
    """Return the date and time at the end of a path, aware when it has an offset; None when there is none."""
    said = text_at(value, *path)
    try:
        return datetime.fromisoformat(said) if _MOMENT.fullmatch(said) else None
    except ValueError:
        return None


def zone_named(name: str) -> tzinfo | None:
    """Return the zone of this name in the IANA list; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):
        return None


def zone_of_hours(hours: object) -> tzinfo | None:
    """Return the zone that lies this many hours, a number or a text, east of Greenwich; None for what is no offset."""
    try:
        minutes = round(float(hours) * 60) if isinstance(hours, int | float | str) and hours != "" else 900
    except (ValueError, OverflowError):
        return None
    if abs(minutes) >= 900:
        return None
    return timezone(timedelta(minutes=minutes)) if minutes else UTC
