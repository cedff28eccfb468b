"""Where clocks do odd things, an issue is due at the moment that a person there would expect."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from digest.models import DaysBefore, EveryDays, LastWeekday, MonthlyOnDay, Schedule, Weekly
from digest.select import latest_slot, next_slot, slot_of_period

MON, FRI, SAT, SUN = 0, 4, 5, 6
APIA = ZoneInfo("Pacific/Apia")


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


@pytest.mark.parametrize(
    ("zone", "weekday", "at", "period", "local", "in_utc"),
    [
        # Skipped: as much later as the clocks go forward.
        ("America/New_York", SUN, time(2, 30), "2026-W10", "2026-03-08T03:30:00-04:00", "2026-03-08T07:30Z"),
        ("Europe/London", SUN, time(1, 30), "2026-W13", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30Z"),
        ("Australia/Lord_Howe", SUN, time(2, 15), "2026-W40", "2026-10-04T02:45:00+11:00", "2026-10-03T15:45Z"),
        ("America/Scoresbysund", SAT, time(23, 30), "2025-W13", "2025-03-30T00:30:00-01:00", "2025-03-30T01:30Z"),
        ("Pacific/Apia", FRI, time(8), "2011-W52", "2011-12-31T08:00:00+14:00", "2011-12-30T18:00Z"),
        # Repeated: the first occurrence.
        ("America/New_York", SUN, time(1, 30), "2026-W44", "2026-11-01T01:30:00-04:00", "2026-11-01T05:30Z"),
        ("Europe/London", SUN, time(1, 30), "2026-W43", "2026-10-25T01:30:00+01:00", "2026-10-25T00:30Z"),
        ("Australia/Lord_Howe", SUN, time(1, 45), "2026-W14", "2026-04-05T01:45:00+11:00", "2026-04-04T14:45Z"),
        # The minutes just before and after are what they always are.
        ("America/New_York", SUN, time(1, 59), "2026-W10", "2026-03-08T01:59:00-05:00", "2026-03-08T06:59Z"),
        ("America/New_York", SUN, time(3, 0), "2026-W10", "2026-03-08T03:00:00-04:00", "2026-03-08T07:00Z"),
        ("America/New_York", SUN, time(2, 0), "2026-W44", "2026-11-01T02:00:00-05:00", "2026-11-01T07:00Z"),
        ("Asia/Tokyo", SUN, time(2, 30), "2026-W10", "2026-03-08T02:30:00+09:00", "2026-03-07T17:30Z"),
    ],
)
def test_an_issue_is_due_at_this_moment(
    zone: str, weekday: int, at: time, period: str, local: str, in_utc: str
) -> None:
    due = slot_of_period(Schedule(Weekly(weekday), at, ZoneInfo(zone)), period).due_at
    assert (due.isoformat(), zulu(due)) == (local, in_utc)


@pytest.mark.parametrize(
    ("zone", "period", "start", "end", "hours"),
    [
        ("Asia/Tokyo", "2026-W11", "2026-03-01T15:00Z", "2026-03-08T15:00Z", 168),
        ("Asia/Tokyo", "2026-W45", "2026-10-25T15:00Z", "2026-11-01T15:00Z", 168),
        ("America/New_York", "2026-W11", "2026-03-02T05:00Z", "2026-03-09T04:00Z", 167),
        ("America/New_York", "2026-W45", "2026-10-26T04:00Z", "2026-11-02T05:00Z", 169),
        ("Europe/London", "2026-W14", "2026-03-23T00:00Z", "2026-03-29T23:00Z", 167),
        ("Europe/London", "2026-W44", "2026-10-18T23:00Z", "2026-10-26T00:00Z", 169),
        ("Australia/Lord_Howe", "2026-W41", "2026-09-27T13:30Z", "2026-10-04T13:00Z", 167.5),
        ("Australia/Lord_Howe", "2026-W15", "2026-03-29T13:00Z", "2026-04-05T13:30Z", 168.5),
        # A week of six days.
        ("Pacific/Apia", "2012-W01", "2011-12-26T10:00Z", "2012-01-01T10:00Z", 144),
    ],
)
def test_a_local_week_has_its_real_length(zone: str, period: str, start: str, end: str, hours: float) -> None:
    window = slot_of_period(Schedule(Weekly(MON), time(8), ZoneInfo(zone)), period).window
    assert (zulu(window.start), zulu(window.end)) == (start, end)
    assert (window.end.astimezone(UTC) - window.start.astimezone(UTC)).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("zone", "cut_off", "period", "end"),
    [
        ("Europe/London", LastWeekday(SUN, time(1, 30)), "2026-W14", "2026-03-29T01:30Z"),
        ("Europe/London", LastWeekday(SUN, time(1, 30)), "2026-W44", "2026-10-25T00:30Z"),
        ("America/New_York", DaysBefore(1, time(2, 30)), "2026-W11", "2026-03-08T07:30Z"),
        ("America/New_York", DaysBefore(1, time(1, 30)), "2026-W45", "2026-11-01T05:30Z"),
        ("Australia/Lord_Howe", DaysBefore(1, time(2, 15)), "2026-W41", "2026-10-03T15:45Z"),
        ("Pacific/Apia", LastWeekday(FRI, time(18)), "2012-W01", "2011-12-31T04:00Z"),
        ("Asia/Tokyo", LastWeekday(FRI, time(18)), "2026-W11", "2026-03-06T09:00Z"),
    ],
)
def test_a_cut_off_follows_the_same_rules(zone: str, cut_off: DaysBefore | LastWeekday, period: str, end: str) -> None:
    assert zulu(slot_of_period(Schedule(Weekly(MON), time(8), ZoneInfo(zone), cut_off), period).window.end) == end


def test_a_cut_off_that_the_clocks_skip_does_not_come_after_the_due_time() -> None:
    schedule = Schedule(Weekly(SUN), time(3, 15), ZoneInfo("America/New_York"), DaysBefore(0, time(2, 45)))
    slot = slot_of_period(schedule, "2026-W10")
    # 02:45 would become 03:45, half an hour after the issue has left.
    assert zulu(slot.due_at) == zulu(slot.window.end) == "2026-03-08T07:15Z"
    assert zulu(next_slot(schedule, slot.due_at).window.start) == "2026-03-08T07:15Z"


def test_in_an_hour_that_comes_twice_the_issue_is_due_once() -> None:
    new_york = ZoneInfo("America/New_York")
    schedule = Schedule(Weekly(SUN), time(1, 30), new_york)
    for minute, fold, period in ((29, 0, "2026-W43"), (30, 0, "2026-W44"), (10, 1, "2026-W44"), (50, 1, "2026-W44")):
        now = datetime(2026, 11, 1, 1, minute, tzinfo=new_york, fold=fold)
        assert latest_slot(schedule, now).period == period
        assert next_slot(schedule, now).period == f"2026-W{int(period[-2:]) + 1}"


def test_what_was_due_at_midnight_stays_due_when_the_clocks_go_back_to_the_day_before() -> None:
    st_johns = ZoneInfo("America/St_Johns")
    daily = Schedule(EveryDays(1, date(2010, 1, 1)), time(0), st_johns)
    for minute, period in ((29, "2010-11-06"), (30, "2010-11-07"), (40, "2010-11-07")):
        assert latest_slot(daily, datetime(2010, 11, 7, 2, minute, tzinfo=UTC)).period == period
    assert datetime(2010, 11, 7, 2, 40, tzinfo=UTC).astimezone(st_johns).day == 6


def test_a_day_that_a_zone_leaves_out_has_no_issue_of_its_own() -> None:
    daily = Schedule(EveryDays(1, date(2011, 1, 1)), time(8), APIA)
    slot = slot_of_period(daily, "2011-12-29")
    after = next_slot(daily, slot.due_at)
    assert (zulu(slot.due_at), after.period, zulu(after.due_at)) == (
        "2011-12-29T18:00Z",
        "2011-12-31",
        "2011-12-30T18:00Z",
    )
    assert (zulu(after.window.start), zulu(after.window.end)) == ("2011-12-29T10:00Z", "2011-12-30T10:00Z")
    with pytest.raises(ValueError, match="no issue is due on 2011-12-30; the nearest are 2011-12-29 and 2011-12-31"):
        slot_of_period(daily, "2011-12-30")


def test_what_is_due_on_a_day_that_a_zone_leaves_out_is_due_the_day_after_under_its_own_name() -> None:
    every_other = Schedule(EveryDays(2, date(2011, 12, 28)), time(8), APIA)
    assert zulu(slot_of_period(every_other, "2011-12-30").due_at) == "2011-12-30T18:00Z"
    assert zulu(slot_of_period(every_other, "2012-01-01").due_at) == "2011-12-31T18:00Z"
    on_the_30th = Schedule(MonthlyOnDay(30), time(8), APIA)
    assert zulu(slot_of_period(on_the_30th, "2011-12").due_at) == "2011-12-30T18:00Z"


def test_the_week_after_the_day_that_apia_left_out_has_six_days() -> None:
    fridays = Schedule(Weekly(FRI), time(8), APIA)
    before, after = slot_of_period(fridays, "2011-W52"), slot_of_period(fridays, "2012-W01")
    assert (zulu(before.window.start), zulu(before.window.end)) == ("2011-12-23T10:00Z", "2011-12-30T10:00Z")
    assert (zulu(after.window.start), zulu(after.window.end)) == ("2011-12-30T10:00Z", "2012-01-05T10:00Z")
