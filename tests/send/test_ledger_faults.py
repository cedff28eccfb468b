"""The ledger fails at its n-th statement or commit, for every n of a small sending; then the sender starts again.

Nobody gets it twice, nobody is forgotten, and nothing is sent any more once the ledger has failed.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from digest.errors import IssueStateError, StoreError
from digest.models import Delivery, DeliveryState, Issue, IssueState, Recipient
from digest.send.edge import Edge
from digest.send.outbox import deliver
from digest.send.ownership import Owner
from digest.send.providers import ALWAYS, Answer, Mailing, Verdict
from digest.store import Frozen, Store
from tests.factories import make_email, make_slot
from tests.store import conftest as stores

postgres_server, store_url = stores.postgres_server, stores.store_url

READERS = 4
AT_ONCE = 2
UNKNOWN, PENDING, ACCEPTED, REJECTED = (
    DeliveryState.UNKNOWN,
    DeliveryState.PENDING,
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
)


@dataclass
class Breaker:
    """Fails the n-th call of the database from the moment on at which it is armed."""

    engine: Engine
    at: int = 0
    how: str = "statement"
    for_good: bool = False
    calls: int = 0
    hit: bool = False

    def __post_init__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._statement)
        event.listen(self.engine, "commit", self._commit)

    def arm(self, at: int, how: str, *, for_good: bool) -> None:
        self.at, self.how, self.for_good, self.calls, self.hit = at, how, for_good, 0, False

    def _statement(self, *_: object) -> None:
        if self.how == "statement" or (self.hit and self.for_good):
            self._count("statement")

    def _commit(self, connection: Connection) -> None:
        if self.how != "statement":
            if self.how == "commit that nobody hears of" and self.at and self.calls + 1 == self.at:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                if isinstance(raw, sqlite3.Connection):
                    raw.execute("COMMIT")
                else:
                    raw.commit()
            self._count("commit")

    def _count(self, what: str) -> None:
        if not self.at:
            return
        self.calls += 1
        if self.calls == self.at or (self.hit and self.for_good):
            self.hit = True
            raise OperationalError(what, None, sqlite3.OperationalError("disk I/O error"))


@dataclass
class Post:
    """A provider that sends, and keeps count of it; the first request gets a 429, the third no clear answer."""

    breaker: Breaker
    repeatable_for: timedelta
    batch_limit: int = 2
    keeps_list: bool = False
    settles_after: None = None
    copies: Counter[str] = field(default_factory=Counter)
    sent_blindly: int = 0
    """Batches that it got although the ledger had failed."""
    requests: int = 0
    is_flawless: bool = False
    _keys: dict[str, Answer] = field(default_factory=dict)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Post]:
        yield self

    async def send(self, mailing: Mailing) -> Answer:
        self.sent_blindly += self.breaker.hit
        self.requests += 1
        count = self.requests
        await asyncio.sleep(0)  # the other slot goes on meanwhile
        if count == 1 and not self.is_flawless:
            return Answer(Verdict.NOT_SENT, detail="429", retry_after=0)
        if self.repeatable_for and mailing.key in self._keys:
            return self._keys[mailing.key]
        told = []
        for each in mailing.recipients:
            bad = each.address.startswith("reader3-")
            self.copies[each.address] += not bad
            told.append(Delivery(each, REJECTED if bad else ACCEPTED, error="no such reader" if bad else ""))
        self._keys[mailing.key] = Answer(Verdict.ANSWERED, tuple(told))
        return (
            Answer(Verdict.AMBIGUOUS, detail="502") if count == 3 and not self.is_flawless else self._keys[mailing.key]
        )


@dataclass
class Sending:
    """One issue, its readers and its provider."""

    store: Store
    folder: Path
    name: str
    post: Post
    now: datetime = field(default_factory=lambda: make_slot().due_at)

    @property
    def addresses(self) -> list[str]:
        return [f"reader{number}-{self.name}@example.com" for number in range(READERS)]

    def approve(self) -> None:
        issues, slot = self.store.issues, make_slot()
        planned = issues.plan(self.name, slot, self.now)
        frozen = issues.save(planned, 1, Frozen(make_email(), {"sections": []}, (), ()), IssueState.FROZEN, self.now)
        issues.move(frozen, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=self.now)

    @property
    def issue(self) -> Issue:
        found = self.store.issues.find(self.name, make_slot().period)
        assert found is not None
        return found

    def go(self) -> IssueState:
        """What `digest send` does with the ledger."""
        issue, outbox = self.issue, self.store.outbox
        if issue.state is IssueState.APPROVED:
            tokens = self.store.readers.tokens(self.name, self.addresses, self.now)
            readers = [Recipient(address, "", tokens[address]) for address in self.addresses]
            outbox.begin(issue, (), readers, self.post.batch_limit, self.now)

        async def sleep(seconds: float) -> None:
            self.now += timedelta(seconds=seconds)

        owner = Owner(self.folder / "senders")
        edge = Edge(lambda: self.now, sleep)
        with owner.alive():
            ended = deliver(issue, make_email(), outbox, self.post, owner, edge, concurrency=AT_ONCE)  # type: ignore[arg-type]
            return asyncio.run(ended).state

    def states(self) -> dict[str, DeliveryState]:
        return {each.recipient.address: each.state for each in self.store.outbox.deliveries(self.issue)}

    def who_is(self, state: DeliveryState) -> set[str]:
        return {address for address, each in self.states().items() if each is state}


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(store_url, tmp_path)
    if store_url.startswith("sqlite"):  # this is not about power cuts
        event.listen(opened._engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        opened._engine.dispose()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("how", "for_good", "repeatable_for"),
    [
        pytest.param("statement", False, timedelta(), id="a statement, no keys"),
        pytest.param("statement", True, ALWAYS, id="all statements from then on, keys"),
        pytest.param("commit", False, ALWAYS, id="a commit, keys"),
        pytest.param("commit that nobody hears of", False, timedelta(), id="done but not told, no keys"),
        pytest.param("commit that nobody hears of", True, ALWAYS, id="done but not told and then nothing, keys"),
    ],
)
def test_wherever_the_ledger_fails_nobody_gets_it_twice_and_nobody_is_forgotten(
    store: Store, store_url: str, tmp_path: Path, how: str, for_good: bool, repeatable_for: timedelta
) -> None:
    step = 1 if store_url.startswith("sqlite") else 5  # the code is the same, and each sending takes its time
    breaker = Breaker(store._engine)
    at, tried = 1, 0
    while True:
        post = Post(breaker, repeatable_for)
        sending = Sending(store, tmp_path, f"letter{at}", post)
        sending.approve()
        breaker.arm(at, how, for_good=for_good)
        try:
            sending.go()
        except (StoreError, IssueStateError):
            assert breaker.hit
        hit = breaker.hit
        breaker.arm(0, how, for_good=False)
        # The other slot may have its batch claimed at that moment; more it may not have.
        assert post.sent_blindly <= AT_ONCE - 1, f"at {at}: a sender that cannot record must not send"
        _goes_on_to_its_end(sending)
        if not hit:
            break
        at, tried = at + step, tried + 1
    assert tried > 10 / step, "the calls of the sending were reached"


def _goes_on_to_its_end(sending: Sending) -> None:
    post = sending.post
    state = sending.go()
    accepted, unknown, rejected = (sending.who_is(each) for each in (ACCEPTED, UNKNOWN, REJECTED))
    assert accepted | unknown | rejected == set(sending.addresses), "nobody is forgotten"
    assert max(post.copies.values()) == 1, "nobody gets it twice"
    got = {address for address, count in post.copies.items() if count}
    assert accepted <= got <= accepted | unknown
    assert state is (IssueState.NEEDS_REVIEW if unknown else IssueState.SENT)
    if post.repeatable_for:
        assert not unknown, "a repeat is known as such, so no doubt is left"
    requests = post.requests
    if not unknown:
        sending.go()
        assert post.requests == requests, "a further run sends nothing"
        return
    post.is_flawless = True
    sending.store.outbox.resolve(sending.issue, UNKNOWN, PENDING, sending.now, "kay")
    assert sending.go() is IssueState.SENT
    assert sending.who_is(ACCEPTED) == set(sending.addresses) - {sending.addresses[3]}
    assert {address for address, count in post.copies.items() if count > 1} <= unknown
