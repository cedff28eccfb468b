"""The sending loop, over a real store and a provider whose answers are written down in the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.errors import StoreError
from digest.models import Claim, Delivery, DeliveryState, Ended, Issue, IssueState
from digest.send.edge import Edge
from digest.send.outbox import Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import ALWAYS, Answer, Mailing, Request, Verdict
from digest.store import Store
from tests.factories import make_email
from tests.store.conftest import Desk

pytestmark = pytest.mark.anyio


def accepted(mailing: Mailing) -> Answer:
    return Answer(
        Verdict.ANSWERED,
        tuple(Delivery(each, DeliveryState.ACCEPTED, "id") for each in mailing.recipients),
        http_status=202,
    )


class Scripted:
    """A provider that gives the answers it was told, then accepts everything."""

    batch_limit = 2
    keeps_list = False
    settles_after = None

    def __init__(
        self, *answers: Answer | Exception | Callable[[Mailing], Answer], repeatable_for: timedelta = timedelta()
    ) -> None:
        self._answers = list(answers)
        self.repeatable_for = repeatable_for
        self.mailings: list[Mailing] = []

    def problems(self) -> Sequence[str]:
        return ()

    def describe(self, mailing: Mailing) -> Request:
        return Request("SCRIPT", mailing.key)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Scripted]:
        yield self

    async def send(self, mailing: Mailing) -> Answer:
        self.mailings.append(mailing)
        answer = self._answers.pop(0) if self._answers else accepted
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else answer(mailing)

    @property
    def addresses(self) -> list[str]:
        return [each.address for mailing in self.mailings for each in mailing.recipients]


class Time:
    """A clock that moves only when somebody waits for it."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.waited = 0.0

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.waited += seconds


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Store("sqlite:///s.sqlite3", tmp_path))


async def go(
    desk: Desk, issue: Issue, provider: Scripted, folder: Path, *, concurrency: int = 1, stop_after: int | None = None
) -> Delivered:
    time = Time(desk.now)
    return await deliver(
        issue,
        make_email(),
        desk.store.outbox,
        provider,
        Owner(folder / "senders"),
        Edge(time, time.sleep, lambda: stop_after is not None and len(provider.mailings) >= stop_after),
        concurrency=concurrency,
        patience_seconds=300,
    )


async def test_everybody_gets_it_once_and_the_issue_is_sent(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=7), Scripted()
    assert await go(desk, issue, provider, tmp_path, concurrency=3) == Delivered(IssueState.SENT)
    assert sorted(provider.addresses) == [f"reader{number}@example.com" for number in range(7)]


async def test_a_second_run_sends_nothing(desk: Desk, tmp_path: Path) -> None:
    issue, second = desk.sending(), Scripted()
    await go(desk, issue, Scripted(), tmp_path)
    assert await go(desk, issue, second, tmp_path) == Delivered(IssueState.SENT)
    assert second.mailings == []


@pytest.mark.parametrize("trouble", [Answer(Verdict.AMBIGUOUS, detail="time-out"), ConnectionResetError("reset")])
async def test_an_unclear_answer_is_unknown_and_not_tried_again(desk: Desk, tmp_path: Path, trouble: Answer) -> None:
    issue, provider = desk.sending(readers=4), Scripted(trouble)
    assert (await go(desk, issue, provider, tmp_path)).state is IssueState.NEEDS_REVIEW
    assert len(provider.addresses) == len(set(provider.addresses)) == 4
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2, DeliveryState.ACCEPTED: 2}


async def test_an_unclear_answer_is_repeated_where_a_repeat_cannot_arrive_twice(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=2), Scripted(Answer(Verdict.AMBIGUOUS), repeatable_for=ALWAYS)
    assert (await go(desk, issue, provider, tmp_path)).state is IssueState.SENT
    first, second = provider.mailings
    assert (first.key, first.sent_at, first.email) == (second.key, second.sent_at, second.email)


async def test_later_means_later(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=2), Scripted(Answer(Verdict.NOT_SENT, retry_after=42))
    time = Time(desk.now)
    owner = Owner(tmp_path)
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, Edge(time, time.sleep))
    assert ended.state is IssueState.SENT
    assert time.waited >= 42


async def test_a_provider_that_never_takes_mail_is_left_to_the_next_run(desk: Desk, tmp_path: Path) -> None:
    issue = desk.sending(readers=6)
    provider = Scripted(*[Answer(Verdict.NOT_SENT, detail="no connection")] * 100)
    ended = await go(desk, issue, provider, tmp_path)
    assert "does not take mail now: no connection" in ended.stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.PENDING: 6}
    assert len(provider.mailings) < 20


async def test_a_provider_that_refuses_us_stops_the_issue_at_once_and_nothing_is_lost(
    desk: Desk, tmp_path: Path
) -> None:
    issue, provider = desk.sending(readers=6), Scripted(Answer(Verdict.REFUSED, detail="401: bad key"))
    ended = await go(desk, issue, provider, tmp_path)
    assert "refuses to work for us: 401: bad key" in ended.stopped_because
    assert len(provider.mailings) == 1
    assert desk.store.outbox.tally(issue) == {DeliveryState.PENDING: 6}
    assert (await go(desk, issue, Scripted(), tmp_path)).state is IssueState.SENT


async def test_unclear_answers_in_a_row_stop_the_issue_before_everybody_is_unknown(desk: Desk, tmp_path: Path) -> None:
    issue = desk.sending(readers=20)
    provider = Scripted(*[Answer(Verdict.AMBIGUOUS, detail="502")] * 10)
    ended = await go(desk, issue, provider, tmp_path)
    assert "3 answers in a row were unclear" in ended.stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 6, DeliveryState.PENDING: 14}


