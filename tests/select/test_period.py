"""Windows are local calendar weeks; a period names the week in which the issue is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import WeeklySchedule
from digest.select import latest_slot, next_slot, slot_of_period

TOKYO = WeeklySchedule(0, 8, 0, ZoneInfo("Asia/Tokyo"))
BERLIN = WeeklySchedule(6, 2, 30, ZoneInfo("Europe/Berlin"))

zones = st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
schedules = st.builds(WeeklySchedule, st.integers(0, 6), st.integers(0, 23), st.integers(0, 59), zones.map(ZoneInfo))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once


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
    assert latest_slot(TOKYO, datetime.fromisoformat(now)).period == period


def test_the_window_is_the_seven_local_days_before_the_day_it_is_due() -> None:
    window = slot_of_period(TOKYO, "2026-W04").window
    assert window.start.isoformat() == "2026-01-12T00:00:00+09:00"
    assert window.end.isoformat() == "2026-01-19T00:00:00+09:00"
    assert window.start in window
    assert window.end not in window


@pytest.mark.parametrize(("period", "hours"), [("2026-W14", 167), ("2026-W44", 169), ("2026-W20", 168)])
def test_a_week_with_a_clock_change_has_its_real_length(period: str, hours: int) -> None:
    monday = WeeklySchedule(0, 9, 0, ZoneInfo("Europe/Berlin"))
    window = slot_of_period(monday, period).window
    assert (window.end - window.start).total_seconds() != 0
    assert (window.end.astimezone(UTC) - window.start.astimezone(UTC)) == timedelta(hours=hours)


def test_a_time_that_the_clock_change_skips_is_an_hour_later() -> None:
    assert slot_of_period(BERLIN, "2026-W13").due_at.isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    assert slot_of_period(BERLIN, "2026-W43").due_at.isoformat() == "2026-10-25T02:30:00+02:00"


@given(schedules, moments)
def test_every_moment_lies_between_its_slot_and_the_next(schedule: WeeklySchedule, now: datetime) -> None:
    latest, coming = latest_slot(schedule, now), next_slot(schedule, now)
    assert latest.due_at <= now < coming.due_at
    assert latest.window.end == coming.window.start
    assert latest.period != coming.period


@given(schedules, moments)
def test_a_period_leads_back_to_its_slot(schedule: WeeklySchedule, now: datetime) -> None:
    slot = latest_slot(schedule, now)
    assert slot_of_period(schedule, slot.period) == slot


@pytest.mark.parametrize("period", ["2026-W54", "2026-47", "", "2026-W00", "26-W01", "２０２６-W01x"])
def test_what_is_no_week_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        slot_of_period(TOKYO, period)
