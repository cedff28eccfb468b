"""Before everybody gets an issue, a few do, and somebody can look: by the clock, by the bounces, or by asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import Delivery, DeliveryState, EventKind, Issue, IssueState, ProviderEvent, Recipient
from digest.send.edge import Edge
from digest.send.outbox import Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import Answer, Mailing, Verdict
from digest.send.waves import Waves
from digest.store import Store
from tests.factories import make_email
from tests.send.test_outbox import Scripted, Time
from tests.store.conftest import Desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Store("sqlite:///s.sqlite3", tmp_path))


def sending(desk: Desk, *, seeds: int, readers: int, share: float = 0) -> Issue:
    issue = desk.approved()
    boxes = [f"desk{number}@example.com" for number in range(seeds)]
    tokens = desk.store.readers.tokens("weekly", boxes, desk.now)
    first = [Recipient(address, "", tokens[address]) for address in boxes]
    desk.store.outbox.begin(issue, (), desk.readers(readers), 2, desk.now, seeds=first, first_share=share)
    found = desk.store.issues.find("weekly", desk.slot.period)
    assert found
    return found


async def go(
    desk: Desk, issue: Issue, provider: Scripted, waves: Waves, time: Time, stopping: Callable[[], bool] = lambda: False
) -> Delivered:
    owner = Owner(Path("unused"))
    edge = Edge(time, time.sleep, stopping)
    return await deliver(
        issue, make_email(), desk.store.outbox, provider, owner, edge, concurrency=3, waves=waves, patience_seconds=60
    )


def rejected(mailing: Mailing) -> Answer:
    return Answer(
        Verdict.ANSWERED, tuple(Delivery(each, DeliveryState.REJECTED, error="550") for each in mailing.recipients)
    )


async def test_the_seeds_get_it_first_and_the_others_after_a_look(desk: Desk) -> None:
    issue, provider, time = sending(desk, seeds=2, readers=8, share=0.25), Scripted(), Time(desk.now)
    waves = Waves(look=timedelta(minutes=30))
    assert await go(desk, issue, provider, waves, time) == Delivered(IssueState.SENT)
    assert provider.addresses[:2] == ["desk0@example.com", "desk1@example.com"]
    assert len(set(provider.addresses)) == len(provider.addresses) == 10
    assert timedelta(minutes=60) <= time.now - desk.now < timedelta(minutes=61)


async def test_all_slots_send_again_once_a_wave_is_open(desk: Desk) -> None:
    issue, provider = sending(desk, seeds=1, readers=12), Scripted()
    await go(desk, issue, provider, Waves(), Time(desk.now))
    assert len(provider.mailings) == 7


async def test_a_person_who_wants_to_be_asked_is_asked_after_each_wave(desk: Desk) -> None:
    issue, provider, time = sending(desk, seeds=2, readers=8, share=0.25), Scripted(), Time(desk.now)
    for count in (2, 4, 10):
        ended = await go(desk, issue, provider, Waves(ask=True), time)
        assert len(provider.addresses) == count
        if count < 10:
            assert ended.state is IssueState.PAUSED
            assert f"the first {count} readers have it" in ended.stopped_because
            desk.store.issues.move(issue, IssueState.SENDING, allowed=(IssueState.PAUSED,), now=time.now, who="kay")
    assert ended == Delivered(IssueState.SENT)


async def test_refused_seeds_keep_the_issue_from_everybody(desk: Desk) -> None:
    issue, provider = sending(desk, seeds=2, readers=4), Scripted(rejected)
    ended = await go(desk, issue, provider, Waves(), Time(desk.now))
    assert ended.state is IssueState.PAUSED
    assert "of the first 2 readers, 2 were refused" in ended.stopped_because
    assert provider.addresses == ["desk0@example.com", "desk1@example.com"]
    stored = desk.store.issues.find("weekly", desk.slot.period)
    assert stored
    assert stored.reason == ended.stopped_because


async def test_an_unclear_answer_to_the_seeds_keeps_the_issue_from_everybody(desk: Desk) -> None:
    issue, provider = sending(desk, seeds=2, readers=4), Scripted(Answer(Verdict.AMBIGUOUS, detail="time-out"))
    ended = await go(desk, issue, provider, Waves(), Time(desk.now))
    assert "of the first 2 readers, 2 may or may not have it" in ended.stopped_because


async def test_bounces_that_are_told_during_the_look_keep_the_issue_from_everybody(desk: Desk) -> None:
    issue, provider, time = sending(desk, seeds=4, readers=8), Scripted(), Time(desk.now)

    async def sleep(seconds: float) -> None:
        await time.sleep(seconds)
        if time.now >= desk.now + timedelta(minutes=5):
            bounce = ProviderEvent("e1", EventKind.BOUNCED, "desk0@example.com", time.now, issue.name, "id")
            desk.store.events.take("a", [("desk0@example.com", bounce)], time.now)

    edge = Edge(time, sleep)
    waves = Waves(look=timedelta(minutes=30))
    owner = Owner(Path("unused"))
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, edge, waves=waves)
    assert "of the first 4 readers, 1 were refused, bounced or complained" in ended.stopped_because
    assert len(provider.addresses) == 4


async def test_whoever_holds_it_during_the_look_stops_the_rest(desk: Desk) -> None:
    issue, provider, time = sending(desk, seeds=1, readers=4), Scripted(), Time(desk.now)

    async def sleep(seconds: float) -> None:
        await time.sleep(seconds)
        desk.store.outbox.pause(issue, "a wrong headline", time.now)

    edge = Edge(time, sleep)
    waves = Waves(look=timedelta(minutes=30))
    owner = Owner(Path("unused"))
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, edge, waves=waves)
    assert ended.state is IssueState.PAUSED
    assert len(provider.addresses) == 1


async def test_a_run_that_is_stopped_during_the_look_leaves_the_rest_to_the_next_one(desk: Desk) -> None:
    issue, provider, time = sending(desk, seeds=1, readers=4), Scripted(), Time(desk.now)
    waves = Waves(look=timedelta(minutes=30))
    asked_at = desk.now + timedelta(minutes=10)
    ended = await go(desk, issue, provider, waves, time, lambda: time.now >= asked_at)
    assert ended == Delivered(IssueState.SENDING, "it was asked to stop")
    assert len(provider.addresses) == 1
    assert await go(desk, issue, provider, waves, time) == Delivered(IssueState.SENT)
    assert time.now - desk.now < timedelta(minutes=31), "the look is counted from the wave's end"
    assert len(set(provider.addresses)) == len(provider.addresses) == 5
