"""How fast mail may leave is kept in the ledger: whoever sends, and from wherever, holds to the same pace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from digest.models import Claim, Delivery, DeliveryState, Ended, Issue, Later, Limits
from tests.store.conftest import Desk

LEASE = timedelta(minutes=5)
PROVIDER = "a.provider"


def claim(desk: Desk, issue: Issue, owner: str, seconds: float = 0, **limits: float) -> Claim | Later | None:
    now = desk.now + timedelta(seconds=seconds)
    allowed = replace(Limits(), **limits)
    return desk.store.outbox.claim(issue, owner, now, now + LEASE, provider=PROVIDER, limits=allowed)


def test_what_one_sender_took_another_waits_for(desk: Desk) -> None:
    issue = desk.sending(readers=6, batch_size=2)
    assert isinstance(claim(desk, issue, "one", per_second=0.5), Claim)
    assert claim(desk, issue, "other", 1, per_second=0.5) == Later(desk.now + timedelta(seconds=4))
    assert isinstance(claim(desk, issue, "other", 4, per_second=0.5), Claim)
    assert claim(desk, issue, "one", 5, per_second=0.5) == Later(desk.now + timedelta(seconds=8))


def test_who_has_no_limits_of_its_own_takes_no_place_but_waits_for_the_provider(desk: Desk) -> None:
    issue = desk.sending(readers=6, batch_size=2)
    first = claim(desk, issue, "one")
    assert isinstance(first, Claim)
    until = desk.now + timedelta(seconds=30)
    told = tuple(Delivery(each, DeliveryState.ACCEPTED) for each in first.recipients)
    desk.store.outbox.record(Ended(first, told, desk.now, "answered", hold_back=until))
    assert claim(desk, issue, "other", 29) == Later(until)
    assert isinstance(claim(desk, issue, "other", 30), Claim)


def test_of_two_waits_the_longer_one_counts(desk: Desk) -> None:
    issue = desk.sending(readers=6, batch_size=2)
    both = [claim(desk, issue, "one"), claim(desk, issue, "other")]
    for mine, seconds in zip(both, (60, 20), strict=True):
        assert isinstance(mine, Claim)
        told = tuple(Delivery(each, DeliveryState.ACCEPTED) for each in mine.recipients)
        until = desk.now + timedelta(seconds=seconds)
        desk.store.outbox.record(Ended(mine, told, desk.now, "answered", hold_back=until))
    assert claim(desk, issue, "third", 21) == Later(desk.now + timedelta(seconds=60))


def test_a_request_that_left_nothing_at_the_provider_does_not_count_for_the_day(desk: Desk) -> None:
    issue = desk.sending(readers=4, batch_size=2)
    first = claim(desk, issue, "one", per_day=2)
    assert isinstance(first, Claim)
    assert claim(desk, issue, "one", per_day=2) == Later(
        None, "2 readers got mail within a day, and 2 are allowed (send.per_day)"
    )
    waiting = tuple(Delivery(each, DeliveryState.PENDING) for each in first.recipients)
    desk.store.outbox.record(Ended(first, waiting, desk.now, "not_sent", may_be_sent=False))
    assert isinstance(claim(desk, issue, "one", per_day=2), Claim)


def test_a_batch_that_no_day_allows_is_told_as_one_that_time_does_not_mend(desk: Desk) -> None:
    issue = desk.sending(readers=10, batch_size=5)
    said = "a batch of 5 readers is waiting, and send.per_day allows 2: allow as many"
    assert claim(desk, issue, "one", per_day=2) == Later(None, said)


def test_senders_that_ask_at_once_take_one_place_each(desk: Desk) -> None:
    issue = desk.sending(readers=40, batch_size=2)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(claim, desk, issue, f"sender {number}", 0.0, per_second=1) for number in range(8)]
        answers = [each.result() for each in asked]
    assert sum(isinstance(each, Claim) for each in answers) == 1
    assert sum(isinstance(each, Later) for each in answers) == 7


def test_of_senders_that_ask_at_once_only_as_many_as_the_day_allows_get_a_batch(desk: Desk) -> None:
    issue = desk.sending(readers=40, batch_size=2)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(claim, desk, issue, f"sender {number}", 0.0, per_day=7) for number in range(8)]
        answers = [each.result() for each in asked]
    assert sum(isinstance(each, Claim) for each in answers) == 3
