"""A restored store has forgotten what left since: nothing of that leaves again by itself, and people are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest import pipeline
from digest.errors import IssueStateError, StoreError
from digest.models import TOO_FEW, Claim, Delivery, DeliveryState, Ended, Issue, IssueState, Slot
from digest.store import Frozen, Store
from digest.store.backup.reading import opened
from digest.store.backup.restoring import Restored, restore
from digest.store.backup.snapshot import back_up
from tests.factories import make_email
from tests.store.archives import RESTORED, TAKEN, restored
from tests.store.conftest import Desk

UNKNOWN, PENDING, ACCEPTED = DeliveryState.UNKNOWN, DeliveryState.PENDING, DeliveryState.ACCEPTED


@pytest.fixture
def again(store_url: str, tmp_path: Path) -> Again:
    return Again(store_url, tmp_path)


class Again:
    """Backs the store up and restores it two days later."""

    def __init__(self, url: str, root: Path) -> None:
        self.url, self.root = url, root

    def restored(self) -> Restored:
        return restored(back_up(self.url, self.root, TAKEN).place, self.url, self.root)


def found(store: Store, issue: Issue) -> Issue:
    issue_now = store.issues.find(issue.newsletter, issue.period)
    assert issue_now is not None
    return issue_now


def history(store: Store, issue: Issue) -> Sequence[str]:
    return [each.what for each in store.issues.events(issue)]


def claimed(desk: Desk, issue: Issue) -> Claim:
    claim = desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(minutes=2), provider="a provider")
    assert claim is not None
    return claim


def accepted(desk: Desk, claim: Claim) -> None:
    answers = [Delivery(each, ACCEPTED, "id") for each in claim.recipients]
    desk.store.outbox.record(Ended(claim, answers, desk.now, "answered"))


@pytest.mark.parametrize(
    "state", [IssueState.PLANNED, IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED, IssueState.HELD]
)
def test_an_issue_that_had_not_left_may_have_since_and_is_held(state: IssueState, desk: Desk, again: Again) -> None:
    issue = desk.frozen()
    issue = desk.store.issues.move(issue, state, allowed=[IssueState.FROZEN], now=desk.now, who="kay", reason="mine")
    done = again.restored()
    after = found(desk.store, issue)
    assert done.doubts.held == [issue.name]
    assert (after.state, after.approved_by) == (IssueState.HELD, "")
    for says in ("a backup of 2026-01-19 01:00", "may have left since", f"digest approve {issue.name}", "mine"):
        assert says in after.reason
    assert history(desk.store, issue)[-1] == "restored"
    assert after.updated_at == issue.updated_at, "what was said about its posts since it was built still counts"
    with pytest.raises(IssueStateError):
        desk.store.issues.move(after, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=RESTORED)
    assert pipeline.approve(desk.store, after, "kay", RESTORED).state is IssueState.APPROVED


def test_nothing_that_was_on_its_way_is_sent_again_and_nobody_is_forgotten(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=7, batch_size=2)
    accepted(desk, claimed(desk, issue))
    under_way = claimed(desk, issue)
    done = again.restored()
    after = found(desk.store, issue)
    assert after.state is IssueState.NEEDS_REVIEW
    assert "5 readers may have got it since" in after.reason
    assert done.doubts.unclear == {issue.name: 5}
    assert desk.store.outbox.tally(issue) == {ACCEPTED: 2, UNKNOWN: 5}
    assert history(desk.store, issue)[-1] == "restored"
    assert desk.store.outbox.claim(after, "me", RESTORED, RESTORED + timedelta(minutes=2)) is None
    with pytest.raises(IssueStateError):
        pipeline.approve(desk.store, after, "kay", RESTORED)
    # What the former sender hears is about a store that is gone; it is the truth all the same.
    accepted(desk, under_way)
    assert desk.store.outbox.tally(issue) == {ACCEPTED: 4, UNKNOWN: 3}


def test_no_repeat_takes_a_doubtful_request_for_the_very_same(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    claimed(desk, issue)
    again.restored()
    long_ago = TAKEN - timedelta(days=30)
    assert desk.store.outbox.repeat(issue, "a provider", long_ago, RESTORED) == 0
    assert desk.store.outbox.tally(issue) == {UNKNOWN: 4}


def test_copies_that_were_unclear_before_the_backup_are_not_repeated_either(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claimed(desk, issue)
    assert desk.store.outbox.sweep(issue, desk.now, lambda _: True) == 2
    again.restored()
    assert desk.store.outbox.repeat(issue, "a provider", TAKEN - timedelta(days=30), RESTORED) == 0


def test_the_provider_can_be_asked_about_all_of_them(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=6, batch_size=2)
    accepted(desk, claimed(desk, issue))
    again.restored()
    asked = desk.store.outbox.unclear(issue, "a provider", RESTORED)
    assert [len(each.recipients) for each in asked] == [2, 2]
    assert {each.first_attempt_at for each in asked} == {TAKEN}, "it left after the backup, or never"
    for claim in asked:
        nothing = [Delivery(each, PENDING) for each in claim.recipients]
        assert desk.store.outbox.settle(issue, claim, nothing, RESTORED)
    assert found(desk.store, issue).state is IssueState.SENDING, "whom the provider has nothing of is sent to"


def test_a_person_can_have_them_sent_again(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=3, batch_size=2)
    again.restored()
    assert desk.store.outbox.resolve(issue, UNKNOWN, PENDING, RESTORED, "kay") == 3
    claim = desk.store.outbox.claim(issue, "me", RESTORED, RESTORED + timedelta(minutes=2), provider="another")
    assert claim is not None
    assert len(claim.recipients) == 2
    assert not claim.repeat


def test_an_issue_of_which_nothing_was_left_to_send_is_over(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    accepted(desk, claimed(desk, issue))
    assert not again.restored().doubts.unclear
    assert found(desk.store, issue).state is IssueState.SENT


def test_a_sent_issue_stays_sent_and_a_new_one_is_planned_as_ever(desk: Desk, again: Again) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    accepted(desk, claimed(desk, issue))
    desk.store.outbox.finish(issue, desk.now)
    before = desk.store.issues.events(issue)
    again.restored()
    assert found(desk.store, issue).state is IssueState.SENT
    assert desk.store.issues.events(issue) == before
    coming = slot_due(desk, RESTORED + timedelta(hours=1))
    assert desk.store.issues.plan("weekly", coming, RESTORED).state is IssueState.PLANNED


def slot_due(desk: Desk, due_at: object) -> Slot:
    return replace(desk.slot, period=f"due {due_at}", due_at=due_at)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [timedelta(0), timedelta(days=1), timedelta(days=3)])
def test_an_issue_that_was_due_before_the_restoration_and_is_not_in_the_backup_is_held(
    before: timedelta, desk: Desk, again: Again
) -> None:
    again.restored()
    slot = slot_due(desk, RESTORED - before)
    planned = desk.store.issues.plan("weekly", slot, RESTORED + timedelta(hours=1))
    assert planned.state is IssueState.HELD
    assert "may have left since" in planned.reason
    assert history(desk.store, planned) == ["restored"]
    assert desk.store.issues.plan("weekly", slot, RESTORED) == planned
    frozen = Frozen(make_email(), {"sections": []}, (), ())
    built = desk.store.issues.save(planned, 1, frozen, IssueState.FROZEN, RESTORED)
    assert built.state is IssueState.HELD, "building it lets it go no further"
    assert pipeline.approve(desk.store, built, "kay", RESTORED).state is IssueState.APPROVED


def test_a_thin_week_that_is_taken_up_again_is_held_until_a_person_lets_it_go(desk: Desk, again: Again) -> None:
    issue, thin = desk.frozen(), f"{TOO_FEW}: 0"
    for_good = {"allowed": [IssueState.FROZEN, IssueState.HELD], "now": desk.now, "reason": thin}
    desk.store.issues.move(issue, IssueState.SKIPPED, **for_good)  # type: ignore[arg-type]
    again.restored()
    skipped = found(desk.store, issue)
    assert (skipped.state, skipped.reason) == (IssueState.SKIPPED, thin), "its posts are still offered later"
    frozen = Frozen(make_email(), {"sections": []}, (), ())
    for _ in range(2):
        built = desk.store.issues.save(skipped, 1, frozen, IssueState.FROZEN, RESTORED)
        assert built.state is IssueState.HELD
        assert "may have left since" in built.reason
        skipped = desk.store.issues.move(built, IssueState.SKIPPED, **for_good)  # type: ignore[arg-type]
    built = desk.store.issues.save(skipped, 1, frozen, IssueState.FROZEN, RESTORED)
    pipeline.approve(desk.store, built, "kay", RESTORED)
    again_skipped = pipeline.skip(desk.store, found(desk.store, issue), "kay", thin, RESTORED)
    built = desk.store.issues.save(again_skipped, 1, frozen, IssueState.FROZEN, RESTORED)
    assert built.state is IssueState.FROZEN, "a person has let it go since"


def test_nothing_is_replaced_while_somebody_sends(desk: Desk, store_url: str, tmp_path: Path) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    written = back_up(store_url, tmp_path, TAKEN)
    claimed(desk, issue)
    until = desk.now + timedelta(minutes=2)
    with pytest.raises(StoreError, match=f"{issue.name} is being sent at this moment — run `digest hold {issue.name}`"):
        restored(written.place, store_url, tmp_path, until - timedelta(seconds=1))
    with opened(written.place) as archive, pytest.raises(StoreError, match="is being sent"):
        restore(archive, store_url, tmp_path, until + timedelta(days=1), "kay", lambda _: False)
    assert desk.store.outbox.tally(issue)[DeliveryState.SENDING] == 2
    with opened(written.place) as archive:  # whoever is known to be dead does not send
        restore(archive, store_url, tmp_path, desk.now, "kay", lambda _: True)
    assert desk.store.outbox.tally(issue) == {UNKNOWN: 4}


def test_who_restored_what_is_kept(desk: Desk, again: Again) -> None:
    again.restored()
    with desk.store._engine.begin() as connection:
        from sqlalchemy import select

        from digest.store.schema import restoration

        assert [row[1:] for row in connection.execute(select(restoration))] == [(TAKEN, RESTORED, "kay")]
