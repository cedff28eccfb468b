"""What to say about a `schedule`, `cut_off` or `build` that cannot be read: what is allowed, and what is nearest."""

from __future__ import annotations

import difflib
import re
from datetime import date, time, timedelta

from digest.config.schedule_words import (
    DAYS_AT_MOST,
    KNOWN,
    PLACES,
    WEEKDAYS,
    WEEKS_AT_MOST,
    date_in,
    short_name,
    time_in,
)
from digest.models import CutOff, DaysBefore, LastWeekday

_SCHEDULES = (
    '"mon 08:00", "every 2 weeks mon 08:00 from 2026-11-02", "every 10 days 08:00 from 2026-11-02", '
    '"monthly 1 08:00", "monthly last 08:00" and "monthly first mon 08:00"'
)
_CUT_OFFS = '"fri 18:00", "2 days before 18:00" and "00:00"'
_A_MONDAY = date(2026, 11, 2)
_MORNING = time(8)
_WEEK = 7
_PLACE_NAMES = {number: name for name, number in PLACES.items()}
_FORTNIGHT = re.compile(r"fortnight|bi-?week|other|second week")
_ORDINAL = re.compile(r"([0-9]{1,9})(?:st|nd|rd|th)?")


def must(what: str, nearest: str, allowed: str = "") -> ValueError:
    """Return the mistake: what the line must do, the nearest line that does, and which forms there are."""
    return ValueError(f'must {what}, such as "{nearest}"' + (f"; the forms are {allowed}" if allowed else ""))


def no_schedule(line: str) -> ValueError:
    """Return the mistake of a line that is in no form of a schedule."""
    words, nearest = line.split(), nearest_schedule(line)
    if unknown := _unknown(words):
        return must(f"do without the word '{unknown}'", nearest, _SCHEDULES)
    if not any(time_in(word) for word in words):
        return must("have a time of day", nearest, _SCHEDULES)
    if not set(words) & (KNOWN - PLACES.keys()):
        # Crontab counts from Sunday, others from Monday.
        return must("name the weekday: tools disagree whether 1 is Monday or Tuesday", nearest, _SCHEDULES)
    return must("say when in one of the known forms", nearest, _SCHEDULES)


def no_cut_off(line: str, nearest: str) -> ValueError:
    """Return the mistake of a line that is in no form of a cut-off."""
    if unknown := _unknown(line.split()):
        return must(f"do without the word '{unknown}'", nearest, _CUT_OFFS)
    return must("say when in one of the known forms", nearest, _CUT_OFFS)


def nearest_schedule(line: str) -> str:
    """Return the schedule that a line was probably meant to be; it can be read, and keeps what could be understood."""
    words = line.split()
    at = f"{next((found for word in words if (found := time_in(word))), _MORNING):%H:%M}"
    weekday, numbers = _weekday(words), _numbers(words)
    if any(word.startswith("month") for word in words):
        place = next((word for word in words if word in PLACES), "")
        if weekday is not None:
            place = place or next((_PLACE_NAMES[number] for number in numbers if number in _PLACE_NAMES), "first")
            return f"monthly {place} {short_name(weekday)} {at}"
        number = next((number for number in numbers if 1 <= number <= 31), 1)
        return f"monthly {'last' if place == 'last' or max(numbers, default=0) > 31 else number} {at}"
    first = next((day for word in words if (day := date_in(word))), None)
    count = numbers[0] if numbers else 1
    if weekday is None and any(word in {"day", "days", "daily"} for word in words):
        if count <= 1 and first is None:
            return f"every day {at}"
        return f"every {_within(count, DAYS_AT_MOST)} days {at} from {first or _A_MONDAY}"
    if _FORTNIGHT.search(line):
        count = 2
    weekday = weekday or 0
    if count > 1 and ("every" in words or _FORTNIGHT.search(line)):
        start = _nearest_date(first or _A_MONDAY, weekday)
        return f"every {_within(count, WEEKS_AT_MOST)} weeks {short_name(weekday)} {at} from {start}"
    return f"{short_name(weekday)} {at}"


def nearest_cut_off(line: str, period: int, due: time) -> str:
    """Return the cut-off that a line was probably meant to be, for issues due at a time of day, `period` days apart."""
    words = line.split()
    at = next((found for word in words if (found := time_in(word))), time.min)
    weekday, numbers = _weekday(words), _numbers(words)
    if weekday is not None and period >= _WEEK:
        return f"{short_name(weekday)} {at:%H:%M}"
    latest = 0 if at <= due else 1
    earliest = period if at > due else period - 1
    days = min(max(numbers[0] if numbers else 0, latest), earliest)
    return as_line(DaysBefore(days, at))


def as_line(rule: CutOff) -> str:
    """Write a cut-off as it may stand in a newsletter's file."""
    if isinstance(rule, LastWeekday):
        return f"{short_name(rule.weekday)} {rule.at:%H:%M}"
    days = rule.days
    return f"{days} day{'s' if days > 1 else ''} before {rule.at:%H:%M}" if days else f"{rule.at:%H:%M}"


def _unknown(words: list[str]) -> str:
    """Return the first word that no schedule has."""
    odd = (word for word in words if word not in KNOWN and not re.fullmatch(r"[0-9]+|[0-9:]+|[0-9-]+", word))
    return next(odd, "")


def _weekday(words: list[str]) -> int | None:
    """Return the first weekday that is named, or nearly."""
    for word in words:
        other = word in KNOWN - WEEKDAYS.keys() or word.startswith("month")
        near = [] if other else difflib.get_close_matches(word, WEEKDAYS, n=1, cutoff=0.7)
        if near:
            return WEEKDAYS[near[0]]
    return None


def _numbers(words: list[str]) -> list[int]:
    return [int(found[1]) for word in words if (found := _ORDINAL.fullmatch(word))]


def _within(count: int, at_most: int) -> int:
    return min(max(count, 1), at_most)


def _nearest_date(day: date, weekday: int) -> date:
    ahead = (weekday - day.weekday()) % _WEEK
    try:
        return day + timedelta(days=ahead if ahead <= _WEEK // 2 else ahead - _WEEK)
    except OverflowError:
        return _A_MONDAY + timedelta(days=weekday)
