"""A store of any earlier version is brought up to date with all it knows, or stays as it was."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from digest.errors import StoreError
from digest.store import Store, connecting
from digest.store.backup.reading import opened
from digest.store.migrating import known_revisions
from digest.store.schema import HEAD
from tests.store.archives import read_all, restored, write_all_tables

OLD = sorted(known_revisions() - {HEAD})
SQLITE = "sqlite:///var/digest.sqlite3"


def backups(root: Path) -> list[Path]:
    return sorted((root / "var").glob("backups/*"))


@pytest.mark.parametrize("revision", sorted(known_revisions()))
def test_every_row_of_every_earlier_version_is_kept(revision: str, store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, revision)
    before = read_all(store_url, tmp_path)
    Store(store_url, tmp_path).close()
    after = read_all(store_url, tmp_path)
    assert after.pop("alembic_version") == [{"version_num": HEAD}]
    assert before.pop("alembic_version") == [{"version_num": revision}]
    for name, rows in before.items():
        assert len(rows) == (1 if name == "ledger" else 3)
        kept = [{column: row[column] for column in rows[0]} for row in after[name]]
        assert sorted(map(str, kept)) == sorted(map(str, rows)), name


@pytest.mark.parametrize("revision", OLD)
def test_before_a_schema_is_changed_a_backup_is_made(revision: str, store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, revision)
    before = read_all(store_url, tmp_path)
    Store(store_url, tmp_path).close()
    (backup,) = backups(tmp_path)
    assert backup.name.startswith(f"before-{revision}-to-{HEAD}-20")
    with opened(backup) as archive:
        assert archive.manifest.schema == revision
        assert {name: part.rows for name, part in archive.manifest.tables.items()} == {
            name: len(rows)
            for name, rows in before.items()
            if name not in {"alembic_version", "ledger", "pace", "process"}
        }
    Store(store_url, tmp_path).close()
    assert backups(tmp_path) == [backup], "and only then"


def test_a_new_store_has_nothing_to_back_up(store_url: str, tmp_path: Path) -> None:
    Store(store_url, tmp_path).close()
    assert backups(tmp_path) == []


def test_without_a_backup_nothing_is_migrated(store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, "0004")
    before = read_all(store_url, tmp_path)
    (tmp_path / "var/backups").write_text("a file where the folder should be")
    with pytest.raises(
        StoreError, match="not brought up to date without a backup: the backup cannot be written"
    ) as error:
        Store(store_url, tmp_path)
    assert "make room there" in error.value.fix
    assert read_all(store_url, tmp_path) == before


def test_a_migration_that_fails_half_way_leaves_the_old_schema_and_every_row(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all_tables(store_url, tmp_path, "0002")
    before = read_all(store_url, tmp_path)
    migrate = connecting.migrate

    def half(connection: Connection) -> None:
        migrate(connection, "0005")
        connection.execute(text("DELETE FROM attempt"))
        connection.execute(text("SELECT * FROM a_table_that_is_not_there"))

    monkeypatch.setattr(connecting, "migrate", half)
    with pytest.raises(StoreError):
        Store(store_url, tmp_path)
    assert read_all(store_url, tmp_path) == before
    monkeypatch.undo()
    Store(store_url, tmp_path).close()
    assert read_all(store_url, tmp_path)["alembic_version"] == [{"version_num": HEAD}]


def test_the_backup_before_an_upgrade_comes_back_and_is_upgraded_again(store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, "0006")
    Store(store_url, tmp_path).close()
    (backup,) = backups(tmp_path)
    upgraded = read_all(store_url, tmp_path)
    restored(backup, store_url, tmp_path)
    after = read_all(store_url, tmp_path)
    for name in ("issue", "reader", "recipient", "batch", "attempt", "content", "suppression", "covered_post"):
        assert after[name] == upgraded[name]


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from digest.store import Store

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "UPDATE", "INSERT")):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

Store("sqlite:///var/digest.sqlite3", Path(sys.argv[1])).close()
"""


@pytest.fixture(scope="module")
def full_of_recipients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the first version with a hundred thousand recipients."""
    root = tmp_path_factory.mktemp("many")
    write_all_tables(SQLITE, root, "0001")
    with sqlite3.connect(root / "var/digest.sqlite3") as connection:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
        connection.execute(
            f"{numbers} INSERT INTO reader (id, newsletter, address, token, suppressed_because)"
            " SELECT i, 'slug 1', 'r' || i || '@example.com', 't' || i, '' FROM n"
        )
        connection.execute(
            "INSERT INTO recipient"
            " (id, issue_id, batch_id, reader_id, address, name, state, message_id, error, updated_at)"
            " SELECT id, 1, 1, id, address, '', 'sending', '', '', '2026-01-19 00:00:00' FROM reader WHERE id > 3"
        )
    connection.close()
    return root


@pytest.mark.parametrize("statements", [0, 4, 11, 22, 30, 34])
def test_a_migration_that_is_killed_leaves_a_hundred_thousand_recipients_as_they_were(
    statements: int, full_of_recipients: Path, tmp_path: Path
) -> None:
    shutil.copytree(full_of_recipients / "var", tmp_path / "var")
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(statements)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert state(tmp_path) == ("0001", 100_000, "ok", state(full_of_recipients)[3])
    Store(SQLITE, tmp_path).close()
    version, count, whole, _ = state(tmp_path)
    assert (version, count, whole) == (HEAD, 100_000, "ok")


def state(root: Path) -> tuple[str, int, str, list[str]]:
    with sqlite3.connect(root / "var/digest.sqlite3") as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        (count,) = connection.execute("SELECT count(*) FROM recipient").fetchone()
        (whole,) = connection.execute("PRAGMA integrity_check").fetchone()
        schema = [
            row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql")
        ]
    connection.close()
    return version, count, whole, schema
