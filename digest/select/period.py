"""When an issue is due and which days it is about, in local calendar dates.

A local week has 167 or 169 hours when the clocks change, so windows are cut at local midnights and never counted
in hours. An issue's period is the ISO week of the local date on which it is due.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from digest.models import Slot, WeeklySchedule, Window

_WEEK = timedelta(days=7)
_PERIOD = re.compile(r"(\d{4})-W(\d{2})")


def latest_slot(schedule: WeeklySchedule, now: datetime) -> Slot:
    """Return the last slot whose time has come at `now` (aware)."""
    return next(slot for slot in reversed(_slots_around(schedule, now)) if slot.due_at <= now)


def next_slot(schedule: WeeklySchedule, now: datetime) -> Slot:
    """Return the first slot that lies after `now` (aware)."""
    return next(slot for slot in _slots_around(schedule, now) if slot.due_at > now)


def slot_of_period(schedule: WeeklySchedule, period: str) -> Slot:
    """Return the slot of a period such as `2026-W47`; `ValueError` when there is no such week."""
    match = _PERIOD.fullmatch(period)
    if not match:
        raise ValueError(f"'{period}' is not a week such as 2026-W47")
    try:
        return _slot_on(schedule, date.fromisocalendar(int(match[1]), int(match[2]), schedule.weekday + 1))
    except (ValueError, OverflowError):
        raise ValueError(f"there is no week {period}") from None


def _slots_around(schedule: WeeklySchedule, now: datetime) -> list[Slot]:
    """Return neighbouring slots, some before and some after `now`, by their nominal days.

    A clock change across midnight may move a due moment to another local date than the one it was written for.
    """
    today = now.astimezone(schedule.time_zone).date()
    day = today - timedelta(days=(today.weekday() - schedule.weekday) % 7)
    return [_slot_on(schedule, day + number * _WEEK) for number in (-2, -1, 0, 1, 2)]


def _slot_on(schedule: WeeklySchedule, day: date) -> Slot:
    zone = schedule.time_zone

    def local(on: date, at: time) -> datetime:
        # A wall time that the spring clock change skips becomes the moment an hour later, as cron does it; a
        # repeated one is its first occurrence.
        return datetime.combine(on, at, zone).astimezone(UTC).astimezone(zone)

    year, week, _ = day.isocalendar()
    return Slot(
        period=f"{year}-W{week:02d}",
        due_at=local(day, time(schedule.hour, schedule.minute)),
        window=Window(start=local(day - _WEEK, time.min), end=local(day, time.min)),
    )
