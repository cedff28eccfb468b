"""One issue a period for ever, and an approval that stands for exact bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.errors import IssueStateError, StoreError
from digest.models import Finding, IssueState, Level
from digest.store import Frozen, Store
from tests.factories import make_email, make_slot
from tests.store.conftest import Desk


def test_planning_twice_gives_the_same_issue(desk: Desk) -> None:
    first = desk.store.issues.plan("weekly", desk.slot, desk.now)
    second = desk.store.issues.plan("weekly", desk.slot, desk.now)
    assert first == second
    assert len(desk.store.issues.latest()) == 1


def test_many_that_plan_at_once_make_one_issue(store_url: str, tmp_path: Path) -> None:
    slot = make_slot()

    def plan(_: int) -> str:
        store = Store(store_url, tmp_path)
        try:
            return store.issues.plan("weekly", slot, slot.due_at).name
        finally:
            store.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(plan, range(16))) == {"weekly/2026-W04"}
    store = Store(store_url, tmp_path)
    assert [event.what for event in store.issues.events(store.issues.latest()[0])] == ["planned"]
    store.close()


def test_a_frozen_issue_comes_back_equal_in_every_field(desk: Desk) -> None:
    planned = desk.store.issues.plan("weekly", desk.slot, desk.now)
    email = make_email(subject="改行なし “引用” \\ 𠮷 👨‍👩‍👧")
    finding = Finding(Level.WARNING, "mail.size", "大きい", "a.md", 3, "減らす")
    selection = {"sections": [{"picks": [{"id": "x"}]}], "window": {"start": "…"}}
    desk.store.issues.save(planned, 7, Frozen(email, selection, (finding,), ("x",)), IssueState.FROZEN, desk.now)
    found = desk.store.issues.find("weekly", desk.slot.period)
    assert found is not None
    assert (found.number, found.fingerprint, found.subject) == (7, email.fingerprint, email.subject)
    assert desk.store.issues.frozen(found) == Frozen(email, selection, (finding,), ("x",))


def test_building_other_bytes_makes_an_approval_void(desk: Desk) -> None:
    desk.approved()
    changed = desk.frozen(subject="別の件名")
    assert changed.state is IssueState.FROZEN
    assert changed.approved_by == ""
    assert any("void" in event.detail for event in desk.store.issues.events(changed))


def test_building_the_same_bytes_keeps_an_approval(desk: Desk) -> None:
    desk.approved()
    again = desk.frozen()
    assert again.state is IssueState.APPROVED
    assert again.approved_by == "kay"


def test_a_held_issue_stays_held_when_it_is_built_again(desk: Desk) -> None:
    held = desk.store.issues.move(desk.frozen(), IssueState.HELD, allowed=[IssueState.FROZEN], now=desk.now)
    assert held.state is IssueState.HELD
    assert desk.frozen(subject="別の件名").state is IssueState.HELD


def test_an_approval_of_bytes_that_changed_meanwhile_is_refused(desk: Desk) -> None:
    looked_at = desk.frozen()
    desk.frozen(subject="別の件名")
    with pytest.raises(IssueStateError, match="changed since you looked"):
        desk.store.issues.move(
            looked_at,
            IssueState.APPROVED,
            allowed=[IssueState.FROZEN],
            now=desk.now,
            fingerprint=looked_at.fingerprint,
        )


def test_an_issue_that_has_begun_to_leave_cannot_be_built_held_or_skipped(desk: Desk) -> None:
    sending = desk.sending()
    with pytest.raises(IssueStateError, match="can no longer be built"):
        desk.frozen(subject="別の件名")
    with pytest.raises(IssueStateError, match="is sending"):
        desk.store.issues.move(sending, IssueState.SKIPPED, allowed=[IssueState.FROZEN], now=desk.now)


def test_posts_are_covered_from_the_moment_an_issue_leaves(desk: Desk) -> None:
    desk.approved()
    assert _brought(desk.store, "weekly") == {}
    desk.sending()
    assert _brought(desk.store, "weekly") == {"blog:a": "weekly/2026-W04", "blog:b": "weekly/2026-W04"}
    assert _brought(desk.store, "monthly") == {}


def _brought(store: Store, slug: str) -> dict[str, str]:
    known = store.posts.ledger(slug, make_slot().due_at).known
    return {post: each.issue for post, each in known.items() if each.issue}


def test_a_newsletter_is_first_seen_once(desk: Desk) -> None:
    first = desk.store.issues.first_seen("weekly", desk.now)
    later = desk.now.replace(year=2027)
    assert desk.store.issues.first_seen("weekly", later) == first == desk.now


def test_a_rehearsal_in_the_future_does_not_count_as_first_seen(desk: Desk) -> None:
    desk.store.issues.first_seen("weekly", desk.now.replace(year=2027))
    assert desk.store.issues.first_seen("weekly", desk.now) == desk.now


def test_an_issue_that_somebody_decided_about_meanwhile_is_not_overwritten(desk: Desk) -> None:
    planned = desk.store.issues.plan("weekly", desk.slot, desk.now)
    desk.store.issues.move(planned, IssueState.SKIPPED, allowed=[IssueState.PLANNED], now=desk.now, who="boss")
    content = Frozen(make_email(), {"sections": []}, (), ())
    with pytest.raises(IssueStateError, match="became skipped while it was being built"):
        desk.store.issues.save(planned, 1, content, IssueState.FROZEN, desk.now)


def test_stored_bytes_that_are_not_the_approved_ones_are_refused(desk: Desk) -> None:
    issue = desk.frozen()
    with desk.store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE content SET email = replace(email, '投稿', '他人')")
    with pytest.raises(StoreError, match="not the one with the fingerprint"):
        desk.store.issues.frozen(issue)


def test_the_same_bytes_built_again_keep_what_was_found_out_last(desk: Desk) -> None:
    issue = desk.frozen()
    selection = {"sections": [{"picks": [{"id": "blog:with-a-guid"}]}]}
    desk.store.issues.save(issue, 1, Frozen(make_email(), selection, (), ()), IssueState.FROZEN, desk.now)
    frozen = desk.store.issues.frozen(issue)
    assert frozen
    assert frozen.post_ids == ("blog:with-a-guid",)
