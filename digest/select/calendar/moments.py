"""From a local day and what the clock on the wall shows to a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.models import CutOff, DaysBefore, Schedule


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
    return _before_due(schedule, schedule.cut_off, day)


def build(schedule: Schedule, day: date) -> datetime:
    """Return the moment at which the issue that is due for `day` is made."""
    if schedule.build is None:
        return due(schedule, day)
    # Where the clocks skip one of two moments and not the other, their order may be another.
    return max(_before_due(schedule, schedule.build, day), cut_off(schedule, day), key=instant)


def days_before(rule: CutOff, weekday: int, at: time) -> int:
    """Return how many days before the due day a rule's moment is, for an issue due on a weekday at a time."""
    if isinstance(rule, DaysBefore):
        return rule.days
    days = (weekday - rule.weekday) % 7
    return 7 if days == 0 and rule.at > at else days


def _before_due(schedule: Schedule, rule: CutOff, day: date) -> datetime:
    days = days_before(rule, day.weekday(), schedule.at)
    # Where the clocks skip this moment but not the due time, it would come later than that.
    return min(moment(day - timedelta(days=days), rule.at, schedule.time_zone), due(schedule, day), key=instant)


def instant(local: datetime) -> datetime:
    """Return a moment in UTC: Python compares two times of one zone by the clock, not by which of them comes first."""
    return local.astimezone(UTC)
