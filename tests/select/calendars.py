"""Schedules of every kind, and moments around which clocks do odd things, for the tests of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

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
from digest.select.calendar.rhythm import shortest_period

CHANGES = {
    "Asia/Tokyo": "2026-03-08T15:00:00+00:00",  # none: there, any moment will do
    "America/New_York": "2026-03-08T07:00:00+00:00",
    "Europe/London": "2026-10-25T01:00:00+00:00",
    "Europe/Berlin": "2026-03-29T01:00:00+00:00",
    "Australia/Lord_Howe": "2026-10-03T15:30:00+00:00",
    "Pacific/Apia": "2011-12-30T10:00:00+00:00",
    "America/Scoresbysund": "2025-03-30T01:00:00+00:00",  # from 23:00 to the midnight of the next day
    "America/Sao_Paulo": "2018-11-04T03:00:00+00:00",  # from a midnight that does not exist
    "America/St_Johns": "2010-11-07T02:31:00+00:00",  # from a minute past midnight back to the day before
    "UTC": "2026-01-01T00:00:00+00:00",
}

weekdays = st.integers(0, 6)
times = st.times().map(lambda each: each.replace(second=0, microsecond=0))
dates = st.dates(date(2010, 1, 1), date(2030, 1, 1))
zones = st.sampled_from(sorted(CHANGES)).map(ZoneInfo)

rhythms: st.SearchStrategy[Rhythm] = st.one_of(
    st.builds(Weekly, weekdays),
    st.builds(lambda first, every: Weekly(first.weekday(), every, first), dates, st.integers(2, 8)),
    st.builds(EveryDays, st.integers(1, 40), dates),
    st.builds(MonthlyOnDay, st.integers(1, 31)),
    st.builds(MonthlyOnWeekday, st.sampled_from([1, 2, 3, 4, -1]), weekdays),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    rhythm, at, zone = draw(rhythms), draw(times), draw(zones)
    moments = _cut_offs(shortest_period(rhythm), at)
    return Schedule(rhythm, at, zone, draw(moments), draw(st.none() | moments))


def _cut_offs(period: int, due: time) -> st.SearchStrategy[CutOff]:
    by_days = st.builds(DaysBefore, st.integers(0, period), times).filter(
        lambda rule: (rule.days, due) >= (0, rule.at) if rule.days == 0 else (rule.days < period or rule.at > due)
    )
    return st.one_of(by_days, st.builds(LastWeekday, weekdays, times)) if period >= 7 else by_days


@st.composite
def schedules_and_moments(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    """A schedule, and any moment or one near a change of its zone's clocks."""
    schedule = draw(schedules())
    change = datetime.fromisoformat(CHANGES[schedule.time_zone.key])
    near = st.integers(-4 * 24 * 60, 4 * 24 * 60).map(lambda minutes: change + timedelta(minutes=minutes))
    any_moment = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once
    return schedule, draw(st.one_of(near, any_moment))
