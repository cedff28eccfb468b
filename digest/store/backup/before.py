"""The backup that is made by itself before anything changes a store that has something to lose."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, literal, select, text

from digest.errors import StoreError
from digest.store.backup.placing import FOLDER, free_name
from digest.store.backup.shapes import tables_of
from digest.store.backup.writing import Written, write_archive
from digest.store.schema import HEAD


def back_up_before_migrating(connection: Connection, revision: str, root: Path) -> None:
    """Back up a store whose schema is about to change, inside the transaction that changes it.

    So nothing can be written in between. Raise `StoreError` when it cannot be; then nothing has been changed.
    """
    if connection.dialect.name == "postgresql":
        # The migration would wait for writers anyway; from here on what was read stays true.
        quoted = connection.dialect.identifier_preparer.quote
        names = ", ".join(quoted(each.name) for each in tables_of(revision))
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    if is_empty(connection, revision):
        return
    # The store's own clock: whoever opens it does not say what time it is.
    taken_at = _aware(connection.execute(select(func.current_timestamp())).scalar_one())
    place = free_name(root / FOLDER, f"before-{revision}-to-{HEAD}", taken_at)
    try:
        write_archive(connection, revision, root, place, taken_at)
    except StoreError as error:
        raise StoreError(
            f"the store is of an earlier version and is not brought up to date without a backup: {error.message}",
            file=error.file,
            fix="make room there or the folder writable, and run the same command again; nothing has been changed",
        ) from error


def back_up_before_restoring(connection: Connection, root: Path, now: datetime) -> Written | None:
    """Back up a store that is about to be replaced, inside the transaction that does so; None when it is empty."""
    if is_empty(connection, HEAD):
        return None
    return write_archive(connection, HEAD, root, free_name(root / FOLDER, "before-restore", now), now)


def is_empty(connection: Connection, revision: str) -> bool:
    """Tell whether a store knows nothing at all."""
    queries = (select(literal(1)).select_from(table).limit(1) for table in tables_of(revision))
    return all(connection.execute(query).first() is None for query in queries)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
