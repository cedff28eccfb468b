"""Stores with a row in every table, of any revision, and what a test wants to know of stores and archives."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, Integer, MetaData, Table, event, select, text

from digest.store.backup.manifest import NAME, table_part
from digest.store.backup.reading import opened
from digest.store.backup.restoring import Restored, restore
from digest.store.connecting import engine_for
from digest.store.migrating import migrate

TAKEN = datetime(2026, 1, 19, 1, 0, tzinfo=UTC)
RESTORED = TAKEN + timedelta(days=2)
ROWS = 3


def write_all_tables(url: str, root: Path, revision: str, rows: int = ROWS) -> None:
    """Make a store of a revision that has some rows in every table, with all that a text can hold."""
    with _transaction(url, root) as connection:
        migrate(connection, revision)
        shape = MetaData()
        shape.reflect(connection)
        for table in shape.sorted_tables:
            if table.name == "ledger":
                connection.execute(table.insert().values(id="a-ledger"))
            elif table.name != "alembic_version":
                connection.execute(table.insert(), [_row(table, number, connection) for number in range(1, rows + 1)])
        if connection.dialect.name == "postgresql":  # rows that it numbers itself leave its counters behind them
            for table in shape.sorted_tables:
                if "id" in table.columns and isinstance(table.c.id.type, Integer):
                    connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {rows})"))


def read_all(url: str, root: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of a backup, in a form that both databases give alike."""
    with _transaction(url, root) as connection:
        shape = MetaData()
        shape.reflect(connection)
        found = {}
        for table in shape.sorted_tables:
            rows = [
                {name: _plain(value) for name, value in row._mapping.items()}
                for row in connection.execute(select(table))
            ]
            found[table.name] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
        return found


def restored(archive: Path, url: str, root: Path, now: datetime = RESTORED, *, of_another: bool = False) -> Restored:
    """Restore an archive, while nobody sends."""
    with opened(archive) as whole:
        return restore(whole, url, root, now, "kay", lambda _: None, of_another=of_another)


def changed(archive: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write an archive again with other parts."""
    with zipfile.ZipFile(archive) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return to


def with_manifest(parts: dict[str, bytes], change: Callable[[dict[str, Any]], None]) -> None:
    """Change what an archive says of itself."""
    told = json.loads(parts[NAME])
    change(told)
    parts[NAME] = json.dumps(told).encode()


def with_rows(parts: dict[str, bytes], table: str, change: Callable[[list[list[Any]]], None]) -> None:
    """Change a table's rows, with sums that fit: what somebody would do by hand."""
    rows = [json.loads(line) for line in parts[table_part(table)].splitlines()]
    change(rows)
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    parts[table_part(table)] = data
    sums = {"octets": len(data), "rows": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
    with_manifest(parts, lambda told: told["tables"][table].update(sums))


@contextmanager
def _transaction(url: str, root: Path) -> Iterator[Connection]:
    (root / "var").mkdir(exist_ok=True)
    engine = engine_for(url, root)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        yield connection
    engine.dispose()


def _row(table: Table, number: int, connection: Connection) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            parent = next(iter(column.foreign_keys)).column
            keys = connection.execute(select(parent).order_by(parent)).scalars().all()
            row[column.name] = keys[number - 1]
        elif isinstance(column.type, Boolean):
            row[column.name] = number % 2 == 0
        elif isinstance(column.type, DateTime):
            nothing = column.nullable and number == 1
            aware = TAKEN - timedelta(days=number, microseconds=number if number > 1 else TAKEN.microsecond)
            row[column.name] = (
                None if nothing else aware if connection.dialect.name == "postgresql" else aware.replace(tzinfo=None)
            )
        elif isinstance(column.type, Integer):
            row[column.name] = number
        elif column.name == "state":
            row[column.name] = "accepted" if table.name in {"batch", "recipient"} else "sent"
        else:
            row[column.name] = f"{column.name} {number}"[: getattr(column.type, "length", None) or 100]
            if not column.primary_key and not getattr(column.type, "length", None):
                row[column.name] += ' 読者 "\\\n\t,[]{}'
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value.isoformat()
    return value
