"""While a request is under way: its readers are shown as `sending`, and nobody but its end changes its batch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.models import (
    Claim,
    Delivery,
    DeliveryState,
    Ended,
    EventKind,
    Issue,
    IssueState,
    Later,
    Limits,
    ProviderEvent,
)
from tests.store.conftest import Desk

LEASE = timedelta(seconds=90)


def claim(desk: Desk, issue: Issue, after: Ended | None = None) -> Claim:
    found = desk.store.outbox.claim(issue, "me", desk.now, desk.now + LEASE, after=after)
    assert found
    return found


def ended(desk: Desk, claimed: Claim, *states: DeliveryState) -> Ended:
    deliveries = [Delivery(each, state) for each, state in zip(claimed.recipients, states, strict=True)]
    return Ended(claimed, deliveries, desk.now, outcome="answered", may_be_sent=False)


def half_way(desk: Desk) -> tuple[Issue, Claim]:
    """Return an issue of two readers: nobody knows of the first, and the second is being sent anew."""
    issue = desk.sending(readers=2, batch_size=2)
    desk.store.outbox.record(ended(desk, claim(desk, issue), DeliveryState.UNKNOWN, DeliveryState.PENDING))
    again = claim(desk, issue)
    assert [each.address for each in again.recipients] == ["reader1@example.com"]
    return issue, again


def test_its_readers_are_sending_wherever_they_are_counted_or_shown(desk: Desk) -> None:
    issue = desk.sending(readers=3, batch_size=2)
    claim(desk, issue)
    states = [DeliveryState.SENDING, DeliveryState.SENDING, DeliveryState.PENDING]
    assert desk.store.outbox.tally(issue) == {DeliveryState.SENDING: 2, DeliveryState.PENDING: 1}
    assert [each.state for each in desk.store.outbox.deliveries(issue)] == states
    assert [each["state"] for each in desk.store.events.copies(issue)] == states
    assert desk.store.events.domains(issue) == {"example.com": {"sending": 2, "pending": 1}}


def test_they_count_as_handed_over_for_the_day(desk: Desk) -> None:
    issue = desk.sending(readers=3, batch_size=2)
    claim(desk, issue)
    limits = Limits(per_day=2)
    told = desk.store.outbox.claim(issue, "another", desk.now, desk.now + LEASE, limits=limits)
    assert told == Later(None, "2 readers got mail within a day, and 2 are allowed (send.per_day)")


def test_what_a_provider_tells_of_another_reader_of_the_batch_does_not_end_it(desk: Desk) -> None:
    issue, _ = half_way(desk)
    told = ProviderEvent("e1", EventKind.DELIVERED, "reader0@example.com", desk.now, issue=issue.name)
    desk.store.events.take("sendgrid", [("reader0@example.com", told)], desk.now)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1, DeliveryState.SENDING: 1}
    assert desk.store.outbox.claim(issue, "another", desk.now, desk.now + LEASE) is None
    # Its lease is still known: when nobody can tell whether the sender lives, it ends with that.
    assert desk.store.outbox.sweep(issue, desk.now + LEASE, lambda _: None) == 1


@pytest.mark.parametrize(
    ("of", "to"),
    [
        (DeliveryState.UNKNOWN, DeliveryState.PENDING),
        (DeliveryState.PENDING, DeliveryState.ABANDONED),
        (DeliveryState.SENDING, DeliveryState.ABANDONED),
    ],
)
def test_a_person_neither_joins_nor_gives_up_readers_of_it(desk: Desk, of: DeliveryState, to: DeliveryState) -> None:
    issue, again = half_way(desk)
    assert desk.store.outbox.resolve(issue, of, to, desk.now, "kay") == 0
    assert desk.store.outbox.record(ended(desk, again, DeliveryState.ACCEPTED))
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 1, DeliveryState.ACCEPTED: 1}
    assert desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.PENDING, desk.now, "kay") == 1


def test_the_answer_and_the_next_claim_are_one_step(desk: Desk) -> None:
    issue = desk.sending(readers=3, batch_size=1)
    first = claim(desk, issue)
    second = claim(desk, issue, ended(desk, first, DeliveryState.ACCEPTED))
    assert second.seq == first.seq + 1
    assert [each.state for each in desk.store.outbox.deliveries(issue)] == ["accepted", "sending", "pending"]
    # What was refused for now may leave at once, and so comes back by itself, after those who were not tried yet.
    third = claim(desk, issue, ended(desk, second, DeliveryState.PENDING))
    assert third.recipients == second.recipients
    assert third.attempt == 2


def test_an_answer_that_no_longer_counts_does_not_keep_the_next_claim_back(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=1)
    first = claim(desk, issue)
    desk.store.outbox.sweep(issue, desk.now, lambda _: True)
    desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.ABANDONED, desk.now, "kay")
    second = claim(desk, issue, ended(desk, first, DeliveryState.ACCEPTED))
    assert second.seq == first.seq + 1
    assert desk.store.outbox.tally(issue) == {DeliveryState.ABANDONED: 1, DeliveryState.SENDING: 1}


def test_without_a_next_one_the_answer_is_written_all_the_same(desk: Desk) -> None:
    issue = desk.sending(readers=1)
    last = ended(desk, claim(desk, issue), DeliveryState.ACCEPTED)
    assert desk.store.outbox.claim(issue, "me", desk.now, desk.now + LEASE, after=last) is None
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1}


def test_an_answer_that_comes_after_the_issue_was_closed_opens_it_again_for_those_who_have_nothing(desk: Desk) -> None:
    issue = desk.sending(readers=1)
    stalled = claim(desk, issue)
    desk.store.outbox.sweep(issue, desk.now, lambda _: True)
    assert desk.store.outbox.finish(issue, desk.now) is IssueState.NEEDS_REVIEW
    assert desk.store.outbox.record(ended(desk, stalled, DeliveryState.PENDING))
    assert claim(desk, issue).recipients == stalled.recipients
