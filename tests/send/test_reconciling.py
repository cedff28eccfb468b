"""Asking a provider what became of copies, and providers that keep the list: a draft first, then sent by its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import Delivery, DeliveryState, Issue, IssueState
from digest.send.edge import Edge
from digest.send.outbox import Delivered, deliver
from digest.send.ownership import Owner
from digest.send.providers import Answer, Mailing, Verdict
from digest.send.reconciling import Reconciled, reconcile
from digest.store import Store
from tests.factories import make_email
from tests.send.test_outbox import Scripted, Time
from tests.store.conftest import Desk

pytestmark = pytest.mark.anyio

SETTLES = timedelta(minutes=15)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Store("sqlite:///s.sqlite3", tmp_path))


class Asked(Scripted):
    """A provider that can be asked, too; answers to look-ups are written down in the test."""

    settles_after = SETTLES

    def __init__(self, *answers: object, looked_up: Callable[[Mailing], Answer]) -> None:
        super().__init__(*answers)  # type: ignore[arg-type]
        self._looked_up = looked_up
        self.look_ups: list[Mailing] = []

    async def look_up(self, mailing: Mailing) -> Answer:
        self.look_ups.append(mailing)
        return self._looked_up(mailing)


def each_is(*states: DeliveryState) -> Callable[[Mailing], Answer]:
    def found(mailing: Mailing) -> Answer:
        deliveries = [
            Delivery(reader, state, "id" if state is DeliveryState.ACCEPTED else "")
            for reader, state in zip(mailing.recipients, states, strict=True)
        ]
        return Answer(Verdict.ANSWERED, tuple(deliveries))

    return found


async def in_doubt(desk: Desk, provider: Asked) -> Issue:
    """Two readers of whom nobody knows whether they have it."""
    issue = desk.sending(readers=2)
    time = Time(desk.now)
    owner = Owner(Path("unused"))
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, Edge(time, time.sleep))
    assert ended.state is IssueState.NEEDS_REVIEW
    return issue


async def ask(
    desk: Desk, issue: Issue, provider: Asked, *, after: timedelta = SETTLES, resend_missing: bool = False
) -> Reconciled:
    time = Time(desk.now + after)
    edge = Edge(time, time.sleep)
    return await reconcile(issue, make_email(), desk.store.outbox, provider, edge, resend_missing=resend_missing)


LOST = Answer(Verdict.AMBIGUOUS, detail="time-out")


async def test_what_the_provider_has_on_record_is_settled_and_what_is_missing_stays_unknown(desk: Desk) -> None:
    provider = Asked(LOST, looked_up=each_is(DeliveryState.ACCEPTED, DeliveryState.PENDING))
    issue = await in_doubt(desk, provider)
    assert await ask(desk, issue, provider) == Reconciled(accepted=1, missing=1)
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1, DeliveryState.UNKNOWN: 1}
    again = await ask(desk, issue, provider, after=SETTLES + timedelta(seconds=1))
    assert again.too_young == 0, "it is as old as its request, not as its look-up"


async def test_what_is_missing_is_sent_again_when_a_person_wants_that(desk: Desk) -> None:
    provider = Asked(LOST, looked_up=each_is(DeliveryState.ACCEPTED, DeliveryState.PENDING))
    issue = await in_doubt(desk, provider)
    await ask(desk, issue, provider, resend_missing=True)
    time = Time(desk.now)
    owner = Owner(Path("unused"))
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, Edge(time, time.sleep))
    assert ended == Delivered(IssueState.SENT)
    assert [each.address for each in provider.mailings[-1].recipients] == ["reader1@example.com"]


async def test_nothing_is_asked_before_the_provider_must_know(desk: Desk) -> None:
    provider = Asked(LOST, looked_up=each_is(DeliveryState.PENDING, DeliveryState.PENDING))
    issue = await in_doubt(desk, provider)
    almost = SETTLES - timedelta(seconds=1)
    assert await ask(desk, issue, provider, after=almost, resend_missing=True) == Reconciled(too_young=2)
    assert provider.look_ups == []


@pytest.mark.parametrize("trouble", ["refused", "garbled", "raises"])
async def test_a_look_up_that_fails_changes_nothing_and_says_so(desk: Desk, trouble: str) -> None:
    def looked_up(mailing: Mailing) -> Answer:
        if trouble == "raises":
            raise ConnectionResetError("reset")
        if trouble == "garbled":
            return Answer(Verdict.ANSWERED, (Delivery(mailing.recipients[0], DeliveryState.PENDING),))
        return Answer(Verdict.REFUSED, detail="401: no such key")

    provider = Asked(LOST, looked_up=looked_up)
    issue = await in_doubt(desk, provider)
    found = await ask(desk, issue, provider, resend_missing=True)
    assert found.said
    assert found.unclear == 2
    assert desk.store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 2}


async def test_many_readers_are_asked_about_in_portions_and_all_missing_ones_are_sent_to(desk: Desk) -> None:
    provider = Asked(
        LOST, looked_up=lambda mailing: each_is(*[DeliveryState.PENDING] * len(mailing.recipients))(mailing)
    )
    provider.batch_limit = 250
    issue = desk.sending(readers=250, batch_size=250)
    time = Time(desk.now)
    owner, edge = Owner(Path("unused")), Edge(time, time.sleep)
    await deliver(issue, make_email(), desk.store.outbox, provider, owner, edge)
    assert await ask(desk, issue, provider, resend_missing=True) == Reconciled(missing=250)
    assert [len(each.recipients) for each in provider.look_ups] == [100, 100, 50]
    assert (await deliver(issue, make_email(), desk.store.outbox, provider, owner, edge)).state is IssueState.SENT
    assert len(provider.mailings[-1].recipients) == 250


async def test_some_missing_and_some_unclear_in_one_portion(desk: Desk) -> None:
    provider = Asked(LOST, looked_up=each_is(DeliveryState.PENDING, DeliveryState.UNKNOWN))
    issue = await in_doubt(desk, provider)
    assert await ask(desk, issue, provider, resend_missing=True) == Reconciled(missing=1, unclear=1)
    time = Time(desk.now)
    owner = Owner(Path("unused"))
    ended = await deliver(issue, make_email(), desk.store.outbox, provider, owner, Edge(time, time.sleep))
    assert ended.state is IssueState.NEEDS_REVIEW
    assert [each.address for each in provider.mailings[-1].recipients] == ["reader0@example.com"]
    assert desk.store.outbox.tally(issue) == {DeliveryState.ACCEPTED: 1, DeliveryState.UNKNOWN: 1}


async def test_a_provider_in_haste_is_asked_again_about_the_rest(desk: Desk) -> None:
    answers = [
        Answer(Verdict.NOT_SENT, detail="429", retry_after=30),
        None,
        each_is(DeliveryState.ACCEPTED),
    ]

    def looked_up(mailing: Mailing) -> Answer:
        answer = answers.pop(0)
        if callable(answer):
            return answer(mailing)
        if answer is None:
            first = each_is(DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)(mailing)
            return replace(first, detail="429", retry_after=30)
        return answer

    provider = Asked(LOST, looked_up=looked_up)
    issue = await in_doubt(desk, provider)
    assert await ask(desk, issue, provider) == Reconciled(accepted=2)
    assert [len(each.recipients) for each in provider.look_ups] == [2, 2, 1]


class KeepsList(Asked):
    """A provider that keeps the list: a draft at the first call, sent at the second."""

    batch_limit = 1
    keeps_list = True
    settles_after = timedelta(seconds=60)

    async def send(self, mailing: Mailing) -> Answer:
        if not mailing.draft_id:
            self.mailings.append(mailing)
            return Answer(Verdict.DRAFTED, draft_id="draft-7")
        return await super().send(mailing)


async def deliver_list(desk: Desk, issue: Issue, provider: KeepsList, time: Time) -> Delivered:
    owner = Owner(Path("unused"))
    return await deliver(issue, make_email(), desk.store.outbox, provider, owner, Edge(time, time.sleep))


def still_a_draft(mailing: Mailing) -> Answer:
    return replace(each_is(DeliveryState.PENDING)(mailing), draft_id=mailing.draft_id)


async def test_a_draft_is_made_and_its_id_stored_before_anything_is_sent(desk: Desk) -> None:
    issue, provider = desk.sending(readers=1, batch_size=1), KeepsList(looked_up=still_a_draft)
    assert await deliver_list(desk, issue, provider, Time(desk.now)) == Delivered(IssueState.SENT)
    assert [each.draft_id for each in provider.mailings] == ["", "draft-7"]
    assert provider.mailings[0].key == provider.mailings[1].key


async def test_a_run_that_dies_between_draft_and_sending_goes_on_with_the_same_draft(desk: Desk) -> None:
    issue, first = desk.sending(readers=1, batch_size=1), KeepsList(looked_up=still_a_draft)
    time = Time(desk.now)
    owner = Owner(Path("unused"))
    edge = Edge(time, time.sleep, lambda: len(first.mailings) == 1)
    ended = await deliver(issue, make_email(), desk.store.outbox, first, owner, edge)
    assert ended == Delivered(IssueState.SENDING, "it was asked to stop")
    second = KeepsList(looked_up=still_a_draft)
    assert await deliver_list(desk, issue, second, time) == Delivered(IssueState.SENT)
    assert [each.draft_id for each in second.mailings] == ["draft-7"]


async def test_a_lost_answer_is_settled_by_what_became_of_the_draft(desk: Desk) -> None:
    issue = desk.sending(readers=1, batch_size=1)
    provider = KeepsList(LOST, looked_up=each_is(DeliveryState.ACCEPTED))
    time = Time(desk.now)
    assert await deliver_list(desk, issue, provider, time) == Delivered(IssueState.SENT)
    assert len(provider.mailings) == 2, "a draft and one sending"
    assert time.waited >= 60, "the provider must know"


async def test_what_is_still_a_draft_after_a_lost_answer_is_sent_by_its_id(desk: Desk) -> None:
    issue = desk.sending(readers=1, batch_size=1)
    provider = KeepsList(LOST, looked_up=still_a_draft)
    assert await deliver_list(desk, issue, provider, Time(desk.now)) == Delivered(IssueState.SENT)
    assert [each.draft_id for each in provider.mailings] == ["", "draft-7", "draft-7"]


async def test_a_provider_that_never_answers_is_not_asked_for_ever(desk: Desk) -> None:
    issue = desk.sending(readers=1, batch_size=1)
    provider = KeepsList(*[LOST] * 20, looked_up=still_a_draft)
    ended = await deliver_list(desk, issue, provider, Time(desk.now))
    assert ended.stopped_because or ended.state is IssueState.NEEDS_REVIEW
    assert len(provider.mailings) <= 5


async def test_a_killed_run_leaves_a_draft_that_the_next_one_asks_about(desk: Desk) -> None:
    issue = desk.sending(readers=1, batch_size=1)
    provider = KeepsList(looked_up=still_a_draft)
    claim = desk.store.outbox.claim(issue, "dead", desk.now, desk.now, provider=type(provider).__module__)
    assert claim
    time = Time(desk.now + timedelta(hours=1))
    assert await deliver_list(desk, issue, provider, time) == Delivered(IssueState.SENT)
    assert len(provider.look_ups) == 1
