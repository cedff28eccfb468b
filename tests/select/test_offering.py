"""Which posts may be in an issue: what readers have is asked of the ledger, never of a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.models import Coverage, Ledger, Origin, Out, Post, Slot, Window
from tests.factories import make_post, make_slot
from tests.select.choices import (
    DAY,
    END,
    HOUR,
    SLOT,
    START,
    chosen,
    known,
    ledger_of,
    names,
    out_of,
    pick_of,
    why,
)

OLD = known(make_post("known-before", published_at=START - 20 * DAY), "weekly/2026-W01")
"""The blog's source is known, and the newsletter runs for weeks."""


def test_a_post_at_the_windows_start_is_in_and_one_at_its_end_is_not_yet() -> None:
    selection = chosen(
        make_post("first", published_at=START),
        make_post("last", published_at=END),
        make_post("nearly", published_at=END - timedelta(microseconds=1)),
    )
    assert set(names(selection)) == {"first", "nearly"}
    assert pick_of(selection, "first").origin is Origin.NEW
    assert why(selection) == {"last": "after-window"}
    assert "not before the cut-off 2026-01-19 00:00" in out_of(selection, "last").reason


def test_an_hour_that_shows_twice_is_not_taken_for_the_other_one() -> None:
    """In Havana clocks go back from 01:00 to 00:00, so that a cut-off at midnight has two faces."""
    havana = ZoneInfo("America/Havana")
    end = datetime(2026, 11, 1, tzinfo=havana)
    slot = Slot("2026-W44", end + 8 * HOUR, Window(end - 7 * DAY, end), end + 8 * HOUR)
    second_time = make_post("second", published_at=datetime(2026, 11, 1, 0, 30, fold=1, tzinfo=havana))
    same_in_utc = make_post("utc", published_at=datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    first_time = make_post("first", published_at=datetime(2026, 10, 31, 23, 59, tzinfo=havana))
    assert why(chosen(second_time, same_in_utc, first_time, slot=slot)) == {
        "second": "after-window",
        "utc": "after-window",
    }
    later = Slot("2026-W45", end + 8 * DAY, Window(end.replace(fold=1), end + 7 * DAY), end + 8 * DAY)
    between = make_post("between", published_at=datetime(2026, 11, 1, 0, 30, tzinfo=havana))
    assert pick_of(chosen(between, second_time, slot=later, ledger=ledger_of(OLD)), "between").origin is Origin.LATE
    assert pick_of(chosen(between, second_time, slot=later, ledger=ledger_of(OLD)), "second").origin is Origin.NEW


def test_a_post_dated_before_the_window_that_nobody_saw_is_late_offered_and_told_so() -> None:
    selection = chosen(make_post("late", published_at=START - DAY), ledger=ledger_of(OLD))
    pick = pick_of(selection, "late")
    assert pick.origin is Origin.LATE
    assert "dated before this period, but new on the blog" in pick.reason


def test_a_post_that_was_seen_only_in_this_period_is_late_all_the_same() -> None:
    late = make_post("late", published_at=START - DAY)
    seen = chosen(late, ledger=ledger_of(OLD, known(late, seen=make_slot().due_at)))
    assert pick_of(seen, "late").origin is Origin.LATE


def test_a_post_that_an_earlier_issue_did_not_bring_is_offered_again_and_told_so() -> None:
    left = make_post("left", published_at=START - DAY)
    pick = pick_of(chosen(left, ledger=ledger_of(OLD, known(left))), "left")
    assert pick.origin is Origin.AGAIN
    assert "left over from an earlier period" in pick.reason


def test_a_first_run_brings_its_week_and_mails_no_history() -> None:
    selection = chosen(make_post("old", published_at=START - HOUR), make_post("new", published_at=START))
    assert names(selection) == ["new"]
    assert why(selection) == {"old": "history"}
    assert out_of(selection, "old").code.coverage is Coverage.EXCLUDED


def test_the_history_of_a_source_that_is_new_to_the_newsletter_is_not_offered() -> None:
    old = make_post(id="tech:old", published_at=START - HOUR)
    new = make_post(id="tech:new", published_at=START + HOUR, title="新しい")
    selection = chosen(old, new, ledger=ledger_of(OLD))
    assert [pick.post.id for pick in selection.picks] == ["tech:new"]
    assert [out.code for out in selection.left_out] == [Out.HISTORY]


def test_a_blog_that_had_no_post_yet_when_the_newsletter_began_has_no_history_since() -> None:
    late = make_post("late", published_at=START - DAY)
    assert names(chosen(late, ledger=Ledger(begun_at=START - 7 * DAY))) == ["late"]
    assert why(chosen(late, ledger=Ledger(begun_at=START))) == {"late": "history"}


def test_a_post_that_was_history_once_stays_history() -> None:
    old = make_post("old", published_at=START - DAY)
    assert why(chosen(old, ledger=ledger_of(known(old, history=True)))) == {"old": "history"}


def test_leftovers_are_worth_less_every_week_and_end_at_their_age_limit() -> None:
    scores = []
    post = make_post("left", published_at=START + HOUR)
    for week in range(6):
        slot = later(week)
        selection = chosen(post, ledger=ledger_of(OLD, known(post)), slot=slot, max_age_days=28)
        if not selection.picks:
            out = out_of(selection, "left")
            assert (out.code, out.code.coverage) == (Out.TOO_OLD, Coverage.EXPIRED)
            assert "more than 28 days before the cut-off" in out.reason
            break
        scores.append(selection.picks[0].score)
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_the_age_limit_is_met_to_the_second_and_never_cuts_the_window() -> None:
    limit = END - 10 * DAY
    just, over = make_post("just", published_at=limit), make_post("over", published_at=limit - timedelta(seconds=1))
    assert why(chosen(just, over, ledger=ledger_of(OLD), max_age_days=10)) == {"over": "too-old"}
    assert names(chosen(make_post("first", published_at=START), max_age_days=1)) == ["first"]


def test_a_post_that_an_issue_brought_is_out_and_the_issue_named_even_when_it_was_edited() -> None:
    post = make_post("a")
    edited = replace(post, title="直した見出し", updated_at=END - HOUR)
    for each in (post, edited):
        selection = chosen(each, ledger=ledger_of(known(post, "weekly/2026-W03")))
        assert selection.picks == ()
        out = out_of(selection, "a")
        assert (out.code, out.reason) == (Out.COVERED, "already in weekly/2026-W03")
        assert out.code.coverage is Coverage.SENT


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"withheld": "draft"}, Out.WITHHELD, "the blog does not show it: draft"),
        ({"opt_out": True}, Out.OPTED_OUT, "its front matter keeps it out"),
        ({"expires": SLOT.due_at}, Out.EXPIRED, "expired 2026-01-19 08:00, and the issue leaves 2026-01-19 08:00"),
        ({"hold_until": END}, Out.HELD, "its author holds it until 2026-01-19 00:00, after the cut-off"),
    ],
)
def test_what_the_blog_or_its_author_keeps_back_is_out_with_the_reason(
    changes: dict[str, object], code: Out, words: str
) -> None:
    selection = chosen(make_post("a", **changes))
    assert selection.picks == ()
    assert out_of(selection, "a").code is code
    assert words in out_of(selection, "a").reason
    assert out_of(selection, "a").remedy


