"""An archive that is damaged, too new or made to harm is one clear error, and changes nothing."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from digest.errors import StoreError
from digest.store.backup import reading
from digest.store.backup.manifest import NAME
from digest.store.backup.snapshot import back_up
from digest.store.schema import HEAD
from tests.store.archives import TAKEN, changed, read_all, restored, with_manifest, with_rows, write_all_tables

SQLITE = "sqlite:///var/digest.sqlite3"
Parts = dict[str, bytes]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "from").mkdir()
    history = tmp_path / "from/var/studio/history/weekly"
    history.mkdir(parents=True)
    (history / "one").write_text("p {}")
    write_all_tables(SQLITE, tmp_path / "from", HEAD)
    return back_up(SQLITE, tmp_path / "from", TAKEN, tmp_path / "good.zip").place


def refused(archive: Path, url: str, root: Path, match: str) -> None:
    """It is refused with one message that tells nobody's address, and the store is what it was."""
    (root / "var/ledger-id").write_text("a-ledger\n")
    before = read_all(url, root)
    with pytest.raises(StoreError, match=match) as error:
        restored(archive, url, root)
    assert "\n" not in str(error.value)
    assert "address 1" not in str(error.value)
    assert error.value.fix
    assert read_all(url, root) == before
    assert not (root.parent / "evil").exists()


def test_a_flipped_bit_is_noticed_wherever_it_is(archive: Path, tmp_path: Path) -> None:
    write_all_tables(SQLITE, tmp_path, HEAD)
    good, chance = archive.read_bytes(), random.Random(7)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive) as packed:
        parts = {each.filename: packed.read(each) for each in packed.infolist()}
    noticed = 0
    for _ in range(300):
        place = chance.randrange(len(good))
        bad.write_bytes(good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :])
        try:
            with reading.opened(bad) as whole:
                # What zip itself does not use, such as a file's date, may differ; no row may.
                tables = {name: list(whole.rows(name)) for name in whole.manifest.tables}
        except StoreError:
            noticed += 1
        else:
            with reading.opened(archive) as right:
                assert tables == {name: list(right.rows(name)) for name in right.manifest.tables}
    assert noticed > 200
    assert parts


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(share: float, archive: Path, store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, HEAD)
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * share)])
    refused(archive, store_url, tmp_path, "this is no backup, or a damaged one")


def _drop(name: str) -> Callable[[Parts], object]:
    return lambda parts: parts.pop(name)


def _manifest(**told: Any) -> Callable[[Parts], None]:
    return lambda parts: with_manifest(parts, lambda manifest: manifest.update(told))


