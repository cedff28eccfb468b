"""On which local calendar days issues are due: the days of a rhythm, counted by whole numbers."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, timedelta

from digest.models import EveryDays, MonthlyOnDay, MonthlyOnWeekday, Rhythm, Weekly

_A_MONDAY = date(2001, 1, 1)
_WEEK = 7
_SHORTEST_MONTH = 28


def day_of(rhythm: Rhythm, number: int) -> date:
    """Return the day with a number; the one with the next number is the next day of the rhythm.

    Raise `OverflowError` beyond the years 1 to 9999.
    """
    if isinstance(rhythm, MonthlyOnDay | MonthlyOnWeekday):
        year, month = divmod(number, 12)
        if not MINYEAR <= year <= MAXYEAR:
            raise OverflowError(f"there is no year {year}")
        return date(year, month + 1, _day_of_month(rhythm, year, month + 1))
    first, step = _steps(rhythm)
    return first + timedelta(days=number * step)


def number_at(rhythm: Rhythm, day: date) -> int:
    """Return the number of the rhythm's last day that is not after `day`."""
    if isinstance(rhythm, MonthlyOnDay | MonthlyOnWeekday):
        number = day.year * 12 + day.month - 1
        return number if day.day >= _day_of_month(rhythm, day.year, day.month) else number - 1
    first, step = _steps(rhythm)
    return (day - first).days // step


def shortest_period(rhythm: Rhythm) -> int:
    """Return how many days lie between two issues at least."""
    if isinstance(rhythm, MonthlyOnDay | MonthlyOnWeekday):
        return _SHORTEST_MONTH
    return _steps(rhythm)[1]


def due_weekdays(rhythm: Rhythm) -> frozenset[int]:
    """Return the weekdays on which issues may be due; Monday is 0."""
    if isinstance(rhythm, Weekly | MonthlyOnWeekday):
        return frozenset({rhythm.weekday})
    if isinstance(rhythm, EveryDays) and rhythm.every % _WEEK == 0:
        return frozenset({rhythm.first.weekday()})
    return frozenset(range(_WEEK))


def _steps(rhythm: Rhythm) -> tuple[date, int]:
    """Return a day of a rhythm of equal steps, and their length in days."""
    if isinstance(rhythm, Weekly):
        return rhythm.first or _A_MONDAY + timedelta(days=rhythm.weekday), rhythm.every * _WEEK
    if isinstance(rhythm, MonthlyOnDay | MonthlyOnWeekday):
        raise TypeError("months have no equal length")
    return rhythm.first, rhythm.every


def _day_of_month(rhythm: MonthlyOnDay | MonthlyOnWeekday, year: int, month: int) -> int:
    first_weekday, length = monthrange(year, month)
    if isinstance(rhythm, MonthlyOnDay):
        return min(rhythm.day, length)
    earliest = 1 + (rhythm.weekday - first_weekday) % _WEEK
    if rhythm.place > 0:
        return earliest + (rhythm.place - 1) * _WEEK
    return earliest + (length - earliest) // _WEEK * _WEEK
