"""A backup is the store as it was at one moment, and becomes the store again on either database."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from digest.errors import StoreError
from digest.models import Delivery, DeliveryState, Ended
from digest.store import Store
from digest.store.backup import loading, placing
from digest.store.backup import writing as writing_archives
from digest.store.backup.manifest import NAME
from digest.store.backup.snapshot import back_up
from digest.store.migrating import known_revisions
from digest.store.schema import HEAD
from tests.store.archives import RESTORED, TAKEN, read_all, restored, write_all_tables
from tests.store.conftest import Desk

REVISIONS = sorted(known_revisions())
SQLITE = "sqlite:///var/digest.sqlite3"
NOT_IN_IT = {"alembic_version", "ledger", "pace", "process", "event", "restoration"}
"""What a restoration adds to, and what it leaves as it is."""


def without(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: each for name, each in rows.items() if name not in NOT_IN_IT}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_from_one_database_to_the_other_and_back_every_row_is_the_same(
    store_url: str, tmp_path: Path, other: Path
) -> None:
    write_all_tables(store_url, tmp_path, HEAD)
    before = read_all(store_url, tmp_path)
    there = back_up(store_url, tmp_path, TAKEN)
    restored(there.place, SQLITE, other)
    assert without(read_all(SQLITE, other)) == without(before)
    back = back_up(SQLITE, other, RESTORED)
    restored(back.place, store_url, tmp_path, RESTORED + timedelta(hours=1))
    after = read_all(store_url, tmp_path)
    assert without(after) == without(before)
    for table in ("event", "restoration"):
        kept = [row for row in after[table] if row in before[table]]
        assert kept == before[table]
    assert after["pace"] == before["pace"]
    assert after["process"] == before["process"]
    assert len(after["restoration"]) == len(before["restoration"]) + 2


def test_a_restored_store_goes_on_numbering_where_it_was(store_url: str, tmp_path: Path, other: Path) -> None:
    write_all_tables(SQLITE, other, HEAD)
    restored(back_up(SQLITE, other, TAKEN).place, store_url, tmp_path)
    store = Store(store_url, tmp_path)
    assert store.readers.tokens("slug 1", ["new@example.com"], RESTORED)
    store.close()
    ids = [row["id"] for row in read_all(store_url, tmp_path)["reader"]]
    assert sorted(ids) == [1, 2, 3, 4]


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_backup_of_an_earlier_version_is_restored_and_brought_up_to_date(
    revision: str, store_url: str, tmp_path: Path, other: Path
) -> None:
    write_all_tables(SQLITE, other, revision)
    written = back_up(SQLITE, other, TAKEN)
    assert written.manifest.schema == revision
    restored(written.place, store_url, tmp_path)
    after = read_all(store_url, tmp_path)
    for name, rows in without(read_all(SQLITE, other)).items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]]
        assert sorted(map(str, kept)) == sorted(map(str, rows)), name
    assert after["alembic_version"] == [{"version_num": HEAD}]


def test_a_backup_leaves_a_store_of_an_earlier_version_as_it_is(store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, "0003")
    back_up(store_url, tmp_path, TAKEN)
    assert read_all(store_url, tmp_path)["alembic_version"] == [{"version_num": "0003"}]


def test_only_its_owner_reads_it_and_it_counts_what_is_in_it(store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, HEAD)
    written = back_up(store_url, tmp_path, TAKEN)
    assert written.place == tmp_path / "var/backups/digest-20260119T010000Z.zip"
    assert stat.S_IMODE(written.place.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.place.parent.stat().st_mode) == 0o700
    with zipfile.ZipFile(written.place) as archive:
        told = json.loads(archive.read(NAME))
    assert (told["format"], told["schema"], told["ledger"]) == (1, HEAD, "a-ledger")
    assert told["taken_at"] == "2026-01-19T01:00:00.000000Z"
    assert {name: part["rows"] for name, part in told["tables"].items()} == {
        name: 3
        for name in read_all(store_url, tmp_path)
        if name not in {"alembic_version", "ledger", "pace", "process"}
    }


def test_what_others_keep_in_the_same_database_is_not_ours_to_take(store_url: str, tmp_path: Path) -> None:
    store = Store(store_url, tmp_path)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE procrastinate_jobs (id integer)")
        connection.exec_driver_sql("INSERT INTO procrastinate_jobs VALUES (7)")
    written = back_up(store_url, tmp_path, TAKEN)
    assert "procrastinate_jobs" not in written.manifest.tables
    restored(written.place, store_url, tmp_path)
    with store._engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT id FROM procrastinate_jobs").scalar() == 7
    store.close()


def test_what_designs_said_before_comes_along_and_passwords_do_not(tmp_path: Path, other: Path) -> None:
    Store(SQLITE, tmp_path).close()
    history = tmp_path / "var/studio/history/weekly/style.css"
    history.mkdir(parents=True)
    (history / "one").write_bytes(b"p { color: red }")
    (tmp_path / "var/studio/passwords").write_text("kay:a-hash\n")
    written = back_up(SQLITE, tmp_path, TAKEN)
    assert b"a-hash" not in written.place.read_bytes()
    assert restored(written.place, SQLITE, other).files == ("var/studio/history/weekly/style.css/one",)
    kept = other / "var/studio/history/weekly/style.css/one"
    assert kept.read_bytes() == b"p { color: red }"
    kept.write_bytes(b"newer")
    assert restored(written.place, SQLITE, other).files == ()
    assert kept.read_bytes() == b"newer"
    assert not (other / "var/studio/passwords").exists()


def test_there_is_nothing_to_back_up_where_there_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet"):
        back_up(SQLITE, tmp_path, TAKEN)
    assert not (tmp_path / "var/digest.sqlite3").exists()
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var/digest.sqlite3").touch()
    with pytest.raises(StoreError, match="no store yet"):
        back_up(SQLITE, tmp_path, TAKEN)


def test_a_lost_ledger_is_not_backed_up_over_good_backups(store_url: str, tmp_path: Path) -> None:
    Store(store_url, tmp_path).close()
    (tmp_path / "var/ledger-id").write_text("the-one-that-was\n")
    with pytest.raises(StoreError, match="ledger of who got what is gone"):
        back_up(store_url, tmp_path, TAKEN)
    assert list((tmp_path / "var").glob("backups/*")) == []


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    Store(SQLITE, tmp_path).close()
    (tmp_path / "digest.toml").write_text("mine")
    with pytest.raises(StoreError, match="there is a file of this name"):
        back_up(SQLITE, tmp_path, TAKEN, tmp_path / "digest.toml")
    assert (tmp_path / "digest.toml").read_text() == "mine"
    back_up(SQLITE, tmp_path, TAKEN)
    assert back_up(SQLITE, tmp_path, TAKEN).place.name == "digest-20260119T010000Z-2.zip", "a second one of a second"


def test_of_older_ones_only_our_own_are_removed(tmp_path: Path) -> None:
    theirs = ["digest-notes.zip", "digest-20260101T000000Z.zip.txt", "before-restore-20260101T000000Z.zip", "x.zip"]
    ours = [f"digest-202601{day:02}T000000Z.zip" for day in range(1, 5)] + ["digest-20260104T000000Z-2.zip"]
    for name in theirs + ours:
        (tmp_path / name).touch()
    removed = placing.remove_older(tmp_path, 2)
    assert [each.name for each in removed] == ours[:3]
    assert {each.name for each in tmp_path.iterdir()} == {*theirs, *ours[3:]}


def test_the_newest_is_known_by_its_name(tmp_path: Path) -> None:
    assert placing.newest(tmp_path / "nowhere") is None
    for name in (
        "digest-20260101T000000Z.zip",
        "before-0007-to-0008-20260103T000000Z.zip",
        "digest-99999999T999999Z.zip",
    ):
        (tmp_path / name).touch()
    assert placing.newest(tmp_path) == TAKEN.replace(day=3, hour=0)


def test_where_a_backup_finds_no_room_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(SQLITE, tmp_path).close()
    write = writing_archives._write_rows

    def full(archive: zipfile.ZipFile, name: str, *rest: Any) -> Any:
        if "recipient" in name:
            raise OSError(28, "No space left on device")
        return write(archive, name, *rest)

    monkeypatch.setattr(writing_archives, "_write_rows", full)
    with pytest.raises(StoreError, match="cannot be written: No space left on device"):
        back_up(SQLITE, tmp_path, TAKEN)
    assert list((tmp_path / "var/backups").iterdir()) == []


def test_what_a_killed_backup_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    dead = tmp_path / ".digest-20260101T000000Z.zip.dead.digest-part"
    dead.touch()
    with placing.new_file(tmp_path / "one.zip") as one, placing.new_file(tmp_path / "two.zip") as two:
        one.write(b"1")
        two.write(b"2")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["one.zip", "two.zip"]


def test_a_sender_goes_on_while_a_backup_sees_one_moment(
    desk: Desk, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = 40
    issue = desk.sending(readers=readers, batch_size=2)
    sent: list[int] = []

    def send_one() -> None:
        claim = desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(minutes=2))
        assert claim is not None
        answers = [Delivery(each, DeliveryState.ACCEPTED, "id") for each in claim.recipients]
        desk.store.outbox.record(Ended(claim, answers, desk.now, "answered"))
        sent.append(claim.seq)

    for _ in range(3):
        send_one()
    write = writing_archives._write_rows

    def and_somebody_sends(archive: zipfile.ZipFile, name: str, *rest: Any) -> Any:
        # In a thread with a time limit: a sender that is kept waiting fails the test instead of hanging it.
        done = threading.Thread(target=send_one)
        done.start()
        done.join(20)
        assert not done.is_alive(), f"the sender waits for the backup at {name}"
        return write(archive, name, *rest)

    monkeypatch.setattr(writing_archives, "_write_rows", and_somebody_sends)
    written = back_up(store_url, tmp_path, TAKEN)
    assert len(sent) > 10, "it went on while each table was written"
    rows = rows_of(written.place)
    assert Counter(row["state"] for row in rows("recipient")) == {"accepted": 6, "pending": readers - 6}
    assert Counter(row["state"] for row in rows("batch")) == {"accepted": 3, "pending": readers / 2 - 3}
    assert len(rows("attempt")) == 3


def rows_of(archive: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Return what reads a table of an archive with nothing of the digest's."""

    def rows(table: str) -> list[dict[str, Any]]:
        with zipfile.ZipFile(archive) as packed:
            columns = json.loads(packed.read("manifest.json"))["tables"][table]["columns"]
            return [
                dict(zip(columns, json.loads(each), strict=True))
                for each in packed.read(f"tables/{table}.jsonl").splitlines()
            ]

    return rows


