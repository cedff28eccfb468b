"""The words of a schedule: names of weekdays, places in a month, times of day and dates."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = {name: number for number, day in enumerate(_DAYS) for name in (day, day[:3])}
"""Full and short names; Monday is 0."""
PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
WEEKS_AT_MOST = 52
DAYS_AT_MOST = 366
KNOWN = {*WEEKDAYS, *PLACES, "every", "week", "weeks", "day", "days", "monthly", "from", "before"}

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def written(text: str) -> str:
    """Return a line with one space between its words, small letters and half-width figures."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def day_name(weekday: int) -> str:
    """Return the name of a weekday as it stands in a sentence: `Monday`."""
    return _DAYS[weekday].capitalize()


def short_name(weekday: int) -> str:
    """Return the name of a weekday as it stands in a schedule: `mon`."""
    return _DAYS[weekday][:3]


def time_in(word: str) -> time | None:
    """Return the time of day that a word is, such as `8:00`; None when it is none."""
    found = _TIME.fullmatch(word)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def date_in(word: str) -> date | None:
    """Return the date that a word is, such as `2026-11-02`; None when it is none."""
    try:
        return date.fromisoformat(word) if _DATE.fullmatch(word) else None
    except ValueError:
        return None
