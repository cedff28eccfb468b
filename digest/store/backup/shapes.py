"""Which tables a backup of a revision holds.

They are those that the migrations make, never whatever else lies in the database: others may live there, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, MetaData, StaticPool, Table, create_engine

from digest.store.migrating import migrate
from digest.store.schema import HEAD, metadata

NOT_KEPT = frozenset({"alembic_version", "ledger", "pace", "process"})
"""Not part of a backup: the first two are said by its manifest, and the others tell who is at work at this moment."""


def tables_of(revision: str) -> Sequence[Table]:
    """Return the tables of a revision that a backup holds, those first that others refer to."""
    shape = metadata if revision == HEAD else _shape_of(revision)
    return [table for table in shape.sorted_tables if table.name not in NOT_KEPT]


@cache
def _shape_of(revision: str) -> MetaData:
    with scratch(":memory:") as connection:
        migrate(connection, revision)
        shape = MetaData()
        shape.reflect(connection)
    return shape


@contextmanager
def scratch(place: str = "") -> Iterator[Connection]:
    """Open an empty SQLite database of nobody else's; without a place it is a file that ends with this process."""
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place, isolation_level=None), poolclass=StaticPool
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()
