"""How a value is written in an archive: JSON's own, and moments as `2026-01-19T00:00:00.000000Z`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, Table, TypeDecorator, select, table
from sqlalchemy import column as bare_column

Change = Callable[[Any], Any]

_PAGE = 2_000
"""Rows that are in memory at once."""
_LENGTH = len("2026-01-19T00:00:00.000000Z")
_PLAIN = frozenset((str, int, bool, float, type(None)))


def rows_of(connection: Connection, of: Table) -> Iterator[list[list[Any]]]:
    """Yield a table's rows as an archive holds them, some at a time, in the order of the primary key.

    They are read as the driver gives them: of millions, each would else be looked at twice.
    """
    bare = table(of.name, *(bare_column(each.name) for each in of.columns))
    query = select(bare).order_by(*(bare.c[each.name] for each in of.primary_key.columns))
    changes = _changes(of, {DateTime: _archived_moment, Boolean: bool})
    options = {"stream_results": True, "max_row_buffer": _PAGE}
    found = connection.execute(query, execution_options=options)
    for page in found.partitions(_PAGE):
        yield [_changed(list(row), changes) for row in page]


def for_database(rows: Iterator[Any], of: Table, dialect: str) -> Iterator[list[Any]]:
    """Yield an archive's rows as a database's driver takes them. Raise ValueError for one that is none."""
    width = len(of.columns)
    moment = _moment_for_sqlite if dialect == "sqlite" else _checked_moment
    changes = _changes(of, {DateTime: moment, Boolean: _truth})
    for row in rows:
        if type(row) is not list or len(row) != width or not _PLAIN.issuperset(map(type, row)):
            raise ValueError(f"a row of {of.name} has another form")
        if dialect == "postgresql":
            # Its texts cannot hold this character, which SQLite's can.
            row = [value.replace("\0", "�") if isinstance(value, str) else value for value in row]
        yield _changed(row, changes)


def _changes(of: Table, kinds: dict[type, Change]) -> Sequence[tuple[int, Change]]:
    changes = []
    for place, each in enumerate(of.columns):
        kind = each.type.impl_instance if isinstance(each.type, TypeDecorator) else each.type
        changes += [(place, change) for wanted, change in kinds.items() if isinstance(kind, wanted)]
    return changes


def _changed(row: list[Any], changes: Sequence[tuple[int, Change]]) -> list[Any]:
    for place, change in changes:
        if row[place] is not None:
            row[place] = change(row[place])
    return row


def archived(moment: datetime) -> str:
    """Write a moment as an archive holds it."""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def unarchived(text: str) -> datetime:
    """Read what `archived` wrote; raise ValueError."""
    return datetime.fromisoformat(_checked_moment(text))


def _archived_moment(value: Any) -> str:
    if isinstance(value, str):  # SQLite's, which is in UTC
        if len(value) == _LENGTH - 1:
            return f"{value[:10]}T{value[11:]}Z"
        value = datetime.fromisoformat(value)
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    return archived(value)


def _checked_moment(value: Any) -> str:
    if type(value) is not str or len(value) != _LENGTH or value[-1] != "Z":
        raise ValueError("a moment has another form")
    datetime.fromisoformat(value)
    return value


def _moment_for_sqlite(value: Any) -> str:
    moment = _checked_moment(value)
    return f"{moment[:10]} {moment[11:26]}"


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("what is true or false is neither")
    return value