def test_a_store_is_replaced_under_those_who_have_it_open(desk: Desk, store_url: str, tmp_path: Path) -> None:
    desk.frozen()
    written = back_up(store_url, tmp_path, TAKEN)
    assert desk.store.issues.find("weekly", desk.slot.period)
    later = desk.store.readers.tokens("weekly", ["later@example.com"], desk.now)
    done = restored(written.place, store_url, tmp_path)
    assert desk.store.readers.by_token(later["later@example.com"]) is None
    found = desk.store.issues.find("weekly", desk.slot.period)
    assert found is not None
    assert found.state == "held"
    assert done.saved is not None
    assert [row["address"] for row in rows_of(done.saved.place)("reader")] == ["later@example.com"]


def test_an_empty_store_takes_any_backup_and_is_not_backed_up_before_it_is_replaced(
    store_url: str, tmp_path: Path, other: Path
) -> None:
    write_all_tables(SQLITE, other, HEAD)
    written = back_up(SQLITE, other, TAKEN)
    Store(store_url, tmp_path).close()
    assert restored(written.place, store_url, tmp_path).saved is None
    with pytest.raises(StoreError, match="of another store than this project had"):
        restored(written.place, store_url, tmp_path)
    assert restored(written.place, store_url, tmp_path, of_another=True).saved is not None


