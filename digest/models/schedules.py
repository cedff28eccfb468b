"""When an issue of a newsletter is due, and which days it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time whose posts an issue is about: `start <= offered_at < end`, both aware."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        # Python compares two times of one zone by what the clock shows, and an hour that comes twice shows it twice.
        return self.start.astimezone(UTC) <= instant.astimezone(UTC) < self.end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of every week, or of every so many weeks."""

    weekday: int
    """Monday is 0, as in `datetime.weekday()`."""
    every: int = 1
    first: date | None = None
    """A day of the rhythm, on that weekday, from which the weeks are counted forwards and backwards; needed when
    `every` is more than 1."""


@dataclass(frozen=True, slots=True)
class EveryDays:
    """Every so many days."""

    every: int
    first: date
    """A day of the rhythm, from which the days are counted forwards and backwards."""


@dataclass(frozen=True, slots=True)
class MonthlyOnDay:
    """A day of every month."""

    day: int
    """1 to 31; in a month that has no such day, its last one."""


@dataclass(frozen=True, slots=True)
class MonthlyOnWeekday:
    """A weekday of every month, such as its first Monday."""

    place: int
    """1 to 4, or -1 for the last one."""
    weekday: int


Rhythm = Weekly | EveryDays | MonthlyOnDay | MonthlyOnWeekday
"""On which local calendar days issues are due."""


@dataclass(frozen=True, slots=True)
class DaysBefore:
    """A moment so many days before the day on which the issue is due; 0 is that day."""

    days: int
    at: time


@dataclass(frozen=True, slots=True)
class LastWeekday:
    """The last such moment of a week that is not after the moment at which the issue is due."""

    weekday: int
    at: time


CutOff = DaysBefore | LastWeekday
"""A moment of every period, counted back from when the issue is due."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When issues are due and what they may still bring, by the clocks of one time zone."""

    rhythm: Rhythm
    at: time
    """The time of day at which an issue is due; naive, as all times and dates of a schedule."""
    time_zone: ZoneInfo
    cut_off: CutOff = DaysBefore(0, time.min)
    """By default the midnight with which the due day begins. Never after the due moment, and less than the shortest
    period before it."""
    build: CutOff | None = None
    """When the issue is made for people to look at, between the cut-off and the due moment; None for the due moment."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One due moment of a newsletter, and the period that it stands for."""

    period: str
    """Named after the local date for which the issue is due: its ISO week `2026-W47` in a weekly rhythm, its month
    `2026-11` in a monthly one, else the date `2026-11-22`."""
    due_at: datetime
    window: Window
    """From the previous slot's cut-off to this one's."""
    build_at: datetime
    """When its issue is made: not before the window ends, not after the due moment."""
