"""Opening the store: safe settings, the newest schema, and errors that a person can read."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from digest.errors import StoreError
from digest.store import Store
from digest.store.connecting import open_engine
from digest.store.schema import HEAD, metadata
from tests.factories import make_slot


def test_the_migrations_lead_to_the_schema_that_the_code_uses(store_url: str, tmp_path: Path) -> None:
    engine = open_engine(store_url, tmp_path)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    import digest.store

    migrations = Path(digest.store.__file__).parent / "migrations"
    assert ScriptDirectory(str(migrations)).get_current_head() == HEAD


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Store("sqlite:///s.sqlite3", tmp_path).close()
    with sqlite3.connect(tmp_path / "s.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        Store("sqlite:///s.sqlite3", tmp_path)


def test_sqlite_is_opened_so_that_a_commit_survives_a_power_cut(tmp_path: Path) -> None:
    engine = open_engine("sqlite:///s.sqlite3", tmp_path)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite3").write_text("this is a letter, not a database " * 50)
    with pytest.raises(StoreError, match="cannot be read or written: file is not a database"):
        Store("sqlite:///s.sqlite3", tmp_path)


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    store = Store("sqlite:///s.sqlite3", tmp_path)
    slot = make_slot()
    store.issues.plan("weekly", slot, slot.due_at)
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    # SQLite's own stand-in for a full disk; set on the pool's one connection.
    with store._engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match=re.escape("full")):
        store.readers.tokens("weekly", [f"{number}@example.com" for number in range(50_000)], slot.due_at)
    assert store.issues.find("weekly", slot.period)
    store.close()


def test_a_lost_ledger_is_noticed_before_anybody_is_mailed_again(tmp_path: Path) -> None:
    Store("sqlite:///s.sqlite3", tmp_path).close()
    (tmp_path / "s.sqlite3").unlink()
    with pytest.raises(StoreError, match="ledger of who got what is gone: this database is empty"):
        Store("sqlite:///s.sqlite3", tmp_path)
    (tmp_path / "var/ledger-id").unlink()
    Store("sqlite:///s.sqlite3", tmp_path).close()


def test_another_projects_ledger_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Store("sqlite:///s.sqlite3", tmp_path / name).close()
    (tmp_path / "one/s.sqlite3").write_bytes((tmp_path / "two/s.sqlite3").read_bytes())
    with pytest.raises(StoreError, match="another project's"):
        Store("sqlite:///s.sqlite3", tmp_path / "one")


def test_a_database_cut_to_nothing_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    Store("sqlite:///s.sqlite3", tmp_path).close()
    (tmp_path / "s.sqlite3").write_bytes(b"")
    with pytest.raises(StoreError, match="this database is empty"):
        Store("sqlite:///s.sqlite3", tmp_path)


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "postgresql://127.0.0.1:1/none", "postgresql://h:abc/x"])
def test_a_store_that_cannot_be_used_says_so(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store(url, tmp_path)
