"""What a person says about an issue's posts stands until somebody takes it back, and is never forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import IssueStateError
from digest.models import IssueState, Override, OverrideKind
from digest.store import Store
from tests.factories import make_slot
from tests.store.conftest import Desk

SLOT = make_slot()
NOW = SLOT.due_at
PERIOD = SLOT.period


def say(store: Store, kind: OverrideKind, post: str = "blog:a", value: str = "", who: str = "kay") -> Override:
    """Say it, a minute after whatever was said before."""
    said = len(store.overrides.history("weekly", PERIOD))
    return store.overrides.add("weekly", PERIOD, post, kind, value, who, NOW + timedelta(minutes=said))


def standing(store: Store) -> list[tuple[str, str, str]]:
    return [(each.kind, each.post_id, each.value) for each in store.overrides.standing("weekly", PERIOD)]


def test_what_was_said_comes_back_equal_in_every_field_with_who_and_when(store: Store) -> None:
    said = store.overrides.add("weekly", PERIOD, "blog:a", OverrideKind.TITLE, "新しい見出し 𠮷", "編集部", NOW)
    assert store.overrides.standing("weekly", PERIOD) == (said,)
    assert (said.post_id, said.kind, said.value) == ("blog:a", OverrideKind.TITLE, "新しい見出し 𠮷")
    assert (said.who, said.at, said.undone_at, said.undone_by) == ("編集部", NOW, None, "")


def test_nothing_is_said_about_another_period_or_newsletter(store: Store) -> None:
    say(store, OverrideKind.PIN)
    assert store.overrides.standing("weekly", "2026-W05") == ()
    assert store.overrides.standing("monthly", PERIOD) == ()


def test_what_is_of_different_kinds_or_about_different_posts_stands_side_by_side_in_order(store: Store) -> None:
    say(store, OverrideKind.ORDER, value="1")
    say(store, OverrideKind.MOVE, value="news")
    say(store, OverrideKind.PIN, "blog:b")
    say(store, OverrideKind.PIN)
    assert standing(store) == [
        ("order", "blog:a", "1"),
        ("move", "blog:a", "news"),
        ("pin", "blog:b", ""),
        ("pin", "blog:a", ""),
    ]


def test_two_numbers_grow_with_whatever_is_said_and_undone_about_any_issue(store: Store) -> None:
    assert store.overrides.so_far() == (0, 0)
    first = say(store, OverrideKind.PIN)
    assert store.overrides.so_far() == (first.id, 0)
    other = store.overrides.add("monthly", "2026-M01", "blog:a", OverrideKind.PIN, "", "kay", NOW)
    assert store.overrides.so_far() == (other.id, 0)
    store.overrides.undo("weekly", PERIOD, first.id, "ann", NOW)
    assert store.overrides.so_far() == (other.id, 1)


def test_a_second_word_of_the_same_kind_takes_the_place_of_the_first(store: Store) -> None:
    first = say(store, OverrideKind.ORDER, value="1")
    say(store, OverrideKind.ORDER, "blog:b", "1")
    second = say(store, OverrideKind.ORDER, value="3", who="lee")
    assert standing(store) == [("order", "blog:b", "1"), ("order", "blog:a", "3")]
    before = store.overrides.history("weekly", PERIOD)[0]
    assert (before.id, before.value, before.who) == (first.id, "1", "kay")
    assert (before.undone_at, before.undone_by) == (second.at, "lee")


@pytest.mark.parametrize(
    ("first", "second"),
    [(OverrideKind.PIN, OverrideKind.EXCLUDE), (OverrideKind.EXCLUDE, OverrideKind.PIN)],
)
def test_a_post_cannot_be_pinned_and_excluded(store: Store, first: OverrideKind, second: OverrideKind) -> None:
    say(store, first)
    say(store, first, "blog:b")
    say(store, OverrideKind.TITLE, value="stays")
    say(store, second)
    assert standing(store) == [(first, "blog:b", ""), ("title", "blog:a", "stays"), (second, "blog:a", "")]


def test_what_was_said_last_is_undone_first_and_one_by_its_id(store: Store) -> None:
    first, second, third = (say(store, OverrideKind.PIN, name) for name in ("blog:a", "blog:b", "blog:c"))
    assert store.overrides.undo("weekly", PERIOD, None, "lee", NOW).id == third.id
    undone = store.overrides.undo("weekly", PERIOD, first.id, "lee", NOW)
    assert (undone.id, undone.undone_at, undone.undone_by) == (first.id, NOW, "lee")
    assert store.overrides.standing("weekly", PERIOD) == (second,)
    assert [each.undone_by for each in store.overrides.history("weekly", PERIOD)] == ["lee", "", "lee"]


def test_undoing_does_not_bring_back_what_had_been_replaced(store: Store) -> None:
    say(store, OverrideKind.TITLE, value="one")
    say(store, OverrideKind.TITLE, value="two")
    store.overrides.undo("weekly", PERIOD, None, "kay", NOW)
    assert standing(store) == []


def test_where_nothing_stands_there_is_nothing_to_undo(store: Store) -> None:
    with pytest.raises(IssueStateError, match="nothing is overridden in weekly/2026-W04"):
        store.overrides.undo("weekly", PERIOD, None, "kay", NOW)
    said = say(store, OverrideKind.PIN)
    with pytest.raises(IssueStateError, match=f"weekly/2026-W05 has no override {said.id}"):
        store.overrides.undo("weekly", "2026-W05", said.id, "kay", NOW)
    with pytest.raises(IssueStateError, match="has no override 99999999999999999999"):
        store.overrides.undo("weekly", PERIOD, 99999999999999999999, "kay", NOW)
    store.overrides.undo("weekly", PERIOD, said.id, "kay", NOW)
    with pytest.raises(IssueStateError, match=f"override {said.id} of weekly/2026-W04 was undone by kay already"):
        store.overrides.undo("weekly", PERIOD, said.id, "lee", NOW)
    with pytest.raises(IssueStateError, match="nothing is overridden"):
        store.overrides.undo("weekly", PERIOD, None, "kay", NOW)


def test_a_coming_week_can_be_spoken_about_and_is_not_planned_by_it(store: Store) -> None:
    said = say(store, OverrideKind.PIN)
    assert store.issues.find("weekly", PERIOD) is None
    store.issues.plan("weekly", SLOT, NOW)
    assert store.overrides.standing("weekly", PERIOD) == (said,)


def test_what_was_said_survives_a_rebuild(desk: Desk) -> None:
    said = say(desk.store, OverrideKind.PIN)
    desk.frozen()
    desk.frozen(subject="別の件名")
    assert desk.store.overrides.standing("weekly", PERIOD) == (said,)


def test_the_history_of_a_planned_issue_tells_what_was_said_and_undone(desk: Desk) -> None:
    issue = desk.frozen()
    say(desk.store, OverrideKind.PIN)
    say(desk.store, OverrideKind.EXCLUDE, who="lee")
    say(desk.store, OverrideKind.TITLE, value="新しい")
    desk.store.overrides.undo("weekly", PERIOD, None, "kay", NOW)
    told = [(each.who, each.what, each.detail) for each in desk.store.issues.events(issue)]
    assert told[-4:] == [
        ("kay", "override", "pin blog:a"),
        ("lee", "override", "exclude blog:a (instead of pin blog:a)"),
        ("kay", "override", "title blog:a: 新しい"),
        ("kay", "override undone", "title blog:a: 新しい"),
    ]


def test_an_issue_that_has_begun_to_leave_takes_no_overrides_and_gives_none_back(desk: Desk) -> None:
    said = say(desk.store, OverrideKind.PIN)
    desk.sending()
    with pytest.raises(IssueStateError, match="weekly/2026-W04 is sending"):
        say(desk.store, OverrideKind.EXCLUDE)
    with pytest.raises(IssueStateError, match="weekly/2026-W04 is sending"):
        desk.store.overrides.undo("weekly", PERIOD, said.id, "kay", NOW)
    assert desk.store.overrides.history("weekly", PERIOD) == (said,)


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        (IssueState.HELD, True),
        (IssueState.APPROVED, True),
        (IssueState.SKIPPED, True),
        (IssueState.EXPIRED, True),
        (IssueState.CANCELLED, False),
        (IssueState.NEEDS_REVIEW, False),
        (IssueState.SENT, False),
    ],
)
def test_overrides_are_taken_as_long_as_the_issue_can_still_be_built(
    desk: Desk, state: IssueState, taken: bool
) -> None:
    desk.store.issues.move(desk.frozen(), state, allowed=[IssueState.FROZEN], now=NOW)
    if taken:
        say(desk.store, OverrideKind.PIN)
    else:
        with pytest.raises(IssueStateError, match=f"is {state}"):
            say(desk.store, OverrideKind.PIN)
    assert len(standing(desk.store)) == taken


def test_of_many_that_speak_at_once_about_one_post_one_is_heard_last(store_url: str, tmp_path: Path) -> None:
    Store(store_url, tmp_path).close()

    def speak(number: int) -> None:
        store = Store(store_url, tmp_path)
        kind = OverrideKind.PIN if number % 2 else OverrideKind.EXCLUDE
        try:
            store.overrides.add("weekly", PERIOD, "blog:a", kind, "", f"p{number}", NOW)
        finally:
            store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(speak, range(16)))
    store = Store(store_url, tmp_path)
    assert len(standing(store)) == 1
    assert len(store.overrides.history("weekly", PERIOD)) == 16
    store.close()
