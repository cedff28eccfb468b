"""Which weeks there are to look at, and which one comes first."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.models import Issue, IssueState, MonthlyOnDay, Schedule, Weekly
from digest.select import slot_of_period
from digest.studio.weeks import COMING, PAST, calendar_around, first_shown
from tests.factories import make_newsletter

SCHEDULE = make_newsletter().schedule


def issue(state: IssueState) -> dict[str, Issue]:
    slot = slot_of_period(SCHEDULE, "2026-W04")
    return {"2026-W04": Issue("weekly", "2026-W04", 1, state, slot.due_at)}


def test_the_newest_due_week_is_shown_first(now: datetime) -> None:
    assert first_shown(SCHEDULE, {}, now).period == "2026-W04"
    assert first_shown(SCHEDULE, {}, now + timedelta(days=3)).period == "2026-W04"
    assert first_shown(SCHEDULE, issue(IssueState.HELD), now + timedelta(days=3)).period == "2026-W04"


@pytest.mark.parametrize("state", [IssueState.SENT, IssueState.SKIPPED])
def test_a_day_after_it_is_over_the_coming_week_is(now: datetime, state: IssueState) -> None:
    assert first_shown(SCHEDULE, issue(state), now).period == "2026-W04"
    assert first_shown(SCHEDULE, issue(state), now + timedelta(days=1)).period == "2026-W05"


def test_weeks_are_newest_first_with_the_state_that_the_store_has(now: datetime) -> None:
    calendar = calendar_around(SCHEDULE, slot_of_period(SCHEDULE, "2026-W04"), issue(IssueState.SENT), now)
    periods = [week.slot.period for week in calendar.weeks]
    assert periods[: COMING + 2] == ["2026-W08", "2026-W07", "2026-W06", "2026-W05", "2026-W04", "2026-W03"]
    assert len(periods) == COMING + 1 + PAST
    assert [week.state for week in calendar.weeks[COMING - 1 : COMING + 2]] == ["coming", "sent", "missed"]
    assert (calendar.before, calendar.shown.slot.period, calendar.after) == ("2026-W03", "2026-W04", "2026-W05")


def test_a_week_far_away_can_be_looked_at_too(now: datetime) -> None:
    calendar = calendar_around(SCHEDULE, slot_of_period(SCHEDULE, "2020-W53"), {}, now)
    assert calendar.weeks[-1] == calendar.shown
    assert (calendar.before, calendar.after) == ("2020-W52", "2021-W01")


def test_months_are_looked_at_month_by_month(now: datetime) -> None:
    schedule = Schedule(MonthlyOnDay(31), time(8), ZoneInfo("Asia/Tokyo"))
    calendar = calendar_around(schedule, first_shown(schedule, {}, now), {}, now)
    assert (calendar.before, calendar.shown.slot.period, calendar.after) == ("2025-11", "2025-12", "2026-01")
    assert len({week.slot.period for week in calendar.weeks}) == COMING + 1 + PAST


def test_the_week_before_is_found_where_the_clocks_skip_the_due_time() -> None:
    schedule = Schedule(Weekly(6), time(2), ZoneInfo("Europe/Berlin"))
    shown = slot_of_period(schedule, "2026-W13")
    calendar = calendar_around(schedule, shown, {}, datetime(2026, 4, 1, tzinfo=UTC))
    assert (calendar.before, calendar.after) == ("2026-W12", "2026-W14")
