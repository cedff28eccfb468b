"""Some readers get an issue before the others: how they are chosen, and that nobody overtakes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import Claim, Delivery, DeliveryState, Ended, EventKind, Issue, ProviderEvent, Recipient, Subscriber
from tests.store.conftest import Desk
from tests.store.test_settling import LEASE


def sending(desk: Desk, audience: list[Recipient] | None, seeds: int = 0, share: float = 0, size: int = 2) -> Issue:
    issue = desk.approved()
    boxes = [f"desk{number}@example.com" for number in range(seeds)]
    tokens = desk.store.readers.tokens("weekly", boxes, desk.now)
    first = [Recipient(address, "", tokens[address]) for address in boxes]
    desk.store.outbox.begin(issue, (), audience, size, desk.now, seeds=first, first_share=share)
    found = desk.store.issues.find("weekly", desk.slot.period)
    assert found
    return found


def listed(desk: Desk, *addresses: str) -> None:
    page = [(each, Subscriber(each, confirmed_at=desk.now)) for each in addresses]
    desk.store.subscribers.take("weekly", page, desk.now, "import")


def numbered(count: int) -> list[str]:
    return [f"reader{number}@example.com" for number in range(count)]


def send_wave(desk: Desk, issue: Issue, state: DeliveryState = DeliveryState.ACCEPTED) -> list[str]:
    """Send all that may be sent now; return the addresses."""
    went: list[str] = []
    while found := _claim(desk, issue):
        went += [each.address for each in found.recipients]
        deliveries = [Delivery(each, state, "m1") for each in found.recipients]
        desk.store.outbox.record(Ended(found, deliveries, desk.now, outcome="answered", may_be_sent=False))
    return went


def _claim(desk: Desk, issue: Issue) -> Claim | None:
    return desk.store.outbox.claim(issue, "me", desk.now, desk.now + LEASE)


def open_next(desk: Desk, issue: Issue) -> bool:
    over = desk.store.outbox.wave_over(issue)
    assert over
    return desk.store.outbox.open_next_wave(issue, over, desk.now)


@pytest.mark.parametrize("in_store", [False, True])
def test_first_the_seeds_then_a_share_then_the_rest(desk: Desk, in_store: bool) -> None:
    listed(desk, *numbered(20))
    issue = sending(desk, None if in_store else desk.readers(20), seeds=3, share=0.25)
    assert send_wave(desk, issue) == ["desk0@example.com", "desk1@example.com", "desk2@example.com"]
    assert desk.store.outbox.waits_until(issue, desk.now) is None
    assert open_next(desk, issue)
    share = send_wave(desk, issue)
    assert len(share) == 5
    assert open_next(desk, issue)
    rest = send_wave(desk, issue)
    assert len(rest) == 15
    assert {*share, *rest} == set(numbered(20))
    assert desk.store.outbox.wave_over(issue) is None, "no wave is left"
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 23}


@pytest.mark.parametrize("in_store", [False, True])
def test_the_share_is_chosen_by_chance_and_not_those_who_have_read_longest(desk: Desk, in_store: bool) -> None:
    listed(desk, *numbered(200))
    issue = sending(desk, None if in_store else desk.readers(200), share=0.5, size=50)
    share = send_wave(desk, issue)
    assert len(share) == 100
    assert set(share) != set(numbered(100))


@pytest.mark.parametrize("in_store", [False, True])
def test_a_seed_that_is_a_reader_too_gets_one_copy(desk: Desk, in_store: bool) -> None:
    listed(desk, *numbered(3), "desk0@example.com")
    readers = [*desk.readers(3), *_with_tokens(desk, "desk0@example.com")]
    issue = sending(desk, None if in_store else readers, seeds=1)
    assert send_wave(desk, issue) == ["desk0@example.com"]
    open_next(desk, issue)
    assert sorted(send_wave(desk, issue)) == numbered(3)


def _with_tokens(desk: Desk, *addresses: str) -> list[Recipient]:
    tokens = desk.store.readers.tokens("weekly", addresses, desk.now)
    return [Recipient(each, "", tokens[each]) for each in addresses]


def test_without_seeds_and_share_there_is_one_wave(desk: Desk) -> None:
    issue = sending(desk, desk.readers(5))
    assert len(send_wave(desk, issue)) == 5
    assert desk.store.outbox.wave_over(issue) is None


def test_a_share_of_so_few_that_it_would_be_all_is_no_wave(desk: Desk) -> None:
    issue = sending(desk, desk.readers(1), share=0.5)
    assert len(send_wave(desk, issue)) == 1
    assert desk.store.outbox.wave_over(issue) is None


def test_a_wave_is_not_over_while_somebody_sends_it(desk: Desk) -> None:
    issue = sending(desk, desk.readers(4), seeds=1)
    assert _claim(desk, issue)
    assert desk.store.outbox.wave_over(issue) is None


def test_two_senders_open_a_wave_once(desk: Desk) -> None:
    issue = sending(desk, desk.readers(8), seeds=1, share=0.25)
    send_wave(desk, issue)
    over = desk.store.outbox.wave_over(issue)
    assert over
    assert desk.store.outbox.open_next_wave(issue, over, desk.now)
    assert not desk.store.outbox.open_next_wave(issue, over, desk.now)
    assert len(send_wave(desk, issue)) == 2, "the share, and not the rest with it"


def test_how_a_wave_went_counts_what_was_told_of_it_since(desk: Desk) -> None:
    issue = sending(desk, desk.readers(8), seeds=4)
    refused = _claim(desk, issue)
    assert refused
    deliveries = [Delivery(each, DeliveryState.REJECTED) for each in refused.recipients[:1]]
    deliveries += [Delivery(each, DeliveryState.UNKNOWN) for each in refused.recipients[1:]]
    desk.store.outbox.record(Ended(refused, deliveries, desk.now, outcome="answered"))
    send_wave(desk, issue)
    over = desk.store.outbox.wave_over(issue)
    assert over
    assert (over.number, over.readers, over.refused, over.unclear, over.ended_at) == (0, 4, 1, 1, desk.now)
    bounce = ProviderEvent("e1", EventKind.BOUNCED, "desk3@example.com", desk.now, issue.name, "m1")
    desk.store.events.take("a", [("desk3@example.com", bounce)], desk.now)
    again = desk.store.outbox.wave_over(issue)
    assert again == replace(over, refused=2)


def test_an_issue_that_somebody_holds_opens_no_wave(desk: Desk) -> None:
    issue = sending(desk, desk.readers(2), seeds=1)
    send_wave(desk, issue)
    over = desk.store.outbox.wave_over(issue)
    assert over
    desk.store.outbox.pause(issue, "wait", desk.now)
    assert desk.store.outbox.wave_over(issue) is None
    assert not desk.store.outbox.open_next_wave(issue, over, desk.now)