def _file(name: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[f"files/{name}"] = b""
        part = {"octets": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
        with_manifest(parts, lambda told: told["files"].update({name: {**part, "rows": 0, "columns": []}}))

    return change


def _row(change: Callable[[list[list[Any]]], None]) -> Callable[[Parts], None]:
    return lambda parts: with_rows(parts, "reader", change)


def _set(row: int, column: int, value: Any) -> Callable[[Parts], None]:
    def change(rows: list[list[Any]]) -> None:
        rows[row][column] = value

    return _row(change)


HARMFUL: dict[str, tuple[Callable[[Parts], object], str]] = {
    "a part is missing": (_drop("tables/recipient.jsonl"), "parts that it should have"),
    "there is no manifest": (_drop(NAME), "this is no backup"),
    "a part too many": (lambda parts: parts.update({"tables/evil.jsonl": b""}), "parts that it should have"),
    "a part outside": (lambda parts: parts.update({"../../evil": b"x"}), "parts that it should have"),
    "a file above the project": (_file("var/studio/history/../../../../evil"), "file that is none of ours"),
    "a file elsewhere": (_file("/evil"), "file that is none of ours"),
    "a file over the configuration": (_file("config/digest.toml"), "file that is none of ours"),
    "a row that is another of the same length": (
        lambda parts: parts.update(
            {"tables/reader.jsonl": parts["tables/reader.jsonl"].replace(b"address 1", b"address 9")}
        ),
        "reader is not what it was",
    ),
    "a newer format": (_manifest(format=2, version="9.1"), "install digest 9.1 or a later one"),
    "a newer schema": (_manifest(schema="9999", version="9.1"), "install digest 9.1 or a later one"),
    "no format": (_manifest(format=None), "this is no backup"),
    "a moment that is none": (_manifest(taken_at="yesterday"), "this is no backup"),
    "another schema's tables": (_manifest(schema="0003"), "tables are not those of its schema"),
    "a manifest that is no JSON": (lambda parts: parts.update({NAME: b"[" * 100_000}), "this is no backup"),
    "a manifest of a list": (lambda parts: parts.update({NAME: b"[]"}), "this is no backup"),
    "a row too short": (_row(lambda rows: rows[0].pop()), "a row of reader has another form"),
    "a row that is none": (_row(lambda rows: rows.append({"id": 9})), "a row of reader has another form"),  # type: ignore[arg-type]
    "a value that is a list": (_set(0, 2, ["x"]), "a row of reader has another form"),
    "a moment of another form": (_set(1, 5, "2026"), "a moment has another form"),
    "a truth of another form": (_set(1, 6, 1), "neither"),
    "a number beyond all bounds": (_set(0, 0, 10**30), "table reader is refused"),
    "the same reader twice": (_row(lambda rows: rows.append(rows[0])), "table reader is refused"),
    "nothing where something must be": (_set(0, 2, None), "table reader is refused"),
    "a newsletter that is not there": (_set(0, 1, "nowhere"), "refer|refused|foreign key"),
    "half a character": (_set(0, 2, "\ud800"), "table reader is refused"),
}


@pytest.mark.parametrize("what", HARMFUL)
def test_an_archive_that_was_tampered_with_is_refused(what: str, archive: Path, store_url: str, tmp_path: Path) -> None:
    write_all_tables(store_url, tmp_path, HEAD, rows=2)
    change, match = HARMFUL[what]
    refused(changed(archive, tmp_path / "bad.zip", change), store_url, tmp_path, match)


def test_a_part_that_would_unpack_to_far_too_much_is_not_unpacked(archive: Path, tmp_path: Path) -> None:
    write_all_tables(SQLITE, tmp_path, HEAD)

    def inflate(parts: Parts) -> None:
        with_rows(parts, "remembered", lambda rows: rows.append(["s", "k", "x" * 30_000_000]))

    refused(changed(archive, tmp_path / "bomb.zip", inflate), SQLITE, tmp_path, "would unpack to far too much")


def test_a_part_that_is_more_than_it_says_is_not_read_on(archive: Path, tmp_path: Path) -> None:
    write_all_tables(SQLITE, tmp_path, HEAD)

    def add(parts: Parts) -> None:
        parts["tables/reader.jsonl"] += parts["tables/reader.jsonl"]

    refused(changed(archive, tmp_path / "more.zip", add), SQLITE, tmp_path, "tables/reader.jsonl has another size")


def test_a_text_that_postgresql_cannot_hold_is_no_reason_to_stay_on_sqlite(
    archive: Path, store_url: str, tmp_path: Path
) -> None:
    write_all_tables(store_url, tmp_path, HEAD, rows=1)
    with_zero = changed(archive, tmp_path / "zero.zip", _set(0, 8, "Ta\0ro"))
    (tmp_path / "var/ledger-id").write_text("a-ledger\n")
    restored(with_zero, store_url, tmp_path)
    names = {row["name"] for row in read_all(store_url, tmp_path)["reader"]}
    assert names & {"Ta\0ro", "Ta�ro"}


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    write_all_tables(SQLITE, tmp_path, HEAD)
    refused(tmp_path / "nowhere.zip", SQLITE, tmp_path, "cannot be read: No such file")