async def test_a_refused_reader_does_not_stop_the_others(desk: Desk, tmp_path: Path) -> None:
    def first_is_refused(mailing: Mailing) -> Answer:
        one, two = mailing.recipients
        return Answer(
            Verdict.ANSWERED,
            (Delivery(one, DeliveryState.REJECTED, error="no such reader"), Delivery(two, DeliveryState.ACCEPTED)),
        )

    issue = desk.sending(readers=4)
    assert (await go(desk, issue, Scripted(first_is_refused), tmp_path)).state is IssueState.SENT
    assert desk.store.outbox.tally(issue) == {DeliveryState.REJECTED: 1, DeliveryState.ACCEPTED: 3}


async def test_one_reader_whose_mailbox_is_full_keeps_nobody_else_waiting(desk: Desk, tmp_path: Path) -> None:
    def first_must_wait(mailing: Mailing) -> Answer:
        deliveries = [
            Delivery(each, DeliveryState.PENDING, error="452 mailbox full")
            if each.address == "reader0@example.com"
            else Delivery(each, DeliveryState.ACCEPTED)
            for each in mailing.recipients
        ]
        return Answer(Verdict.ANSWERED, tuple(deliveries))

    issue, provider = desk.sending(readers=8), Scripted(*[first_must_wait] * 100)
    ended = await go(desk, issue, provider, tmp_path)
    assert "some readers' copies must wait" in ended.stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 7, DeliveryState.PENDING: 1}
    desk.now += timedelta(days=2)
    assert (await go(desk, issue, provider, tmp_path)).state is IssueState.SENT
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 7, DeliveryState.REJECTED: 1}


async def test_batches_of_nothing_but_refused_readers_stop_the_issue(desk: Desk, tmp_path: Path) -> None:
    def blocked(mailing: Mailing) -> Answer:
        refused = (Delivery(each, DeliveryState.REJECTED, error="550 go away") for each in mailing.recipients)
        return Answer(Verdict.ANSWERED, tuple(refused))

    issue = desk.sending(readers=20)
    ended = await go(desk, issue, Scripted(*[blocked] * 10), tmp_path)
    assert "every reader of 3 batches in a row was rejected: 550 go away" in ended.stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.REJECTED: 6, DeliveryState.PENDING: 14}


async def test_an_answer_for_the_wrong_number_of_readers_is_no_answer(desk: Desk, tmp_path: Path) -> None:
    issue = desk.sending(readers=2)
    await go(desk, issue, Scripted(Answer(Verdict.ANSWERED, ())), tmp_path)
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


async def test_a_refusal_in_the_middle_keeps_what_was_answered(desk: Desk, tmp_path: Path) -> None:
    def half(mailing: Mailing) -> Answer:
        one, two = mailing.recipients
        return Answer(Verdict.REFUSED, (Delivery(one, DeliveryState.ACCEPTED), Delivery(two, DeliveryState.PENDING)))

    issue = desk.sending(readers=4)
    assert "refuses" in (await go(desk, issue, Scripted(half), tmp_path)).stopped_because
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1, DeliveryState.PENDING: 3}


async def test_while_it_waits_a_wish_to_stop_is_heard_within_a_second(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=2), Scripted(Answer(Verdict.NOT_SENT, retry_after=200))
    time = Time(desk.now)
    edge = Edge(time, time.sleep, lambda: time.waited > 3)
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, Owner(tmp_path), edge)
    assert ended.stopped_because == "it was asked to stop"
    assert time.waited < 6


async def test_asked_to_stop_it_ends_what_is_under_way_and_begins_nothing_new(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=6), Scripted()
    ended = await go(desk, issue, provider, tmp_path, stop_after=1)
    assert ended.stopped_because == "it was asked to stop"
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2, DeliveryState.PENDING: 4}
    await go(desk, issue, provider, tmp_path)
    assert len(provider.addresses) == len(set(provider.addresses)) == 6


async def test_a_sender_that_cannot_record_must_not_send(desk: Desk, tmp_path: Path) -> None:
    issue = desk.sending(readers=8)

    def lose_the_store(mailing: Mailing) -> Answer:
        with desk.store._engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE attempt RENAME TO lost")
        return accepted(mailing)

    provider = Scripted(lose_the_store)
    with pytest.raises(StoreError):
        await go(desk, issue, provider, tmp_path)
    assert len(provider.mailings) == 1


async def test_an_answer_is_written_down_even_when_the_next_batch_cannot_be_claimed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue, claim = desk.sending(readers=6), desk.store.outbox.claim

    def first_only(*args: Any, after: Ended | None = None, **kept: Any) -> Claim | None:
        if after is not None:
            raise StoreError("the store cannot be written")
        return claim(*args, **kept)

    monkeypatch.setattr(desk.store.outbox, "claim", first_only)
    with pytest.raises(StoreError):
        await go(desk, issue, Scripted(), tmp_path)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 2, DeliveryState.PENDING: 4}


async def test_another_e_mail_or_reader_is_another_key(desk: Desk, tmp_path: Path) -> None:
    issue, provider = desk.sending(readers=4), Scripted()
    await go(desk, issue, provider, tmp_path)
    keys = [mailing.key for mailing in provider.mailings]
    assert len(set(keys)) == 2
    assert all(key.startswith("weekly/2026-W04/") for key in keys)
