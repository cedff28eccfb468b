"""Decides from the first lines of a file how new its post can be at the most, without parsing them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

_SAID = re.compile(rb"[\"']?\s*[:=][ \t]*[\"']?(?:(\d{4})-(\d{1,2})-(\d{1,2})(?!\d))?")
"""What follows a key: the sign between it and its value, and the day, where it is written as 2026-01-31."""


def latest(head: bytes, keys: tuple[str, ...], end: re.Pattern[bytes], named: date | None = None) -> date | None:
    """Return the latest day that the settings at the top of a file can mean; None when only parsing can tell.

    `keys` are the names under which a date may stand, in any case; `end` finds where the settings end; `named` is
    the date in the file's name. When the settings do not end within `head`, or a date is not written as
    2026-01-31, nobody can tell.
    """
    closed = end.search(head, 3)
    if closed is None:
        return None
    settings = head[: closed.start()].lower()
    found = named
    for key in _lowered(keys):
        place = settings.find(key)
        while place >= 0:
            place += len(key)
            if said := _SAID.match(settings, place):
                day = _day(said)
                if day is None:
                    return None
                found = max(found, day) if found else day
            place = settings.find(key, place)
    return found


def _day(said: re.Match[bytes]) -> date | None:
    try:
        return date(int(said[1]), int(said[2]), int(said[3])) if said[1] else None
    except ValueError:
        return None


@cache
def _lowered(keys: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(key.lower().encode() for key in (*keys, "hold_until"))
