"""What is history, what an issue brought, and what is not yet covered, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from digest.errors import IssueStateError
from digest.models import TOO_FEW, Issue, IssueState, Ledger, Post, Slot, Window
from digest.store import Frozen, Store
from tests.factories import TOKYO, make_email, make_post, make_slot
from tests.store.conftest import Desk

SLOT = make_slot()
BEGUN_AT = SLOT.window.start
NOW = SLOT.due_at
BEFORE, DURING = BEGUN_AT - timedelta(days=30), BEGUN_AT + timedelta(days=2)


def post(name: str, published_at: datetime = DURING, **changes: Any) -> Post:
    return make_post(id=name, published_at=published_at, **changes)


def later(weeks: int) -> Slot:
    by = timedelta(weeks=weeks)
    window = Window(SLOT.window.start + by, SLOT.window.end + by)
    return Slot(f"2026-W{4 + weeks:02d}", SLOT.due_at + by, window, SLOT.due_at + by)


def ledger(store: Store, **changes: Any) -> Ledger:
    return store.posts.ledger("weekly", **{"before": SLOT.due_at, **changes})


def histories(store: Store) -> dict[str, bool]:
    return {each.id: each.history for each in ledger(store).known.values()}


def leave(store: Store, slot: Slot, number: int, selection: dict[str, Any]) -> None:
    """Let an issue with this selection leave, to nobody."""
    store.outbox.begin(approve(store, slot, number, selection), (), (), 1, slot.due_at)


def approve(store: Store, slot: Slot, number: int, selection: dict[str, Any]) -> Issue:
    planned = store.issues.plan("weekly", slot, slot.due_at)
    content = Frozen(make_email(subject=slot.period), selection, (), ())
    saved = store.issues.save(planned, number, content, IssueState.FROZEN, slot.due_at)
    return store.issues.move(saved, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=slot.due_at)


def shows(*picks: str, more: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> dict[str, Any]:
    """A selection in which every `also` stands below the first pick, or below the first of `more`."""
    entries: list[dict[str, Any]] = [{"id": name, "also": []} for name in (*picks, *more)]
    entries[0]["also"] = [{"id": name} for name in also]
    return {"sections": [{"picks": entries[: len(picks)]}], "more": entries[len(picks) :]}


def roles(store: Store) -> dict[str, tuple[str, str]]:
    return {each.id: (each.issue, each.role) for each in ledger(store).known.values()}


@contextmanager
def writes(store: Store) -> Iterator[list[str]]:
    """Collect the statements that write or lock rows."""
    written: list[str] = []

    def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN")) or " FOR " in statement:
            written.append(statement)

    event.listen(store._engine, "before_cursor_execute", watch)
    yield written
    event.remove(store._engine, "before_cursor_execute", watch)


def test_a_newsletter_that_is_not_known_has_an_empty_ledger(store: Store) -> None:
    assert ledger(store) == Ledger({}, None, ())


def test_what_was_there_before_the_newsletter_began_is_history_and_the_rest_is_not(store: Store) -> None:
    store.posts.record("weekly", [post("blog:old", BEFORE), post("blog:new")], BEGUN_AT, NOW)
    assert histories(store) == {"blog:new": False, "blog:old": True}


def test_a_post_from_the_very_moment_of_the_beginning_is_not_history(store: Store) -> None:
    just_before = BEGUN_AT - timedelta(microseconds=1)
    store.posts.record("weekly", [post("blog:at", BEGUN_AT), post("blog:before", just_before)], BEGUN_AT, NOW)
    assert histories(store) == {"blog:at": False, "blog:before": True}


def test_a_backdated_post_that_comes_later_is_not_history(store: Store) -> None:
    store.posts.record("weekly", [post("blog:new")], BEGUN_AT, NOW)
    store.posts.record("weekly", [post("blog:backdated", BEFORE)], BEGUN_AT, NOW)
    assert histories(store)["blog:backdated"] is False


def test_the_old_posts_of_a_source_that_joins_later_are_history(store: Store) -> None:
    store.posts.record("weekly", [post("blog:new")], BEGUN_AT, NOW)
    store.posts.record("weekly", [post("news:old", BEFORE), post("news:new")], BEGUN_AT, NOW)
    assert histories(store) == {"blog:new": False, "news:new": False, "news:old": True}


def test_a_post_that_its_author_held_over_the_beginning_is_not_history(store: Store) -> None:
    store.posts.record("weekly", [post("blog:held", BEFORE, hold_until=DURING)], BEGUN_AT, NOW)
    assert histories(store) == {"blog:held": False}


def test_a_draft_that_lay_there_before_the_newsletter_began_can_still_become_news(store: Store) -> None:
    store.posts.record("weekly", [post("blog:draft", BEFORE, withheld="draft")], BEGUN_AT, NOW)
    store.posts.record("weekly", [post("blog:draft", BEFORE)], BEGUN_AT, NOW)
    assert histories(store) == {"blog:draft": False}


def test_what_is_history_to_one_newsletter_is_unknown_to_another(store: Store) -> None:
    store.posts.record("weekly", [post("blog:old", BEFORE)], BEGUN_AT, NOW)
    assert store.posts.ledger("monthly", NOW).known == {}
    store.posts.record("monthly", [post("blog:old", BEFORE)], BEFORE, NOW)
    store.posts.record("weekly", [post("blog:old", BEFORE, title="weekly's")], BEGUN_AT, NOW)
    monthly = store.posts.ledger("monthly", NOW).known["blog:old"]
    assert (monthly.history, monthly.title) == (False, post("blog:old").title)
    assert histories(store) == {"blog:old": True}


def test_a_post_that_moved_and_was_retitled_is_the_same_post_seen_first_when_it_was(store: Store) -> None:
    store.posts.record("weekly", [post("blog:a", BEFORE)], BEGUN_AT, NOW)
    moved = post("blog:a", DURING, url="https://blog.example.com/moved/", title="題が変わった 𠮷")
    store.posts.record("weekly", [moved, post("blog:b")], BEGUN_AT, NOW + timedelta(days=1))
    known = ledger(store).known["blog:a"]
    assert (known.url, known.title, known.published_at) == (moved.url, moved.title, DURING)
    assert (known.first_seen_at, known.history) == (NOW, True)
    assert ledger(store).known["blog:b"].first_seen_at == NOW + timedelta(days=1)


def test_a_post_that_is_gone_stays_known(store: Store) -> None:
    store.posts.record("weekly", [post("blog:a"), post("blog:b")], BEGUN_AT, NOW)
    store.posts.record("weekly", [post("blog:b")], BEGUN_AT, NOW)
    assert list(ledger(store).known) == ["blog:a", "blog:b"]


def test_known_posts_come_in_the_order_of_their_ids_and_their_moments_are_aware(store: Store) -> None:
    store.posts.record("weekly", [post(f"blog:{name}") for name in ("あ", "b", "B", "_", "a")], BEGUN_AT, NOW)
    leave(store, SLOT, 1, shows("blog:z", "blog:b"))
    known = ledger(store).known
    assert list(known) == sorted(known)
    assert len(known) == 6
    assert known["blog:a"].published_at == DURING
    assert known["blog:a"].published_at.utcoffset() is not None


def test_dates_that_no_calendar_shows_are_kept_all_the_same(store: Store) -> None:
    dates = [datetime(1, 1, 1, tzinfo=TOKYO), datetime(9999, 12, 31, 23, tzinfo=UTC)]
    posts = [post(f"blog:{number}", at) for number, at in enumerate(dates)]
    for _ in range(2):
        store.posts.record("weekly", posts, BEGUN_AT, NOW)
    assert histories(store) == {"blog:0": True, "blog:1": False}


def test_what_is_known_already_is_not_written_again(store: Store) -> None:
    # 2026-04-05 01:45 comes twice there; Python holds such a moment for unequal to any in another zone.
    twice = datetime(2026, 4, 5, 1, 45, tzinfo=ZoneInfo("Australia/Lord_Howe"), fold=1)
    posts = [post("blog:a"), post("blog:b", BEFORE), post("blog:twice", twice)]
    store.posts.record("weekly", posts, BEGUN_AT, NOW)
    with writes(store) as written:
        store.posts.record("weekly", posts[::-1], BEGUN_AT, NOW + timedelta(days=1))
    assert written == []
    with writes(store) as written:
        store.posts.record("weekly", [replace(posts[0], title="another")], BEGUN_AT, NOW)
    assert any(each.startswith("UPDATE") for each in written)


def test_many_that_record_at_once_write_each_post_once_and_agree_on_what_is_history(
    store_url: str, tmp_path: Path
) -> None:
    posts = [post(f"blog:{number}", BEFORE if number % 2 else DURING) for number in range(2_000)]
    store = Store(store_url, tmp_path)
    store.issues.plan("weekly", SLOT, NOW)
    together = Barrier(4)

    def record(order: int) -> None:
        own = Store(store_url, tmp_path)
        together.wait()
        try:
            own.posts.record("weekly", posts[::order], BEGUN_AT, NOW)
        finally:
            own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, (1, -1, 1, -1)))
    assert histories(store) == {f"blog:{number}": bool(number % 2) for number in range(2_000)}
    store.close()


def test_ten_thousand_posts_are_recorded_faster_when_nothing_is_new(tmp_path: Path) -> None:
    store = Store("sqlite:///s.sqlite3", tmp_path)
    posts = [post(f"blog:_posts/{number}.md", BEFORE, title=f"{number} " * 20) for number in range(10_000)]
    took = []
    for _ in range(2):
        began = time.process_time()
        store.posts.record("weekly", posts, BEGUN_AT, NOW)
        took.append(time.process_time() - began)
    assert took[1] < took[0]
    store.close()


def test_an_issue_covers_its_picks_what_it_tells_by_title_and_what_it_names_beside(store: Store) -> None:
    leave(store, SLOT, 1, shows("blog:a", "blog:b", more=("blog:c",), also=("blog:d",)))
    assert roles(store) == {
        "blog:a": ("weekly/2026-W04", "pick"),
        "blog:b": ("weekly/2026-W04", "pick"),
        "blog:c": ("weekly/2026-W04", "more"),
        "blog:d": ("weekly/2026-W04", "also"),
    }


def test_what_is_named_below_a_post_told_by_its_title_is_covered_too(store: Store) -> None:
    leave(store, SLOT, 1, shows(more=("blog:c",), also=("blog:d",)))
    assert roles(store) == {"blog:c": ("weekly/2026-W04", "more"), "blog:d": ("weekly/2026-W04", "also")}


def test_an_issue_that_has_not_left_covers_nothing(desk: Desk) -> None:
    desk.approved()
    desk.store.posts.record("weekly", [post("blog:a")], BEGUN_AT, NOW)
    assert roles(desk.store) == {"blog:a": ("", "")}


@pytest.mark.parametrize("role", ["pick", "more"])
def test_what_another_issue_named_beside_a_pick_is_not_brought_again(store: Store, role: str) -> None:
    leave(store, SLOT, 1, shows("blog:a", also=("blog:d",)))
    again = shows("blog:d") if role == "pick" else shows("blog:e", more=("blog:d",))
    with pytest.raises(IssueStateError, match="went out in another issue"):
        leave(store, later(1), 2, again)
    assert roles(store)["blog:d"] == ("weekly/2026-W04", "also")
    assert "blog:e" not in roles(store)


def test_what_another_issue_brought_may_be_named_again_and_remains_that_issues(store: Store) -> None:
    leave(store, SLOT, 1, shows("blog:a", "blog:b"))
    leave(store, later(1), 2, shows("blog:c", also=("blog:a", "blog:d")))
    assert roles(store) == {
        "blog:a": ("weekly/2026-W04", "pick"),
        "blog:b": ("weekly/2026-W04", "pick"),
        "blog:c": ("weekly/2026-W05", "pick"),
        "blog:d": ("weekly/2026-W05", "also"),
    }


def test_of_two_issues_that_leave_at_once_with_the_same_post_one_leaves(store_url: str, tmp_path: Path) -> None:
    store = Store(store_url, tmp_path)
    names = [f"blog:{number}" for number in range(400)]
    shown = {weeks: shows(f"blog:own-{weeks}", *names[:: 1 - 2 * weeks]) for weeks in (0, 1)}
    issues = [approve(store, later(weeks), weeks + 1, shown[weeks]) for weeks in shown]
    together = Barrier(2)

    def go(issue: Issue) -> bool:
        own = Store(store_url, tmp_path)
        together.wait()
        try:
            own.outbox.begin(issue, (), (), 1, NOW)
        except IssueStateError:
            return False
        finally:
            own.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(go, issues))
    assert sorted(left) == [False, True]
    assert {issue for issue, _ in roles(store).values()} == {issues[left.index(True)].name}
    assert len(roles(store)) == len(names) + 1
    store.close()


def test_a_frozen_version_tells_in_which_role_it_shows_each_post() -> None:
    selection = shows("blog:a", more=("blog:c",), also=("blog:d", "blog:c"))
    assert Frozen(make_email(), selection, (), ()).roles == {"blog:a": "pick", "blog:c": "more", "blog:d": "also"}


def test_the_issue_that_is_being_made_brought_nothing_as_far_as_its_own_ledger_goes(store: Store) -> None:
    store.posts.record("weekly", [post("blog:a")], BEGUN_AT, NOW)
    leave(store, SLOT, 1, shows("blog:a", "blog:b"))
    leave(store, later(1), 2, shows("blog:c"))
    known = ledger(store, except_issue="weekly/2026-W04").known
    assert {each.id: each.issue for each in known.values()} == {"blog:a": "", "blog:c": "weekly/2026-W05"}
    assert known["blog:a"].role == ""


def test_a_newsletter_begins_with_the_window_of_its_first_issue(store: Store) -> None:
    store.issues.plan("weekly", later(1), NOW)
    assert ledger(store).begun_at == later(1).window.start
    store.issues.plan("weekly", SLOT, NOW)
    store.issues.plan("monthly", replace(SLOT, window=Window(BEFORE, NOW)), NOW)
    assert ledger(store).begun_at == BEGUN_AT


def test_the_window_of_an_issue_follows_its_slot_until_it_begins_to_leave(desk: Desk) -> None:
    wider = replace(SLOT, window=Window(BEFORE, SLOT.window.end))
    desk.frozen()
    desk.store.issues.plan("weekly", wider, NOW)
    assert ledger(desk.store).begun_at == BEFORE
    desk.store.issues.plan("weekly", SLOT, NOW)
    desk.sending()
    desk.store.issues.plan("weekly", wider, NOW)
    assert ledger(desk.store).begun_at == BEGUN_AT


def test_planning_again_with_the_same_window_changes_nothing(desk: Desk) -> None:
    first = desk.store.issues.plan("weekly", SLOT, NOW)
    again = desk.store.issues.plan("weekly", SLOT, NOW + timedelta(hours=1))
    wider = replace(SLOT, window=Window(BEFORE, SLOT.window.end))
    moved = desk.store.issues.plan("weekly", wider, NOW + timedelta(hours=1))
    assert first == again == moved, "not even `updated_at`, by which a run knows how fresh an issue is"


def test_a_window_from_a_midnight_that_comes_twice_is_written_once(store: Store) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=ZoneInfo("America/Havana"))
    slot = replace(SLOT, window=Window(midnight, midnight + timedelta(days=7)))
    store.issues.plan("weekly", slot, NOW)
    with writes(store) as written:
        store.issues.plan("weekly", slot, NOW)
    assert not any(each.startswith("UPDATE") for each in written)


def skip(store: Store, slot: Slot, reason: str = f"{TOO_FEW}: 1, and the newsletter wants at least 3") -> None:
    planned = store.issues.plan("weekly", slot, slot.due_at)
    store.issues.move(planned, IssueState.SKIPPED, allowed=[IssueState.PLANNED], now=slot.due_at, reason=reason)


def open_weeks(store: Store, weeks: int, **changes: Any) -> list[datetime]:
    windows = ledger(store, before=later(weeks).due_at, **changes).open_windows
    assert all(window.end - window.start == timedelta(days=7) for window in windows)
    return [window.start for window in windows]


def test_the_windows_of_thin_weeks_stay_open_until_an_issue_leaves(store: Store) -> None:
    skip(store, SLOT)
    leave(store, later(1), 1, shows("blog:a"))
    skip(store, later(2))
    skip(store, later(3))
    assert open_weeks(store, 4) == [later(2).window.start, later(3).window.start], "oldest first"
    assert open_weeks(store, 2) == []
    assert open_weeks(store, 1) == [SLOT.window.start]


def test_a_week_that_a_person_skipped_does_not_stay_open(store: Store) -> None:
    skip(store, SLOT)
    skip(store, later(1), "holidays")
    assert open_weeks(store, 2) == []


def test_the_window_of_the_issue_that_is_being_made_again_is_not_open_besides(store: Store) -> None:
    skip(store, SLOT)
    skip(store, later(1))
    assert open_weeks(store, 1) == [SLOT.window.start]
    assert open_weeks(store, 2, except_issue="weekly/2026-W05") == [SLOT.window.start]


def test_a_moment_comes_back_as_the_same_moment_whatever_the_zone_of_the_server(store: Store) -> None:
    if store._engine.dialect.name == "postgresql":
        with store._engine.begin() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar()
            connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'America/New_York'"))
        store._engine.dispose()
    posts = [post("blog:a"), post("blog:first", datetime(1, 1, 1, tzinfo=UTC))]
    store.posts.record("weekly", posts, BEGUN_AT, NOW)
    known = ledger(store).known
    assert known["blog:a"].published_at == DURING
    assert known["blog:a"].published_at.utcoffset() == timedelta(0)
    assert len(known) == 2
