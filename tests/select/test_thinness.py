"""Whether there are enough posts for an issue is the newsletter's own policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from digest.models import Ledger, Origin, Pick, Window
from digest.select import too_thin
from digest.select.thinness import widened
from tests.factories import make_newsletter, make_pick, make_post, make_selection
from tests.select.choices import DAY, END, SLOT, START, chosen, known, ledger_of, names, pick_of


def picks(fresh: int, older: int) -> list[Pick]:
    new = [make_pick(f"new{number}") for number in range(fresh)]
    return new + [replace(make_pick(f"old{number}"), origin=Origin.AGAIN) for number in range(older)]


@pytest.mark.parametrize(
    ("thin", "fresh", "older", "goes"),
    [
        ("skip", 3, 0, True),
        ("skip", 2, 5, False),
        ("merge_next", 2, 5, False),
        ("fill_from_uncovered", 2, 1, True),
        ("fill_from_uncovered", 1, 1, False),
        ("send_anyway", 1, 0, True),
        ("send_anyway", 0, 1, True),
    ],
)
def test_what_counts_and_what_is_enough(thin: str, fresh: int, older: int, goes: bool) -> None:
    reason = too_thin(make_newsletter(min_posts=3, thin=thin), make_selection(*picks(fresh, older)))
    assert (not reason) is goes


def test_a_late_post_counts_as_new() -> None:
    late = [replace(each, origin=Origin.LATE) for each in picks(3, 0)]
    assert too_thin(make_newsletter(min_posts=3), make_selection(*late)) == ""


def test_an_issue_without_any_post_is_never_sent() -> None:
    assert too_thin(make_newsletter(thin="send_anyway", min_posts=1), chosen())


def test_the_reason_counts_what_there_is_and_what_is_wanted() -> None:
    reason = too_thin(make_newsletter(min_posts=3, thin="merge_next"), make_selection(*picks(2, 5)))
    assert "2 (5 left over from earlier periods do not count), and the newsletter wants at least 3" in reason
    assert reason.endswith("the next issue is about both periods")


def test_the_window_also_spans_the_thin_periods_before_it_where_they_are_merged() -> None:
    before = [Window(START - weeks * 7 * DAY, START - (weeks - 1) * 7 * DAY) for weeks in (2, 1)]
    in_utc = tuple(Window(each.start.astimezone(UTC), each.end.astimezone(UTC)) for each in before)
    ledger = Ledger(open_windows=in_utc)
    slot = widened(make_newsletter(thin="merge_next"), SLOT, ledger)
    assert slot.window == Window(START - 14 * DAY, END)
    assert slot.window.start.tzinfo is START.tzinfo
    assert widened(make_newsletter(thin="skip"), SLOT, ledger) == SLOT
    assert widened(make_newsletter(thin="merge_next"), SLOT, Ledger()) == SLOT


def test_posts_of_a_merged_period_are_new_and_not_too_old() -> None:
    post = make_post("a", published_at=START - 6 * DAY)
    ledger = replace(ledger_of(known(post)), open_windows=(Window(START - 7 * DAY, START),))
    merged = chosen(post, ledger=ledger, thin="merge_next", max_age_days=8)
    assert pick_of(merged, "a").origin is Origin.NEW
    assert pick_of(chosen(post, ledger=ledger, thin="skip"), "a").origin is Origin.AGAIN
    assert names(chosen(post, ledger=ledger, thin="merge_next", max_age_days=1)) == ["a"]
