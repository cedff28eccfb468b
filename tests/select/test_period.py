"""Windows are cut in local calendar terms; a period is named after the day for which its issue is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
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
    Slot,
    Weekly,
)
from digest.select import example_period, latest_slot, next_slot, slot_of_period
from digest.select.calendar.rhythm import day_of, number_at, shortest_period
from tests.factories import TOKYO
from tests.select.calendars import dates, rhythms, schedules, schedules_and_moments

EIGHT = time(8)
WEEKLY = Schedule(Weekly(0), EIGHT, TOKYO)
FORTNIGHTLY = Schedule(Weekly(0, 2, date(2026, 11, 2)), EIGHT, TOKYO)
MONTHLY = Schedule(MonthlyOnDay(1), EIGHT, TOKYO)
TEN_DAYS = Schedule(EveryDays(10, date(2026, 11, 2)), EIGHT, TOKYO)
DAILY = Schedule(EveryDays(1, date(2026, 11, 2)), EIGHT, TOKYO)


def following(schedule: Schedule, now: datetime, count: int) -> list[Slot]:
    slots = [latest_slot(schedule, now)]
    while len(slots) < count:
        slots.append(next_slot(schedule, slots[-1].due_at))
    return slots


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2026-01-19T07:59:59+09:00", "2026-W03"),
        ("2026-01-19T08:00:00+09:00", "2026-W04"),
        ("2026-01-25T23:59:00+09:00", "2026-W04"),
        # Sunday evening in UTC is Monday morning in Tokyo.
        ("2026-01-18T23:00:00+00:00", "2026-W04"),
    ],
)
def test_an_issue_is_due_from_its_minute_on(now: str, period: str) -> None:
    assert latest_slot(WEEKLY, datetime.fromisoformat(now)).period == period


def test_without_a_cut_off_the_window_is_the_local_days_before_the_day_it_is_due() -> None:
    window = slot_of_period(WEEKLY, "2026-W04").window
    assert window.start.isoformat() == "2026-01-12T00:00:00+09:00"
    assert window.end.isoformat() == "2026-01-19T00:00:00+09:00"
    assert window.start in window
    assert window.end not in window


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (Weekly(4), ["2026-11-20", "2026-11-27", "2026-12-04", "2026-12-11"]),
        (Weekly(0, 2, date(2026, 11, 2)), ["2026-11-16", "2026-11-30", "2026-12-14", "2026-12-28"]),
        (Weekly(0, 3, date(2030, 1, 7)), ["2026-11-09", "2026-11-30", "2026-12-21", "2027-01-11"]),
        (EveryDays(10, date(2026, 11, 2)), ["2026-11-22", "2026-12-02", "2026-12-12", "2026-12-22"]),
        (EveryDays(1, date(2026, 1, 1)), ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"]),
        (MonthlyOnDay(1), ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"]),
        (MonthlyOnDay(30), ["2026-10-30", "2026-11-30", "2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]),
        (MonthlyOnDay(31), ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]),
        (MonthlyOnWeekday(1, 0), ["2026-11-02", "2026-12-07", "2027-01-04", "2027-02-01"]),
        (MonthlyOnWeekday(4, 6), ["2026-11-22", "2026-12-27", "2027-01-24", "2027-02-28"]),
        (MonthlyOnWeekday(-1, 4), ["2026-10-30", "2026-11-27", "2026-12-25", "2027-01-29"]),
    ],
)
def test_issues_are_due_on_the_days_of_the_rhythm(rhythm: Rhythm, days: list[str]) -> None:
    slots = following(Schedule(rhythm, EIGHT, TOKYO), datetime(2026, 11, 22, 9, tzinfo=TOKYO), len(days))
    assert [slot.due_at.isoformat() for slot in slots] == [f"{day}T08:00:00+09:00" for day in days]


def test_the_29th_is_the_last_of_february_only_in_a_short_year() -> None:
    schedule = Schedule(MonthlyOnDay(29), EIGHT, TOKYO)
    days = [slot_of_period(schedule, f"{year}-02").due_at.day for year in (2026, 2027, 2028)]
    assert days == [28, 28, 29]


@pytest.mark.parametrize(
    ("schedule", "period", "due"),
    [
        (WEEKLY, "2026-W47", "2026-11-16"),
        (WEEKLY, "2026-W53", "2026-12-28"),
        (WEEKLY, "2027-W01", "2027-01-04"),
        (Schedule(Weekly(4), EIGHT, TOKYO), "2026-W53", "2027-01-01"),
        (FORTNIGHTLY, "2026-W47", "2026-11-16"),
        (MONTHLY, "2026-11", "2026-11-01"),
        (Schedule(MonthlyOnWeekday(-1, 4), EIGHT, TOKYO), "2026-11", "2026-11-27"),
        (TEN_DAYS, "2026-11-22", "2026-11-22"),
    ],
)
def test_a_period_is_readable(schedule: Schedule, period: str, due: str) -> None:
    slot = slot_of_period(schedule, period)
    assert (slot.period, slot.due_at.date().isoformat()) == (period, due)


@pytest.mark.parametrize(
    ("schedule", "period", "says"),
    [
        (WEEKLY, "2026-W54", "there is no week 2026-W54"),
        (WEEKLY, "2026-W00", "there is no week 2026-W00"),
        (WEEKLY, "2025-W53", "there is no week 2025-W53"),
        (WEEKLY, "2026-47", "'2026-47' is not a week such as 2026-W04"),
        (WEEKLY, "2026-11", "'2026-11' is not a week such as 2026-W04"),
        (WEEKLY, "2026-11-16", "'2026-11-16' is not a week such as 2026-W04"),
        (WEEKLY, "", "'' is not a week such as 2026-W04"),
        (WEEKLY, "26-W01", "is not a week"),
        (WEEKLY, "２０２６-W01", "is not a week"),
        (WEEKLY, "2026-W01\n", "is not a week"),
        (WEEKLY, "9999-W52", "there is no week 9999-W52"),
        (MONTHLY, "9999-12", "9999-12 lies beyond the calendar"),
        (MONTHLY, "0001-01", "0001-01 lies beyond the calendar"),
        (MONTHLY, "0000-01", "there is no month 0000-01"),
        (WEEKLY, "0001-W01", "0001-W01 lies beyond the calendar"),
        (FORTNIGHTLY, "2026-W48", "no issue is due in 2026-W48; the nearest are 2026-W47 and 2026-W49"),
        (MONTHLY, "2026-W47", "'2026-W47' is not a month such as 2026-01"),
        (MONTHLY, "2026-11-01", "'2026-11-01' is not a month such as 2026-01"),
        (MONTHLY, "2026-13", "there is no month 2026-13"),
        (TEN_DAYS, "2026-11-23", "no issue is due on 2026-11-23; the nearest are 2026-11-22 and 2026-12-02"),
        (TEN_DAYS, "2026-11-21", "no issue is due on 2026-11-21; the nearest are 2026-11-12 and 2026-11-22"),
        (TEN_DAYS, "2026-11-31", "there is no date 2026-11-31"),
        (TEN_DAYS, "2026-11", "'2026-11' is not a date such as 2026-01-16"),
    ],
)
def test_what_is_no_period_of_the_schedule_is_refused(schedule: Schedule, period: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        slot_of_period(schedule, period)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("schedule", "ends"),
    [
        (Schedule(Weekly(0), EIGHT, TOKYO, LastWeekday(4, time(18))), "2026-11-13T18:00:00+09:00"),
        (Schedule(Weekly(0), EIGHT, TOKYO, LastWeekday(0, time(8))), "2026-11-16T08:00:00+09:00"),
        # At nine o'clock of the same Monday the issue has left: the Monday before it is meant.
        (Schedule(Weekly(0), EIGHT, TOKYO, LastWeekday(0, time(9))), "2026-11-09T09:00:00+09:00"),
        (Schedule(Weekly(0), EIGHT, TOKYO, DaysBefore(2, time(18))), "2026-11-14T18:00:00+09:00"),
        (Schedule(Weekly(0), EIGHT, TOKYO, DaysBefore(0, time(7, 30))), "2026-11-16T07:30:00+09:00"),
        (Schedule(Weekly(0), EIGHT, TOKYO), "2026-11-16T00:00:00+09:00"),
    ],
)
def test_the_window_ends_with_the_cut_off_and_begins_with_the_one_before(schedule: Schedule, ends: str) -> None:
    window = slot_of_period(schedule, "2026-W47").window
    assert window.end.isoformat() == ends
    assert window.start == window.end - timedelta(days=7)


def test_the_window_of_a_month_goes_from_cut_off_to_cut_off() -> None:
    schedule = Schedule(MonthlyOnWeekday(1, 0), EIGHT, TOKYO, LastWeekday(4, time(18)))
    window = slot_of_period(schedule, "2026-12").window
    assert window.start.isoformat() == "2026-10-30T18:00:00+09:00"
    assert window.end.isoformat() == "2026-12-04T18:00:00+09:00"


@pytest.mark.parametrize(
    ("schedule", "example"),
    [(WEEKLY, "2026-W04"), (MONTHLY, "2026-01"), (TEN_DAYS, "2026-01-16"), (DAILY, "2026-01-25")],
)
def test_an_example_is_of_the_right_kind(schedule: Schedule, example: str) -> None:
    assert example_period(schedule) == example


@given(schedules_and_moments())
def test_every_moment_lies_between_its_slot_and_the_next(case: tuple[Schedule, datetime]) -> None:
    schedule, now = case
    latest, coming = latest_slot(schedule, now), next_slot(schedule, now)
    assert utc(latest.due_at) <= now < utc(coming.due_at)
    # The same when the moment is told by the clocks of the newsletter's own zone.
    local = now.astimezone(schedule.time_zone)
    assert (latest_slot(schedule, local), next_slot(schedule, local)) == (latest, coming)


@given(schedules_and_moments())
def test_consecutive_windows_tile_time(case: tuple[Schedule, datetime]) -> None:
    schedule, now = case
    slots = following(schedule, now, 6)
    for slot, after in pairwise(slots):
        assert utc(slot.window.start) < utc(slot.window.end) == utc(after.window.start)
        assert utc(slot.window.end) <= utc(slot.due_at) < utc(after.due_at)
        assert slot.period != after.period
        assert latest_slot(schedule, utc(after.due_at) - timedelta(microseconds=1)) == slot
    inside = utc(slots[0].window.start) <= now < utc(slots[-1].window.end)
    assert sum(now in slot.window for slot in slots) == inside


@given(schedules_and_moments())
def test_a_period_leads_back_to_its_slot(case: tuple[Schedule, datetime]) -> None:
    schedule, now = case
    for slot in following(schedule, now, 3):
        found = slot_of_period(schedule, slot.period)
        assert found == slot
        assert utc(found.due_at) == utc(slot.due_at)


@given(schedules(), st.sampled_from(["2026-W12", "2026-W13", "2026-06", "2026-06-14", "2011-12-30", "2011-W52"]))
def test_a_period_is_read_or_refused_with_periods_that_can_be_read(schedule: Schedule, period: str) -> None:
    try:
        assert slot_of_period(schedule, period).period == period
    except ValueError as refused:
        words = str(refused).split()
        named = words[-1:] if "such" in words else [words[-3], words[-1]]
        for name in named:
            slot_of_period(schedule, name)
        assert named == sorted(named)
        assert period not in named


@given(rhythms, dates)
def test_the_days_of_a_rhythm_are_numbered_in_their_order(rhythm: Rhythm, day: date) -> None:
    number = number_at(rhythm, day)
    latest, coming = day_of(rhythm, number), day_of(rhythm, number + 1)
    assert latest <= day < coming
    assert (coming - latest).days >= shortest_period(rhythm)
    assert (number_at(rhythm, latest), number_at(rhythm, coming - timedelta(days=1))) == (number, number)


def test_a_window_is_about_moments_and_not_about_what_clocks_show() -> None:
    new_york = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=new_york)
    window = slot_of_period(Schedule(Weekly(6), time(1, 30), new_york, DaysBefore(0, time(1, 30))), "2026-W44").window
    assert window.end == first
    # A quarter past one comes a second time, and by then the window has ended.
    assert first.replace(minute=15) in window
    assert first.replace(minute=15, fold=1) not in window


@given(schedules_and_moments())
def test_an_issue_is_made_between_its_cut_off_and_its_due_moment(drawn: tuple[Schedule, datetime]) -> None:
    schedule, now = drawn
    before, slot = latest_slot(schedule, now), next_slot(schedule, now)
    assert utc(before.due_at) <= utc(slot.window.end) <= utc(slot.build_at) <= utc(slot.due_at)
    if schedule.build is None:
        assert slot.build_at == slot.due_at


@pytest.mark.parametrize(
    ("zone", "period", "build", "made"),
    [
        # The clocks go forward in the night before the due day: the build stays at what the clock shows.
        ("Europe/Berlin", "2026-W14", LastWeekday(4, time(18)), "2026-03-27T18:00:00+01:00"),
        ("Europe/Berlin", "2026-W14", DaysBefore(1, time(2, 30)), "2026-03-29T03:30:00+02:00"),
        # An hour that comes twice: the first of the two.
        ("Europe/Berlin", "2026-W44", DaysBefore(1, time(2, 30)), "2026-10-25T02:30:00+02:00"),
        ("Asia/Tokyo", "2026-W44", DaysBefore(0, time(6)), "2026-10-26T06:00:00+09:00"),
    ],
)
def test_the_build_follows_the_clock_on_the_wall(zone: str, period: str, build: CutOff, made: str) -> None:
    schedule = Schedule(Weekly(0), EIGHT, ZoneInfo(zone), LastWeekday(4, time(18)), build)
    assert slot_of_period(schedule, period).build_at.isoformat() == made
