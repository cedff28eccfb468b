"""What a period is called: readable, unique within a schedule, and named after the day for which the issue is due.

That day is the one of the calendar, even where a clock change across midnight moves the moment to the day after.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Literal

from digest.models import EveryDays, Rhythm, Schedule, Weekly
from digest.select.calendar.rhythm import day_of, number_at

Kind = Literal["week", "month", "date"]

_FORMS = {
    "week": re.compile(r"([0-9]{4})-W([0-9]{2})"),
    "month": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "date": re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
}
_SOME_DAY = date(2026, 1, 25)


def kind_of(rhythm: Rhythm) -> Kind:
    """Return what the periods of a rhythm are."""
    if isinstance(rhythm, Weekly):
        return "week"
    return "date" if isinstance(rhythm, EveryDays) else "month"


def key_of(rhythm: Rhythm, day: date) -> str:
    """Return the name of the period whose issue is due for `day`."""
    kind = kind_of(rhythm)
    if kind == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return day.isoformat() if kind == "date" else f"{day.year:04d}-{day.month:02d}"


def last_day(kind: Kind, period: str) -> date | None:
    """Return the last day of the week, month or date that a period names; None when it is of another kind.

    Raise `ValueError`, with a sentence for people, when there is no such week, month or date.
    """
    match = _FORMS[kind].fullmatch(period)
    if not match:
        return None
    year, *parts = (int(part) for part in match.groups())
    try:
        if kind == "week":
            return date.fromisocalendar(year, parts[0], 7)
        if kind == "date":
            return date(year, *parts)
        return date(year, parts[0], monthrange(year, parts[0])[1])
    except ValueError:
        raise ValueError(f"there is no {kind} {period}") from None


def example_period(schedule: Schedule) -> str:
    """Return the name of some period of the schedule, for messages; always the same one."""
    return key_of(schedule.rhythm, day_of(schedule.rhythm, number_at(schedule.rhythm, _SOME_DAY)))
