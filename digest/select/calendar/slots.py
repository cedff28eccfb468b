"""The slots of a schedule: those around a moment, and the one of a period.

Consecutive slots tile time: each window begins where the one before it ends, with neither a gap nor an overlap.
"""

from __future__ import annotations

from datetime import datetime

from digest.models import Schedule, Slot, Window
from digest.select.calendar.keys import example_period, key_of, kind_of, last_day
from digest.select.calendar.moments import build, cut_off, due, instant
from digest.select.calendar.rhythm import day_of, number_at


def latest_slot(schedule: Schedule, now: datetime) -> Slot:
    """Return the last slot whose time has come at `now` (aware)."""
    return _slot(schedule, _latest_number(schedule, now))


def next_slot(schedule: Schedule, now: datetime) -> Slot:
    """Return the first slot that lies after `now` (aware)."""
    return _slot(schedule, _neighbour(schedule, _latest_number(schedule, now), 1))


def slot_of_period(schedule: Schedule, period: str) -> Slot:
    """Return the slot of a period such as `2026-W47`, `2026-11` or `2026-11-22`.

    Raise `ValueError`, with a sentence for people, when the schedule's periods are of another kind, when there is no
    such week, month or date, and when the schedule has no issue then.
    """
    rhythm, kind = schedule.rhythm, kind_of(schedule.rhythm)
    try:
        ends = last_day(kind, period)
        if ends is None:
            raise ValueError(f"'{period}' is not a {kind} such as {example_period(schedule)}")
        number = number_at(rhythm, ends)
        if key_of(rhythm, day_of(rhythm, number)) == period and _takes_place(schedule, number):
            return _slot(schedule, number)
        before, after = _neighbour(schedule, number + 1, -1), _neighbour(schedule, number, 1)
        nearest = " and ".join(key_of(rhythm, day_of(rhythm, each)) for each in (before, after))
    except OverflowError:
        raise ValueError(f"{period} lies beyond the calendar") from None
    raise ValueError(f"no issue is due {'on' if kind == 'date' else 'in'} {period}; the nearest are {nearest}")


def _latest_number(schedule: Schedule, now: datetime) -> int:
    # One day more: the clocks of a zone may go back across a midnight that a due moment has passed.
    number = number_at(schedule.rhythm, now.astimezone(schedule.time_zone).date()) + 1
    while _due(schedule, number) > instant(now):
        number -= 1
    return _neighbour(schedule, number + 1, -1)


def _neighbour(schedule: Schedule, number: int, step: int) -> int:
    """Return the number of the slot after (`step` 1) or before (-1) the day with a number."""
    number += step
    while not _takes_place(schedule, number):
        number += step
    return number


def _takes_place(schedule: Schedule, number: int) -> bool:
    """Tell whether a day of the rhythm has an issue of its own.

    A zone that crosses the date line leaves a day out (Apia: 30 December 2011). What was due then is due the day after,
    unless an issue is due at that moment anyway.
    """
    return _due(schedule, number) < _due(schedule, number + 1)


def _due(schedule: Schedule, number: int) -> datetime:
    return instant(due(schedule, day_of(schedule.rhythm, number)))


def _slot(schedule: Schedule, number: int) -> Slot:
    day = day_of(schedule.rhythm, number)
    before = day_of(schedule.rhythm, _neighbour(schedule, number, -1))
    window = Window(start=cut_off(schedule, before), end=cut_off(schedule, day))
    return Slot(key_of(schedule.rhythm, day), due(schedule, day), window, build(schedule, day))
