"""Decides which outcomes of a reading are worth another try, and after how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

PASSING = frozenset({429, 502, 503, 504})
"""What a server says when it may answer soon."""
LONGEST_PAUSE = 60.0
"""Seconds: nobody waits longer than that, and a server that asks for more is not asked again."""
FIRST_PAUSE = 1.0
"""Seconds before the second try; each further one waits twice as long."""


def pause_after(tried: int) -> float:
    """Return the seconds to wait after a connection failed for the `tried`th time."""
    return min(FIRST_PAUSE * 2.0 ** (tried - 1), LONGEST_PAUSE)


def pause_before_asking_again(tried: int, status: int, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait after an answer; None when it would not change, or not so soon."""
    if status not in PASSING:
        return None
    asked = _asked(headers)
    if asked is None:
        return pause_after(tried)
    return asked if asked <= LONGEST_PAUSE else None


def _asked(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After: a number, or a date that is compared with the answer's own."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    until, answered_at = _date(said), _date(headers.get("date", ""))
    return max(0.0, (until - answered_at).total_seconds()) if until and answered_at else None


def _date(said: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else None
