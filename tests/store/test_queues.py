"""What an engine owes the ledger: jobs that come with its transaction or not at all, and tables kept up to date."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from digest.errors import ConfigError, StoreError
from digest.store import Store
from digest.store.handing_out import hand_out
from digest.store.queues import open_queue
from tests.store.conftest import Desk

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_server: str) -> str:
    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    store = Store(database, tmp_path, "procrastinate")
    yield Desk(store)
    store.close()


def waiting(desk: Desk) -> set[int]:
    assert desk.store.queue
    with desk.store._engine.begin() as connection:
        return desk.store.queue.waiting(connection.connection.dbapi_connection)


def test_with_the_readers_their_batches_are_handed_out_ten_a_job(desk: Desk) -> None:
    desk.sending(readers=45, batch_size=2)
    assert len(waiting(desk)) == 3


def test_a_beginning_that_fails_hands_out_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, readers = desk.approved(), desk.readers(6)

    def failing(*arguments: object) -> None:
        hand_out(*arguments)  # type: ignore[arg-type]  # whatever it is called with
        raise StoreError("the database went away before the transaction ended")

    monkeypatch.setattr("digest.store.outbox.hand_out", failing)
    with pytest.raises(StoreError, match="went away"):
        desk.store.outbox.begin(issue, (), readers, 2, desk.now)
    assert waiting(desk) == set()
    assert desk.store.outbox.tally(issue) == {}


def test_a_stretch_is_named_by_any_of_its_batches_and_stands_for_all(desk: Desk) -> None:
    issue = desk.sending(readers=45, batch_size=2)
    ids = sorted(waiting(desk))
    stretches = [desk.store.outbox.stretch_of(each) for each in (*ids, ids[0] + 9)]
    assert [found and found[1] for found in stretches] == [range(1, 11), range(11, 21), range(21, 31), range(1, 11)]
    assert all(found and found[0].name == issue.name for found in stretches)
    assert desk.store.outbox.stretch_of(4711) is None


def test_only_batches_of_the_stretch_are_claimed(desk: Desk) -> None:
    issue = desk.sending(readers=45, batch_size=2)
    lease = desk.now.replace(minute=2)
    seqs = []
    while claim := desk.store.outbox.claim(issue, "me", desk.now, lease, within=range(21, 31)):
        seqs.append(getattr(claim, "seq", None))
    assert seqs == [21, 22, 23]
    assert desk.store.outbox.is_busy(issue)


def test_its_tables_are_made_once_and_by_one(desk: Desk, database: str, tmp_path: Path) -> None:
    desk.sending(readers=3)
    Store(database, tmp_path, "procrastinate").close()
    assert len(waiting(desk)) == 1


def test_its_tables_are_brought_up_to_a_newer_version(
    desk: Desk, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "migrations"
    newer.mkdir()
    (newer / "01.00.00_01_long_ago.sql").write_text("SELECT * FROM no_such_table", encoding="utf-8")
    (newer / "99.00.00_01_new.sql").write_text("ALTER TABLE procrastinate_jobs ADD COLUMN mood text", encoding="utf-8")
    monkeypatch.setattr("digest.store.queues.procrastinate.SchemaManager.get_migrations_path", lambda: str(newer))
    for _ in range(2):
        Store(database, tmp_path, "procrastinate").close()
    with psycopg.connect(database) as connection:
        connection.execute("SELECT mood FROM procrastinate_jobs")


def test_tables_that_another_program_made_are_left_to_it(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (theirs text)")
    Store(database, tmp_path, "procrastinate").close()
    with psycopg.connect(database) as connection:
        connection.execute("SELECT theirs FROM procrastinate_jobs")


def test_what_is_not_installed_is_said_with_what_to_install(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "digest.store.queues.procrastinate", raising=False)
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(ConfigError, match="workers"):
        open_queue("procrastinate", database)
