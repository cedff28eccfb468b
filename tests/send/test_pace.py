"""How fast an issue leaves, what stops it for good, and that a person lets it go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from digest import pipeline
from digest.errors import IssueStateError
from digest.models import NO_LIMITS, Delivery, DeliveryState, Issue, IssueState, Limits
from digest.send.edge import Edge
from digest.send.outbox import PAUSED_ON_REQUEST, Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import Answer, Mailing, Verdict
from digest.store import Store
from digest.store.schema import batch, pace
from tests.factories import make_email
from tests.send.test_outbox import Scripted, Time, accepted
from tests.store.conftest import Desk

pytestmark = pytest.mark.anyio

REJECTED = DeliveryState.REJECTED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Store("sqlite:///s.sqlite3", tmp_path))


async def go(
    desk: Desk, provider: Scripted, folder: Path, limits: Limits, *, time: Time | None = None, concurrency: int = 1
) -> Delivered:
    clock = time or Time(desk.now)
    edge = Edge(clock, clock.sleep)
    issue = found(desk)
    outbox = desk.store.outbox
    owner = Owner(folder / "senders")
    return await deliver(issue, make_email(), outbox, provider, owner, edge, limits=limits, concurrency=concurrency)


def found(desk: Desk) -> Issue:
    issue = desk.store.issues.find("weekly", desk.slot.period)
    assert issue
    return issue


def refusing(*positions: int) -> Callable[[Mailing], Answer]:
    """Answer for a batch of which the readers at these positions are refused."""

    def answer(mailing: Mailing) -> Answer:
        told = [
            Delivery(each, REJECTED, error="550 unknown") if at in positions else Delivery(each, DeliveryState.ACCEPTED)
            for at, each in enumerate(mailing.recipients)
        ]
        return Answer(Verdict.ANSWERED, tuple(told))

    return answer


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_no_more_readers_a_second_than_allowed(desk: Desk, tmp_path: Path, concurrency: int) -> None:
    desk.sending(readers=20)
    time = Time(desk.now)
    limits = Limits(per_second=2)
    assert (await go(desk, Scripted(), tmp_path, limits, time=time, concurrency=concurrency)).state is IssueState.SENT
    assert time.waited >= 9  # ten batches of two, the first at once


async def test_without_limits_nobody_waits(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=20)
    time = Time(desk.now)
    await go(desk, Scripted(), tmp_path, NO_LIMITS, time=time)
    assert time.waited == 0


async def test_when_the_providers_window_is_used_up_the_next_batch_waits_for_the_next(
    desk: Desk, tmp_path: Path
) -> None:
    desk.sending(readers=4)
    last_of_its_window = lambda mailing: replace(accepted(mailing), window_left=30)  # noqa: E731 - one use
    time = Time(desk.now)
    await go(desk, Scripted(last_of_its_window), tmp_path, NO_LIMITS, time=time)
    assert 30 <= time.waited < 32


async def test_a_clock_that_is_set_back_by_a_day_keeps_nobody_waiting_for_a_day(desk: Desk, tmp_path: Path) -> None:
    class SetBack(Time):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if self.waited == seconds:
                self.now -= timedelta(days=1)

    desk.sending(readers=4)
    time = SetBack(desk.now)
    last_of_its_window = lambda mailing: replace(accepted(mailing), window_left=30)  # noqa: E731 - one use
    ended = await go(desk, Scripted(last_of_its_window), tmp_path, NO_LIMITS, time=time)
    assert ended.state is IssueState.SENT
    assert time.waited < 60


async def test_the_days_limit_leaves_the_rest_for_tomorrow(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=10)
    provider = Scripted()
    ended = await go(desk, provider, tmp_path, Limits(per_day=5))
    assert ended.state is IssueState.SENDING
    assert "5 are allowed" in ended.stopped_because
    assert len(provider.addresses) == 4  # a third batch of two would be one too many
    assert (await go(desk, provider, tmp_path, Limits(per_day=5))).state is IssueState.SENDING
    assert len(provider.addresses) == 4
    tomorrow = Time(desk.now + timedelta(hours=25))
    await go(desk, provider, tmp_path, Limits(per_day=5), time=tomorrow)
    assert len(provider.addresses) == len(set(provider.addresses)) == 8


async def test_too_many_refusals_pause_the_issue_for_a_person(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=100, batch_size=10)
    provider = Scripted(*[refusing(0, 1, 2)] * 10)
    ended = await go(desk, provider, tmp_path, Limits(max_rejected_share=0.25))
    assert ended.state is IssueState.PAUSED
    assert "15 of 50 readers were refused, more than 25%: 550 unknown" in ended.stopped_because
    assert found(desk).reason == ended.stopped_because
    assert len(provider.mailings) == 5


async def test_a_share_that_is_allowed_stops_nobody(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=100, batch_size=10)
    provider = Scripted(*[refusing(0, 1, 2)] * 10)
    assert (await go(desk, provider, tmp_path, Limits(max_rejected_share=0.3))).state is IssueState.SENT


async def test_a_paused_issue_stays_so_until_a_person_lets_it_go_on(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=100, batch_size=10)
    first, second = Scripted(*[refusing(0, 1, 2)] * 10), Scripted()
    await go(desk, first, tmp_path, NO_LIMITS)
    assert (await go(desk, second, tmp_path, NO_LIMITS)).state is IssueState.PAUSED
    assert second.mailings == []
    pipeline.go_on(desk.store, found(desk), "kay", desk.now)
    assert (await go(desk, second, tmp_path, NO_LIMITS)).state is IssueState.SENT
    assert len(set(first.addresses + second.addresses)) == len(first.addresses + second.addresses) == 100
    with pytest.raises(IssueStateError):
        pipeline.go_on(desk.store, found(desk), "kay", desk.now)


async def test_a_person_stops_an_issue_within_a_batch(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=10)

    def held_meanwhile(mailing: Mailing) -> Answer:
        pipeline.hold(desk.store, found(desk), "kay", "the headline is wrong", desk.now)
        return accepted(mailing)

    provider = Scripted(accepted, held_meanwhile)
    assert await go(desk, provider, tmp_path, NO_LIMITS) == Delivered(IssueState.PAUSED, PAUSED_ON_REQUEST)
    assert len(provider.mailings) == 2
    assert desk.store.outbox.tally(found(desk)) == {DeliveryState.ACCEPTED: 4, DeliveryState.PENDING: 6}
    assert found(desk).reason == "the headline is wrong"


async def test_an_issue_whose_last_batch_was_under_way_when_it_was_held_is_sent(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=2)

    def held_meanwhile(mailing: Mailing) -> Answer:
        pipeline.hold(desk.store, found(desk), "kay", "", desk.now)
        return accepted(mailing)

    assert await go(desk, Scripted(held_meanwhile), tmp_path, NO_LIMITS) == Delivered(IssueState.SENT)


async def test_a_paused_issue_cannot_be_built_again(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=4)
    pipeline.hold(desk.store, found(desk), "kay", "", desk.now)
    with pytest.raises(IssueStateError, match="paused"):
        desk.frozen(subject="Another")


async def test_two_senders_together_send_no_more_a_day_than_allowed(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=20)
    one, other = Scripted(), Scripted()
    ended = await asyncio.gather(
        go(desk, one, tmp_path, Limits(per_day=7)), go(desk, other, tmp_path, Limits(per_day=7))
    )
    assert len(one.addresses) + len(other.addresses) == 6
    assert all("7 are allowed" in each.stopped_because for each in ended)


async def test_when_a_provider_says_later_to_one_sender_the_others_leave_it_alone(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=2)
    busy = Scripted(Answer(Verdict.NOT_SENT, detail="429", retry_after=600))
    assert "does not take mail now" in (await go(desk, busy, tmp_path, NO_LIMITS)).stopped_because
    # The batch itself is another's by now, and nothing keeps that one back but the pace.
    store = desk.store
    with store._engine.begin() as connection:
        connection.execute(update(batch).values(not_before=None))
    time, other = Time(desk.now + timedelta(seconds=10)), Scripted()
    await go(desk, other, tmp_path, NO_LIMITS, time=time)
    assert time.now - desk.now >= timedelta(seconds=600)
    assert len(other.addresses) == 2


async def test_a_wait_that_a_wrong_clock_wrote_down_keeps_nobody_back(desk: Desk, tmp_path: Path) -> None:
    desk.sending(readers=2)
    with desk.store._engine.begin() as connection:
        wrong = desk.now + timedelta(days=400)
        connection.execute(insert(pace).values(provider=Scripted.__module__, free_at=wrong))
    time = Time(desk.now)
    assert (await go(desk, Scripted(), tmp_path, Limits(per_second=1), time=time)).state is IssueState.SENT
    assert time.waited < 5
