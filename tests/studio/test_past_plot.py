"""Bars and lines stand where the numbers say, and nothing that happened is too small to be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.models import DeliveryState, EventKind, Issue, IssueState
from digest.studio.past.plot import BARS, RATES, plot_of
from digest.studio.past.reading import Page, Past

DUE = datetime(2026, 1, 19, tzinfo=UTC)


def past(place: int, told: dict[EventKind, int] | None = None, period: str = "", **counts: int) -> Past:
    issue = Issue("weekly", period or f"2026-W{place:02}", place, IssueState.SENT, DUE + place * timedelta(weeks=1))
    return Past(issue, {DeliveryState(state): count for state, count in counts.items()}, told or {}, None)


def test_bars_are_as_high_as_there_are_readers_and_the_oldest_is_on_the_left() -> None:
    plot = plot_of([past(2, accepted=50), past(1, accepted=75, rejected=25)])
    assert plot
    assert [bar.label for bar in plot.bars] == ["W01", "W02"]
    assert [sum(piece.height for piece in bar.pieces) for bar in plot.bars] == [BARS, BARS / 2]
    assert [(piece.name, piece.top) for piece in plot.bars[0].pieces] == [("accepted", BARS / 4), ("rejected", 0)]
    assert plot.names == ("accepted", "rejected")
    assert all(bar.left >= 0 and bar.left + bar.width <= 100 for bar in plot.bars)


def test_a_single_rejected_reader_among_ten_thousand_is_seen() -> None:
    plot = plot_of([past(1, accepted=9_999, rejected=1)])
    assert plot
    accepted, rejected = plot.bars[0].pieces
    assert rejected.height >= 2
    assert rejected.top + rejected.height == pytest.approx(accepted.top)


@pytest.mark.parametrize("largest", [1, 2, 3, 4, 7, 40, 99, 101, 123, 999, 4_001, 50_001, 1_234_567])
def test_lines_across_are_few_round_and_reach_over_every_bar(largest: int) -> None:
    plot = plot_of([past(1, accepted=largest)])
    assert plot
    values = [tick.value for tick in plot.ticks]
    assert 2 <= len(values) <= 5
    assert values[-1] >= largest
    assert plot.ticks[0].down == BARS
    assert plot.ticks[-1].down == 0
    assert all(str(int(value)).rstrip("0") in {"", "1", "2", "3", "4", "5", "6", "8", "15"} for value in values), values


def test_where_nothing_was_told_the_line_has_a_gap_and_no_zero() -> None:
    opened = {EventKind.OPENED: 5, EventKind.CLICKED: 1}
    plot = plot_of([past(3, opened, accepted=10), past(2, accepted=10), past(1, opened, accepted=10)])
    assert plot
    line = plot.lines[0]
    assert [len(run) for run in line.runs] == [1, 1]
    assert line.runs[0][0].rate == 0.5
    assert line.runs[0][0].across == plot.bars[0].middle
    top = plot.rate_ticks[-1]
    assert line.runs[0][0].down == pytest.approx(RATES * (1 - 0.5 / top.value))


def test_without_any_news_there_are_no_lines() -> None:
    plot = plot_of([past(1, {EventKind.DELIVERED: 3}, accepted=10)])
    assert plot
    assert plot.lines == ()


def test_more_opens_than_copies_are_all_of_them() -> None:
    assert past(1, {EventKind.OPENED: 12}, accepted=10).rate(EventKind.OPENED) == 1.0


def test_issues_that_nobody_got_are_not_drawn() -> None:
    assert plot_of([past(1)]) is None
    plot = plot_of([past(2), past(1, suppressed=1, abandoned=2)])
    assert plot
    assert [[piece.name for piece in bar.pieces] for bar in plot.bars] == [["suppressed", "others"]]


def test_a_year_is_said_where_it_begins() -> None:
    periods = ["2026-W02", "2026-W01", "2025-W52", "2025-W51"]
    plot = plot_of([past(9 - place, period=period, accepted=1) for place, period in enumerate(periods)])
    assert plot
    assert [bar.year for bar in plot.bars] == ["2025", "", "2026", ""]


def test_a_phone_names_few_issues_and_the_newest_always() -> None:
    plot = plot_of([past(30 - place, accepted=1) for place in range(26)])
    assert plot
    named = [bar.label for bar in plot.bars if bar.named_on_phones]
    assert 4 <= len(named) <= 7
    assert named[-1] == plot.bars[-1].label


@pytest.mark.parametrize(
    ("wanted", "number"), [("", 1), ("1", 1), ("2", 2), ("3", 3), ("4", 3), ("0", 1), ("-2", 1), ("two", 1), ("٣", 1)]
)
def test_a_page_that_there_is_not_is_the_nearest(wanted: str, number: int) -> None:
    page = Page.of(wanted, 26, 60)
    assert page.number == number
    assert page.end - page.first == (8 if number == 3 else 26)
