"""What becomes of copies that nobody answered for: repeated where that is safe, looked up, or left to a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from digest.models import Claim, Delivery, DeliveryState, Ended, EventKind, Issue, ProviderEvent
from tests.store.conftest import Desk

LEASE = timedelta(seconds=90)


def in_doubt(desk: Desk, issue: Issue, readers: int = 2) -> Claim:
    """One batch that the provider called "keyed" may have, and that waits to be repeated."""
    until = desk.now + LEASE
    first = desk.store.outbox.claim(issue, "me", desk.now, until, provider="keyed", repeatable_since=desk.now)
    assert first
    assert len(first.recipients) == readers
    waiting = [Delivery(each, DeliveryState.PENDING) for each in first.recipients]
    desk.store.outbox.record(Ended(first, waiting, desk.now, outcome="ambiguous", may_be_sent=True))
    return first


def claim_for(desk: Desk, issue: Issue, provider: str, since: datetime | None) -> Claim | None:
    until = desk.now + LEASE
    return desk.store.outbox.claim(issue, "me", desk.now, until, provider=provider, repeatable_since=since)


def test_what_a_provider_may_have_is_claimed_whole_again_while_it_knows_a_repeat(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    first = in_doubt(desk, issue)
    desk.store.readers.suppress(first.recipients[0].token, "unsubscribed", desk.now)
    again = claim_for(desk, issue, "keyed", desk.now)
    assert again
    assert again.recipients == first.recipients


@pytest.mark.parametrize(("provider", "window"), [("keyed", timedelta(seconds=-1)), ("another", timedelta(days=1))])
def test_what_would_not_be_known_as_a_repeat_is_unknown_and_goes_to_nobody(
    desk: Desk, provider: str, window: timedelta
) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    in_doubt(desk, issue)
    assert claim_for(desk, issue, provider, desk.now - window) is None
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}
    assert all("does not promise" in each.error for each in desk.store.outbox.deliveries(issue))


def test_a_provider_without_keys_never_gets_again_what_it_may_have(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    in_doubt(desk, issue)
    assert claim_for(desk, issue, "keyed", None) is None
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


def test_a_refusal_of_a_repeat_does_not_take_back_that_the_first_request_may_have_arrived(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    in_doubt(desk, issue)
    repeat = claim_for(desk, issue, "keyed", desk.now)
    assert repeat
    refused = [Delivery(each, DeliveryState.PENDING) for each in repeat.recipients]
    desk.store.outbox.record(Ended(repeat, refused, desk.now, outcome="refused", may_be_sent=False))
    assert claim_for(desk, issue, "another", None) is None
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


def test_who_decides_to_send_again_answers_for_a_second_copy(desk: Desk) -> None:
    issue = desk.sending(readers=2, batch_size=2)
    first = in_doubt(desk, issue)
    assert claim_for(desk, issue, "another", None) is None
    desk.store.readers.suppress(first.recipients[0].token, "unsubscribed", desk.now)
    assert desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.PENDING, desk.now, "kay") == 2
    again = claim_for(desk, issue, "another", None)
    assert again
    assert again.recipients == first.recipients[1:]


def unclear_batches(desk: Desk, *providers: str) -> Issue:
    issue = desk.sending(readers=2 * len(providers), batch_size=2)
    for provider in providers:
        desk.store.outbox.claim(issue, "dead", desk.now, desk.now + LEASE, provider=provider)
    desk.store.outbox.sweep(issue, desk.now, lambda _: True)
    return issue


def test_only_the_batches_of_a_provider_are_repeated_and_only_in_time(desk: Desk) -> None:
    issue = unclear_batches(desk, "a", "b")
    assert desk.store.outbox.repeat(issue, "a", desk.now + timedelta(seconds=1), desk.now) == 0
    assert desk.store.outbox.repeat(issue, "a", desk.now, desk.now) == 2
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2, DeliveryState.PENDING: 2}


def test_the_rest_of_a_batch_is_not_repeated_once_somebody_of_it_is_settled(desk: Desk) -> None:
    issue = unclear_batches(desk, "a")
    told = ProviderEvent("e1", EventKind.DELIVERED, "reader0@example.com", desk.now, issue.name, "m1")
    desk.store.events.take("a", [("reader0@example.com", told)], desk.now)
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 1, DeliveryState.ACCEPTED: 1}
    assert desk.store.outbox.repeat(issue, "a", desk.now, desk.now) == 0, (
        "it would be another request, with another key"
    )


def test_what_a_look_up_found_is_written_down(desk: Desk) -> None:
    issue = unclear_batches(desk, "a", "b")
    assert desk.store.outbox.unclear(issue, "a", desk.now - timedelta(seconds=1)) == [], "too young"
    (asked,) = desk.store.outbox.unclear(issue, "a", desk.now)
    assert [each.address for each in asked.recipients] == ["reader0@example.com", "reader1@example.com"]
    found = [
        Delivery(asked.recipients[0], DeliveryState.ACCEPTED, "m1"),
        Delivery(asked.recipients[1], DeliveryState.PENDING),
    ]
    assert desk.store.outbox.settle(issue, asked, found, desk.now)
    assert desk.store.outbox.tally(issue) == {
        DeliveryState.UNKNOWN: 2,
        DeliveryState.ACCEPTED: 1,
        DeliveryState.PENDING: 1,
    }
    again = claim_for(desk, issue, "a", None)
    assert again
    assert again.recipients == asked.recipients[1:]


def test_what_a_look_up_found_comes_too_late_once_the_batch_was_tried_again(desk: Desk) -> None:
    issue = unclear_batches(desk, "a")
    (asked,) = desk.store.outbox.unclear(issue, "a", desk.now)
    desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.PENDING, desk.now, "kay")
    desk.store.outbox.claim(issue, "dead", desk.now, desk.now + LEASE, provider="a")
    desk.store.outbox.sweep(issue, desk.now, lambda _: True)
    found = [Delivery(each, DeliveryState.PENDING) for each in asked.recipients]
    assert not desk.store.outbox.settle(issue, asked, found, desk.now)
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


def test_a_look_up_never_takes_back_what_is_settled(desk: Desk) -> None:
    issue = unclear_batches(desk, "a")
    (asked,) = desk.store.outbox.unclear(issue, "a", desk.now)
    told = ProviderEvent("e1", EventKind.DELIVERED, "reader0@example.com", desk.now, issue.name, "m1")
    desk.store.events.take("a", [("reader0@example.com", told)], desk.now)
    found = [Delivery(each, DeliveryState.PENDING) for each in asked.recipients]
    desk.store.outbox.settle(issue, asked, found, desk.now)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1, DeliveryState.PENDING: 1}
