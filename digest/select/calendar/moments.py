"""From a local day and what the clock on the wall shows to a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.models import DaysBefore, Schedule


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in `zone`, at which its clocks show a day and a time.

    A time that a clock change skips is as much later as the clocks go forward (mostly an hour), as cron does it; one
    that comes twice is its first occurrence.
    """
    return datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone)


def due(schedule: Schedule, day: date) -> datetime:
    """Return the moment at which the issue for `day` is due."""
    return moment(day, schedule.at, schedule.time_zone)


def cut_off(schedule: Schedule, day: date) -> datetime:
    """Return the moment before which a post must be offered to be in the issue that is due for `day`."""
    rule, zone = schedule.cut_off, schedule.time_zone
    if isinstance(rule, DaysBefore):
        days = rule.days
    else:
        days = (day.weekday() - rule.weekday) % 7
        if days == 0 and rule.at > schedule.at:
            days = 7
    # Where the clocks skip the cut-off but not the due time, it would come later than that.
    return min(moment(day - timedelta(days=days), rule.at, zone), due(schedule, day), key=instant)


def instant(local: datetime) -> datetime:
    """Return a moment in UTC: Python compares two times of one zone by the clock, not by which of them comes first."""
    return local.astimezone(UTC)