def test_a_restoration_that_fails_changes_nothing(
    store_url: str, tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all_tables(SQLITE, other, HEAD, rows=5)
    (other / "var/ledger-id").write_text("a-ledger")
    written = back_up(SQLITE, other, TAKEN)
    write_all_tables(store_url, tmp_path, HEAD)
    before = read_all(store_url, tmp_path)

    def fail(*_: object) -> None:
        raise StoreError("the last step failed")

    monkeypatch.setattr("digest.store.backup.restoring.leave_to_people", fail)
    with pytest.raises(StoreError, match="the last step failed"):
        restored(written.place, store_url, tmp_path)
    assert read_all(store_url, tmp_path) == before
    if store_url.startswith("postgresql"):  # counters are taken back by no rollback; they must not stand too low
        store = Store(store_url, tmp_path)
        assert store.readers.tokens("slug 1", ["new@example.com"], RESTORED)
        store.close()


def test_somebody_who_is_writing_all_the_time_is_waited_for_and_then_told_of(
    desk: Desk, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{store_url}?timeout=0.2" if store_url.startswith("sqlite") else store_url
    monkeypatch.setattr(loading, "_MOST_TRIES", 2)
    issue = desk.frozen()
    written = back_up(store_url, tmp_path, TAKEN)
    with desk.store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE issue SET number = 7")
        with pytest.raises(StoreError, match="another process has been writing to it all the time"):
            restored(written.place, url, tmp_path)
    found = desk.store.issues.find("weekly", issue.period)
    assert found is not None
    assert (found.state, found.number) == ("frozen", 7)
    restored(written.place, url, tmp_path)


def test_readers_of_a_sqlite_store_see_the_old_rows_until_all_new_ones_are_there(tmp_path: Path, other: Path) -> None:
    write_all_tables(SQLITE, other, HEAD, rows=5)
    written = back_up(SQLITE, other, TAKEN)
    write_all_tables(SQLITE, tmp_path, HEAD)
    seen: list[int] = []

    def look(*_: object) -> None:
        with sqlite3.connect(tmp_path / "var/digest.sqlite3") as outside:
            seen.append(outside.execute("SELECT count(*) FROM reader").fetchone()[0])
        outside.close()

    event.listen(Engine, "after_cursor_execute", look)
    try:
        restored(written.place, SQLITE, tmp_path)
    finally:
        event.remove(Engine, "after_cursor_execute", look)
    assert set(seen) == {3}
    assert len(read_all(SQLITE, tmp_path)["reader"]) == 5
