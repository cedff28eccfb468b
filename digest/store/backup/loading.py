"""Rows into a database, in bulk and inside a transaction of the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Integer, Table, text
from sqlalchemy.exc import DBAPIError

from digest.errors import StoreError
from digest.store.backup.values import for_database
from digest.store.connecting import advice, first_line

_PAGE = 5_000
_MOST_TRIES = 150
_A_MOMENT = "200ms"
"""Shorter than PostgreSQL waits before it looks for a deadlock and ends one of the two: that shall be us."""

_FAULTS_OF_ROWS = {"IntegrityError", "InterfaceError", "ProgrammingError", "DataError"}
"""SQLite's; PostgreSQL's have states of the classes 22 and 23."""


def take_all(connection: Connection, tables: Sequence[Table]) -> None:
    """Have the tables alone until the transaction ends: others wait, and see all that was changed or nothing.

    SQLite's writing transactions are alone anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    names = ", ".join(_quoted(connection, each.name) for each in tables)
    for left in reversed(range(_MOST_TRIES)):
        try:
            with connection.begin_nested():
                connection.execute(text(f"SET LOCAL lock_timeout = '{_A_MOMENT}'"))
                connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        except DBAPIError as error:
            # Somebody is at work in one of them (55P03), or waits for one that is ours already (40P01).
            if left and getattr(error.orig, "sqlstate", "") in {"55P03", "40P01"}:
                continue
            raise
        return


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete every row; references between tables must not be looked at (SQLite) or be among these (PostgreSQL)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {', '.join(_quoted(connection, each.name) for each in tables)}"))
        return
    for each in reversed(tables):
        connection.exec_driver_sql(f"DELETE FROM {_quoted(connection, each.name)}")  # noqa: S608 - our own names


def load(connection: Connection, of: Table, rows: Iterator[Any]) -> int:
    """Insert an archive's rows; return how many. Raise `StoreError` for a row that is refused.

    Of two kinds of databases each has a way of its own that takes a million rows in seconds.
    """
    dialect = connection.dialect.name
    columns = ", ".join(_quoted(connection, each.name) for each in of.columns)
    made = for_database(rows, of, dialect)
    driver: Any = connection.connection.cursor()
    count = 0
    try:
        if dialect == "postgresql":
            with driver.copy(f"COPY {_quoted(connection, of.name)} ({columns}) FROM STDIN") as copy:
                for row in made:
                    copy.write_row(row)
                    count += 1
            return count
        marks = ", ".join("?" for _ in of.columns)
        statement = f"INSERT INTO {_quoted(connection, of.name)} ({columns}) VALUES ({marks})"  # noqa: S608 - likewise
        while page := list(islice(made, _PAGE)):
            driver.executemany(statement, page)
            count += len(page)
    except (ValueError, OverflowError) as error:
        raise _refused(error, of) from error
    except connection.dialect.loaded_dbapi.Error as error:
        if type(error).__name__ not in _FAULTS_OF_ROWS and getattr(error, "sqlstate", "")[:2] not in {"22", "23"}:
            raise StoreError(f"the store cannot be written: {first_line(error)}", fix=advice(error)) from error
        raise _refused(error, of) from error
    finally:
        driver.close()
    return count


def lead_on(connection: Connection, tables: Sequence[Table]) -> None:
    """Let PostgreSQL number new rows after those that were loaded, and never with a number that was given before.

    Numbers are taken back by no ROLLBACK, so they must only grow. It also looks at what it has now, to plan by.
    """
    if connection.dialect.name != "postgresql":
        return
    for each in tables:
        keys = list(each.primary_key.columns)
        sequence = text("SELECT pg_get_serial_sequence(:name, :key)")
        if len(keys) == 1 and isinstance(keys[0].type, Integer):
            name, key = _quoted(connection, each.name), keys[0].name
            found = connection.execute(sequence, {"name": name, "key": key}).scalar()
            if found:
                highest = f"(SELECT coalesce(max({_quoted(connection, key)}), 1) FROM {name})"  # noqa: S608 - our own names
                query = f"SELECT setval('{found}', greatest(last_value, {highest})) FROM {found}"  # noqa: S608 - likewise
                connection.execute(text(query))
        connection.execute(text(f"ANALYZE {_quoted(connection, each.name)}"))


def _refused(error: Exception, of: Table) -> StoreError:
    """Return an error without the row, which has a reader's address in it."""
    found = re.search(r"COPY \w+, line (\d+)(?:, column (\w+))?", str(error))
    where = f" (row {found[1]}, {found[2] or 'as a whole'})" if found else ""
    reason = first_line(error).partition(': "')[0]
    return StoreError(
        f"the backup's table {of.name} is refused{where}: {reason}", fix="take another; nothing has been changed"
    )


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
