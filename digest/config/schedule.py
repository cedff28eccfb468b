"""`schedule`, `cut_off` and `build` of a newsletter: one line each that people can read, and what it means.

mon 08:00                                    every week
every 2 weeks mon 08:00 from 2026-11-02      counted from a day that has an issue
every 10 days 08:00 from 2026-11-02
monthly 1 08:00                              29 to 31 are the last day of a shorter month
monthly last 08:00
monthly first mon 08:00                      first to fourth, or last

fri 18:00                                    cut-off and build: the last such moment before the issue is due
2 days before 18:00
00:00                                        on the day on which it is due
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from zoneinfo import ZoneInfo

from digest.config.schedule_mistakes import as_line, must, nearest_cut_off, nearest_schedule, no_cut_off, no_schedule
from digest.config.schedule_words import (
    DAYS_AT_MOST,
    PLACES,
    WEEKDAYS,
    WEEKS_AT_MOST,
    date_in,
    day_name,
    time_in,
    written,
)
from digest.models import (
    CutOff,
    DaysBefore,
    EveryDays,
    LastWeekday,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rhythm,
    Schedule,
    Weekly,
)
from digest.select.calendar.moments import days_before
from digest.select.calendar.rhythm import due_weekdays, shortest_period

_WEEKDAY = rf"(?P<weekday>{'|'.join(WEEKDAYS)})"
_TIME = r"(?P<time>[0-9]{1,2}:[0-9]{2})"
_EVERY = r"every (?:(?P<every>[0-9]{1,9}) )?"
_FROM = r"(?: from (?P<first>\S+))?"
_WEEKLY = re.compile(rf"{_WEEKDAY} {_TIME}")
_EVERY_WEEKS = re.compile(rf"{_EVERY}weeks? {_WEEKDAY} {_TIME}{_FROM}")
_EVERY_DAYS = re.compile(rf"{_EVERY}days? {_TIME}{_FROM}")
_MONTHLY_ON_DAY = re.compile(rf"monthly (?P<day>[0-9]{{1,9}}|last) {_TIME}")
_MONTHLY_ON_WEEKDAY = re.compile(rf"monthly (?P<place>{'|'.join(PLACES)}) {_WEEKDAY} {_TIME}")
_CUT_OFF = re.compile(rf"(?:{_WEEKDAY} |(?P<days>[0-9]{{1,9}}) days? before )?{_TIME}")

_LAST_DAY = 31
_WEEK = 7
_MIDNIGHT = DaysBefore(0, time.min)
_ANY_DAY = date(2026, 11, 2)
"""From whichever day they are counted, daily issues are the same."""


def read_schedule(
    schedule: str, cut_off: str | None, time_zone: ZoneInfo, build: str | None = None, *, is_reviewed: bool = False
) -> Schedule:
    """Read the lines of a newsletter; without a cut-off it is the midnight with which the due day begins.

    An issue that people are shown before it leaves is made at `build`, by default the cut-off; any other when it is
    due. Raise `ValueError` with a sentence that says what is allowed, and the nearest right form.
    """
    rhythm, at = read_rhythm(schedule)
    closes = _MIDNIGHT if cut_off is None else read_cut_off(cut_off, rhythm, at)
    if not is_reviewed:
        return Schedule(rhythm, at, time_zone, closes)
    return Schedule(rhythm, at, time_zone, closes, read_build(build, cut_off, rhythm, at) if build else closes)


def read_rhythm(text: str) -> tuple[Rhythm, time]:
    """Read on which days and at which time of day issues are due. Raise `ValueError`, as `read_schedule`."""
    line = written(text)
    readers: dict[re.Pattern[str], Callable[[re.Match[str]], Rhythm]] = {
        _WEEKLY: _weekly,
        _EVERY_WEEKS: _every_weeks,
        _EVERY_DAYS: _every_days,
        _MONTHLY_ON_DAY: _monthly_on_day,
        _MONTHLY_ON_WEEKDAY: _monthly_on_weekday,
    }
    for form, read in readers.items():
        if found := form.fullmatch(line):
            at = time_in(found["time"])
            if at is None:
                raise must("have a time of day from 00:00 to 23:59", nearest_schedule(line))
            return read(found), at
    raise no_schedule(line)


def read_cut_off(text: str, rhythm: Rhythm, at: time) -> CutOff:
    """Read the content cut-off of issues that are due in a rhythm, at a time of day.

    Raise `ValueError`: it cannot be understood, or may be after the due moment or a whole period before it.
    """
    line = written(text)
    return _read_moment(line, rhythm, at, nearest_cut_off(line, shortest_period(rhythm), at))


def read_build(text: str, cut_off: str | None, rhythm: Rhythm, at: time) -> CutOff:
    """Read when issues are made; `cut_off` is the line of their content cut-off.

    Raise `ValueError`: it cannot be understood, or may be before the cut-off or after the due moment.
    """
    line = written(text)
    closes = _MIDNIGHT if cut_off is None else read_cut_off(cut_off, rhythm, at)
    nearest = nearest_cut_off(line, shortest_period(rhythm), at)
    if _may_be_before(read_cut_off(nearest, rhythm, at), closes, rhythm, at):
        nearest = as_line(closes)
    rule = _read_moment(line, rhythm, at, nearest)
    if _may_be_before(rule, closes, rhythm, at):
        raise must(f"not be before the cut-off ({as_line(closes)}): later posts belong to the issue, too", nearest)
    return rule


def _may_be_before(rule: CutOff, other: CutOff, rhythm: Rhythm, at: time) -> bool:
    """Tell whether in some period the moment of one rule comes before that of another."""

    def moment(each: CutOff, weekday: int) -> tuple[int, time]:
        return -days_before(each, weekday, at), each.at

    return any(moment(rule, weekday) < moment(other, weekday) for weekday in due_weekdays(rhythm))


def _read_moment(line: str, rhythm: Rhythm, at: time, nearest: str) -> CutOff:
    period, found = shortest_period(rhythm), _CUT_OFF.fullmatch(line)
    if not found:
        raise no_cut_off(line, nearest)
    moment = time_in(found["time"])
    if moment is None:
        raise must("have a time of day from 00:00 to 23:59", nearest)
    if found["weekday"]:
        if period < _WEEK:
            raise must(f"be less than one period ({_days(period)}) before the issue is due", nearest)
        return LastWeekday(WEEKDAYS[found["weekday"]], moment)
    days = int(found["days"] or 0)
    if days == 0 and moment > at:
        raise must(f"not be after the issue is due at {at:%H:%M}", nearest)
    if days > period or (days == period and moment <= at):
        raise must(f"be less than one period ({_days(period)}) before the issue is due", nearest)
    return DaysBefore(days, moment)


def _weekly(found: re.Match[str]) -> Weekly:
    return Weekly(WEEKDAYS[found["weekday"]])


def _every_weeks(found: re.Match[str]) -> Weekly:
    every, first = _count(found, WEEKS_AT_MOST, "weeks"), _first(found)
    weekday = WEEKDAYS[found["weekday"]]
    if first and first.weekday() != weekday:
        wanted, is_a = day_name(weekday), day_name(first.weekday())
        raise must(f"be counted from a {wanted} (and {first} is a {is_a})", nearest_schedule(found.string))
    return Weekly(weekday, every, first)


def _every_days(found: re.Match[str]) -> EveryDays:
    every, first = _count(found, DAYS_AT_MOST, "days"), _first(found)
    return EveryDays(every, first or _ANY_DAY)


def _monthly_on_day(found: re.Match[str]) -> MonthlyOnDay:
    day = _LAST_DAY if found["day"] == "last" else int(found["day"])
    if not 1 <= day <= _LAST_DAY:
        raise must("name a day of the month from 1 to 31, or the last", nearest_schedule(found.string))
    return MonthlyOnDay(day)


def _monthly_on_weekday(found: re.Match[str]) -> MonthlyOnWeekday:
    return MonthlyOnWeekday(PLACES[found["place"]], WEEKDAYS[found["weekday"]])


def _count(found: re.Match[str], at_most: int, what: str) -> int:
    count = int(found["every"] or 1)
    if not 1 <= count <= at_most:
        raise must(f"name 1 to {at_most} {what}", nearest_schedule(found.string))
    return count


def _first(found: re.Match[str]) -> date | None:
    """Return the day from which a rhythm is counted; None where that makes no difference."""
    if found["first"] is None:
        if int(found["every"] or 1) > 1:
            raise must('end with "from" and the date of an issue to count from', nearest_schedule(found.string))
        return None
    first = date_in(found["first"])
    if first is None:
        raise must('name a date of the calendar after "from"', nearest_schedule(found.string))
    return first


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
