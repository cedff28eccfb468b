"""Decides from the first lines of a file how new its post can be at the most, without parsing them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

_DAY = re.compile(rb"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


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
    for key in _pattern(keys).finditer(settings):
        written = _DAY.match(settings, key.end())
        try:
            day = date(int(written[1]), int(written[2]), int(written[3])) if written else None
        except ValueError:
            day = None
        if day is None:
            return None
        found = max(found, day) if found else day
    return found


@cache
def _pattern(keys: tuple[str, ...]) -> re.Pattern[bytes]:
    names = "|".join(re.escape(key.lower()) for key in (*keys, "hold_until"))
    return re.compile(rb"(?:%s)[\"']?\s*[:=][ \t]*[\"']?" % names.encode())
