"""Nobody twice, nobody forgotten: what the outbox promises, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import IssueStateError
from digest.models import Claim, Delivery, DeliveryState, Ended, Issue, IssueState
from digest.store import Frozen, Store
from tests.factories import make_email
from tests.store.conftest import Desk

LEASE = timedelta(seconds=90)


def claim(desk: Desk, issue: Issue, owner: str = "me") -> Claim | None:
    return desk.store.outbox.claim(issue, owner, desk.now, desk.now + LEASE)


def record(desk: Desk, claimed: Claim, state: DeliveryState, **changes: object) -> bool:
    deliveries = [Delivery(each, state, message_id="m1") for each in claimed.recipients]
    changes = {"may_be_sent": False, **changes}  # it was answered
    return desk.store.outbox.record(Ended(claimed, deliveries, desk.now, outcome="answered", **changes))  # type: ignore[arg-type]


def total(desk: Desk, issue: Issue) -> int:
    return sum(desk.store.outbox.tally(issue).values())


def test_every_reader_is_in_exactly_one_batch(desk: Desk) -> None:
    issue = desk.sending(readers=5, batch_size=2)
    claims = [claim(desk, issue) for _ in range(4)]
    assert [len(each.recipients) for each in claims if each] == [2, 2, 1]
    assert claims[3] is None
    addresses = [reader.address for each in claims if each for reader in each.recipients]
    assert sorted(addresses) == [f"reader{number}@example.com" for number in range(5)]


def test_an_issue_begins_to_leave_once(desk: Desk) -> None:
    issue = desk.approved()
    readers = desk.readers(3)
    desk.store.outbox.begin(issue, ("blog:a",), readers, 2, desk.now)
    with pytest.raises(IssueStateError, match="is sending"):
        desk.store.outbox.begin(issue, ("blog:a",), readers, 2, desk.now)
    assert total(desk, issue) == 3


def test_a_post_that_went_out_elsewhere_stops_the_issue_and_leaves_no_trace(desk: Desk) -> None:
    desk.sending()
    other = desk.store.issues.plan("weekly", replace(desk.slot, period="2026-W05"), desk.now)
    frozen = desk.store.issues.frozen(desk.store.issues.find("weekly", desk.slot.period) or other)
    assert frozen
    saved = desk.store.issues.save(other, 2, frozen, IssueState.FROZEN, desk.now)
    approved = desk.store.issues.move(saved, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=desk.now)
    with pytest.raises(IssueStateError, match="went out in another issue"):
        desk.store.outbox.begin(approved, ("blog:b",), desk.readers(3), 2, desk.now)
    after = desk.store.issues.find("weekly", "2026-W05")
    assert after
    assert after.state is IssueState.APPROVED
    assert total(desk, after) == 0


def test_an_answer_moves_each_reader_and_ends_the_issue(desk: Desk) -> None:
    issue = desk.sending(readers=3, batch_size=2)
    first, second = claim(desk, issue), claim(desk, issue)
    assert first
    assert second
    assert record(desk, first, DeliveryState.ACCEPTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENDING
    assert record(desk, second, DeliveryState.REJECTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENT
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2, DeliveryState.REJECTED: 1}
    assert {each.message_id for each in desk.store.outbox.deliveries(issue)} == {"m1"}


def test_a_claim_whose_owner_died_becomes_unknown_and_is_not_sent_again(desk: Desk) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    claim(desk, issue, "dead")
    alive = claim(desk, issue, "alive")
    assert alive
    assert desk.store.outbox.sweep(issue, desk.now, lambda owner: owner == "dead") == 2
    assert claim(desk, issue) is None
    record(desk, alive, DeliveryState.ACCEPTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.NEEDS_REVIEW
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2, DeliveryState.ACCEPTED: 2}


def test_a_claim_whose_lease_is_over_becomes_unknown(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claim(desk, issue)
    assert desk.store.outbox.sweep(issue, desk.now + LEASE - timedelta(seconds=1), lambda _: None) == 0
    assert desk.store.outbox.sweep(issue, desk.now + LEASE, lambda _: None) == 2


def test_a_late_answer_to_a_swept_claim_is_still_the_truth(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    late = claim(desk, issue)
    assert late
    desk.store.outbox.sweep(issue, desk.now + LEASE, lambda _: None)
    assert record(desk, late, DeliveryState.ACCEPTED)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2}


def test_a_stale_worker_cannot_overwrite_a_newer_attempt(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    stale = claim(desk, issue)
    assert stale
    desk.store.outbox.sweep(issue, desk.now + LEASE, lambda _: None)
    desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.PENDING, desk.now, "kay")
    newer = claim(desk, issue)
    assert newer
    assert newer.attempt == 2
    assert not record(desk, stale, DeliveryState.REJECTED), "while the newer one is under way"
    assert record(desk, newer, DeliveryState.ACCEPTED)
    assert not record(desk, stale, DeliveryState.REJECTED), "nor afterwards"
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2}


def test_accepted_is_final(desk: Desk) -> None:
    issue = desk.sending(readers=1, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    record(desk, claimed, DeliveryState.ACCEPTED)
    assert not record(desk, claimed, DeliveryState.UNKNOWN)
    assert desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.PENDING, desk.now, "kay") == 0
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1}


def test_what_was_certainly_not_sent_waits_for_its_time(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    later = desk.now + timedelta(minutes=2)
    record(desk, claimed, DeliveryState.PENDING, not_before=later)
    assert claim(desk, issue) is None
    assert desk.store.outbox.waits_until(issue, desk.now) == later
    again = desk.store.outbox.claim(issue, "me", later, later + LEASE)
    assert again
    assert (again.attempt, again.first_attempt_at) == (2, desk.now)


def test_only_the_unsent_part_of_a_batch_is_claimed_again(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    one, two = claimed.recipients
    answer = [Delivery(one, DeliveryState.ACCEPTED), Delivery(two, DeliveryState.PENDING)]
    desk.store.outbox.record(Ended(claimed, answer, desk.now, outcome="answered", may_be_sent=False))
    again = claim(desk, issue)
    assert again
    assert again.recipients == (two,)


def test_a_reader_who_unsubscribed_before_the_issue_is_suppressed(desk: Desk) -> None:
    issue = desk.approved()
    readers = desk.readers(3)
    assert desk.store.readers.suppress(readers[1].token, "unsubscribed", desk.now)
    desk.store.outbox.begin(issue, (), readers, 2, desk.now)
    tally = desk.store.outbox.tally(issue)
    assert tally == {DeliveryState.PENDING: 2, DeliveryState.SUPPRESSED: 1}


def test_a_reader_who_unsubscribes_while_it_is_being_sent_is_dropped_from_the_next_batch(desk: Desk) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    for reader in desk.readers(2):
        desk.store.readers.suppress(reader.token, "unsubscribed", desk.now)
    claimed = claim(desk, issue)
    assert claimed
    assert [reader.address for reader in claimed.recipients] == ["reader2@example.com", "reader3@example.com"]
    record(desk, claimed, DeliveryState.ACCEPTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENT
    assert desk.store.outbox.tally(issue) == {DeliveryState.SUPPRESSED: 2, DeliveryState.ACCEPTED: 2}


@pytest.mark.parametrize(
    ("decision", "end"),
    [
        (DeliveryState.ACCEPTED, IssueState.SENT),
        (DeliveryState.ABANDONED, IssueState.CANCELLED),
        (DeliveryState.PENDING, IssueState.SENDING),
    ],
)
def test_a_person_ends_the_doubt(desk: Desk, decision: DeliveryState, end: IssueState) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claim(desk, issue, "dead")
    desk.store.outbox.sweep(issue, desk.now, lambda _: True)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.NEEDS_REVIEW
    assert desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, decision, desk.now, "kay") == 2
    assert desk.store.outbox.finish(issue, desk.now) is end
    assert any(event.who == "kay" for event in desk.store.issues.events(issue))


def test_parallel_senders_never_claim_the_same_batch(store_url: str, tmp_path: Path, desk: Desk) -> None:
    issue = desk.sending(readers=60, batch_size=3)

    def drain(owner: int) -> list[str]:
        store = Store(store_url, tmp_path)
        taken: list[str] = []
        while claimed := store.outbox.claim(issue, str(owner), desk.now, desk.now + LEASE):
            taken += [reader.address for reader in claimed.recipients]
            deliveries = [Delivery(each, DeliveryState.ACCEPTED) for each in claimed.recipients]
            assert store.outbox.record(Ended(claimed, deliveries, desk.now, outcome="answered"))
        store.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [address for part in pool.map(drain, range(4)) for address in part]
    assert len(taken) == len(set(taken)) == 60
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 60}


def test_a_living_owner_keeps_its_claim_even_when_its_lease_is_over(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claim(desk, issue)
    assert desk.store.outbox.sweep(issue, desk.now + 2 * LEASE, lambda _: False) == 0


def test_an_issue_that_nobody_accepted_needs_a_look_and_can_be_tried_again(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    record(desk, claimed, DeliveryState.REJECTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.NEEDS_REVIEW
    assert desk.store.outbox.resolve(issue, DeliveryState.REJECTED, DeliveryState.PENDING, desk.now, "kay") == 2
    again = claim(desk, issue)
    assert again
    record(desk, again, DeliveryState.ACCEPTED)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENT


def test_abandoning_what_waits_ends_an_issue(desk: Desk) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    record(desk, claimed, DeliveryState.ACCEPTED)
    assert desk.store.outbox.resolve(issue, DeliveryState.PENDING, DeliveryState.ABANDONED, desk.now, "kay") == 2
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.SENT
    assert claim(desk, issue) is None


def test_an_issue_abandoned_before_anybody_got_it_is_not_called_sent(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    desk.store.outbox.resolve(issue, DeliveryState.PENDING, DeliveryState.ABANDONED, desk.now, "kay")
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.CANCELLED


def test_a_batch_that_a_wrong_clock_sent_to_next_year_is_due_now(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    claimed = claim(desk, issue)
    assert claimed
    record(desk, claimed, DeliveryState.PENDING, not_before=desk.now + timedelta(days=365))
    assert desk.store.outbox.waits_until(issue, desk.now) == desk.now
    assert claim(desk, issue)


def test_what_was_not_tried_yet_comes_before_what_waits_for_another_try(desk: Desk) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    first = claim(desk, issue)
    assert first
    record(desk, first, DeliveryState.PENDING, not_before=desk.now)
    second = claim(desk, issue)
    assert second
    assert second.seq == 2


def test_two_issues_never_leave_with_the_same_number(desk: Desk) -> None:
    waiting = desk.store.issues.plan("weekly", replace(desk.slot, period="2026-W03"), desk.now)
    desk.sending()
    content = Frozen(make_email(), {"sections": []}, (), ())
    saved = desk.store.issues.save(waiting, 1, content, IssueState.FROZEN, desk.now)
    approved = desk.store.issues.move(saved, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=desk.now)
    with pytest.raises(IssueStateError, match=r"no\. 1 has left as weekly/2026-W04"):
        desk.store.outbox.begin(approved, (), desk.readers(1), 1, desk.now)
    assert desk.store.issues.next_number("weekly", replace(desk.slot, period="2026-W03")) == 2
