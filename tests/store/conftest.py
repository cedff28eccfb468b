"""Every claim about the store is made of both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from digest.models import Issue, IssueState, Recipient
from digest.store import Frozen, Store
from tests.conftest import skip_or_fail
from tests.factories import make_email, make_slot
from tests.servers.postgres import postgres, server_programs


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    programs = server_programs()
    if programs is None:
        skip_or_fail("postgres", "PostgreSQL's server programs are not installed")
    assert programs is not None
    with postgres(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///var/digest.sqlite3"
    server: str = request.getfixturevalue("postgres_server")
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(store_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


class Desk:
    """Brings an issue to a state in one line."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.slot = make_slot()
        self.now = self.slot.due_at

    def frozen(self, **changes: str) -> Issue:
        planned = self.store.issues.plan("weekly", self.slot, self.now)
        selection = {"sections": [{"key": "ai", "picks": [{"id": "blog:a"}, {"id": "blog:b"}]}]}
        content = Frozen(make_email(**changes), selection, (), ("blog:a", "blog:b"))
        return self.store.issues.save(planned, 1, content, IssueState.FROZEN, self.now)

    def approved(self) -> Issue:
        allowed = [IssueState.FROZEN, IssueState.APPROVED]
        return self.store.issues.move(self.frozen(), IssueState.APPROVED, allowed=allowed, now=self.now, who="kay")

    def readers(self, count: int) -> list[Recipient]:
        addresses = [f"reader{number}@example.com" for number in range(count)]
        tokens = self.store.readers.tokens("weekly", addresses, self.now)
        return [Recipient(address, "", tokens[address]) for address in addresses]

    def sending(self, readers: int = 5, batch_size: int = 2) -> Issue:
        issue = self.approved()
        self.store.outbox.begin(issue, ("blog:a", "blog:b"), self.readers(readers), batch_size, self.now)
        sending = self.store.issues.find("weekly", self.slot.period)
        assert sending is not None
        return sending