def test_a_post_that_expires_after_the_issue_left_is_in() -> None:
    assert names(chosen(make_post("good", expires=SLOT.due_at + timedelta(seconds=1)))) == ["good"]


def test_a_withheld_post_that_the_blog_shows_later_is_offered() -> None:
    hidden = make_post("hidden", published_at=START - 10 * DAY, withheld="draft")
    assert why(chosen(hidden, ledger=ledger_of(OLD))) == {"hidden": "withheld"}
    assert names(chosen(replace(hidden, withheld=""), ledger=ledger_of(OLD))) == ["hidden"]


def test_a_held_post_is_offered_when_its_author_lets_it_go_as_if_it_had_appeared_then() -> None:
    selection = chosen(
        make_post("embargo", published_at=START, hold_until=END),
        make_post("old", published_at=START - 60 * DAY, hold_until=START + DAY),
        make_post("early", published_at=START + 2 * DAY, hold_until=START - DAY),
        make_post("next", published_at=END + DAY, hold_until=END + 2 * DAY),
        ledger=ledger_of(OLD),
    )
    assert names(selection) == ["early", "old"]
    assert pick_of(selection, "old").origin is Origin.NEW
    assert why(selection) == {"embargo": "held", "next": "after-window"}
    assert out_of(selection, "next").reason.startswith("held until 2026-01-21 00:00")


def test_every_post_that_is_out_says_what_would_bring_it_in() -> None:
    posts: list[Post] = [
        make_post("coming", published_at=END),
        make_post("draft", withheld="draft"),
        make_post("old", published_at=START - 40 * DAY),
    ]
    selection = chosen(*posts, ledger=ledger_of(OLD))
    assert {out.remedy for out in selection.left_out} == {
        "wait for the next issue, or choose a later cut-off",
        "publish it on the blog",
        "pin it, or raise max_age_days",
    }


def later(weeks: int) -> Slot:
    by = timedelta(weeks=weeks)
    return Slot(f"2026-W{4 + weeks:02d}", SLOT.due_at + by, Window(START + by, END + by), SLOT.due_at + by)
