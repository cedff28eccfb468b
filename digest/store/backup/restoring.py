"""A backup becomes the store, in one transaction: others see what was before or what is now, never a mix.

A backup of an earlier schema is first made into a database of that schema and brought up to date there, beside the
store, so that every migration it missed is run on it as it would have been.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from digest.errors import StoreError
from digest.models import DeliveryState
from digest.store.backup.before import back_up_before_restoring, is_empty
from digest.store.backup.doubting import Doubts, leave_to_people
from digest.store.backup.loading import empty, lead_on, load, take_all
from digest.store.backup.reading import Archive
from digest.store.backup.shapes import scratch, tables_of
from digest.store.backup.values import rows_of, unarchived
from digest.store.backup.writing import Written
from digest.store.connecting import one_at_a_time, open_engine, telling_people
from digest.store.ledger import mark, read_marker, refuse_another
from digest.store.migrating import migrate
from digest.store.schema import HEAD, batch, issue, ledger, reader, restoration


@dataclass(frozen=True, slots=True)
class Contents:
    """What a person compares before one store replaces another."""

    issues: int
    readers: int
    newest_issue: str
    """`weekly/2026-W47`; empty when there is none."""
    newest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoration did."""

    doubts: Doubts
    saved: Written | None
    """What was there before; None when that was nothing."""
    files: tuple[str, ...]
    """What was put below `var/`."""


def contents_of_archive(archive: Archive) -> Contents:
    """Return what a backup has."""
    tables = archive.manifest.tables
    at = {name: place for place, name in enumerate(tables["issue"].columns)}
    newest, due_at = "", None
    for row in archive.rows("issue"):
        moment = unarchived(row[at["due_at"]])
        if due_at is None or moment > due_at:
            newest, due_at = f"{row[at['newsletter']]}/{row[at['period']]}", moment
    return Contents(tables["issue"].rows, tables["reader"].rows, newest, due_at)


def contents_of_store(url: str, root: Path) -> Contents:
    """Return what the store has that would be replaced; it is made where there is none."""
    engine = open_engine(url, root)
    try:
        with telling_people(), engine.begin() as connection:
            newest = select(issue.c.newsletter, issue.c.period, issue.c.due_at).order_by(issue.c.due_at.desc())
            row = connection.execute(newest.limit(1)).one_or_none()
            issues, readers = (
                connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (issue, reader)
            )
            return Contents(issues, readers, f"{row[0]}/{row[1]}" if row else "", row[2] if row else None)
    finally:
        engine.dispose()


def restore(
    archive: Archive,
    url: str,
    root: Path,
    now: datetime,
    who: str,
    is_dead: Callable[[str], bool | None],
    *,
    of_another: bool = False,
) -> Restored:
    """Make a backup the store at `url`. Raise `StoreError` when that cannot or must not be; then nothing is changed.

    What may have left since it was taken waits for a person. What was there before is backed up, in the same
    transaction. `is_dead` judges the owners of claims as `Outbox.sweep` does: nothing is replaced while one lives.
    `of_another`: the backup may be of another store than this project had.
    """
    engine = open_engine(url, root)
    try:
        with _rows_at_head(archive) as rows, _alone(engine) as connection:
            own = _own_ledger(connection, archive, root, of_another=of_another)
            _refuse_while_sending(connection, now, is_dead)
            saved = back_up_before_restoring(connection, root, now)
            tables = tables_of(HEAD)
            empty(connection, tables)
            for table in tables:
                load(connection, table, rows(table.name))
            _check_references(connection)
            lead_on(connection, tables)
            connection.execute(delete(ledger))
            connection.execute(insert(ledger).values(id=own))
            moments = {"taken_at": archive.manifest.taken_at, "restored_at": now}
            connection.execute(insert(restoration).values(**moments, who=who[:200]))
            doubts = leave_to_people(connection, archive.manifest.taken_at, now, who)
    finally:
        engine.dispose()
    if not read_marker(root):
        mark(root, own)
    return Restored(doubts, saved, tuple(_put_back(archive, root)))


@contextmanager
def _rows_at_head(archive: Archive) -> Iterator[Callable[[str], Iterator[Any]]]:
    """Give what yields a table's rows as the newest schema has them."""
    revision = archive.manifest.schema
    if revision == HEAD:
        yield archive.rows
        return
    with telling_people(), scratch() as connection:
        migrate(connection, revision)
        for table in tables_of(revision):
            load(connection, table, archive.rows(table.name))
        migrate(connection)
        tables = {table.name: table for table in tables_of(HEAD)}
        yield lambda name: chain.from_iterable(rows_of(connection, tables[name]))


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Begin the transaction in which nobody else reads or writes the store half-way."""
    with telling_people(), engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if engine.dialect.name == "sqlite":
            # Before it begins: in a transaction this cannot be said. References are looked at in the end, all at once.
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            one_at_a_time(connection)
            take_all(connection, [*tables_of(HEAD), ledger])
            yield connection


def _own_ledger(connection: Connection, archive: Archive, root: Path, *, of_another: bool) -> str:
    """Return the id that the store has afterwards: the one that this and other hosts know already, if there is any."""
    found, expected = connection.execute(select(ledger.c.id)).scalar(), read_marker(root)
    if found is not None:
        refuse_another(found, expected, root)
    own, theirs = found or expected, archive.manifest.ledger
    if own and theirs and own != theirs and not of_another and not (found and is_empty(connection, HEAD)):
        raise StoreError(
            "this is a backup of another store than this project had",
            file=archive.place,
            fix="take one of its own; if this one is meant, say it with --of-another",
        )
    return own or theirs or uuid.uuid4().hex


def _refuse_while_sending(connection: Connection, now: datetime, is_dead: Callable[[str], bool | None]) -> None:
    query = (
        select(issue.c.newsletter, issue.c.period, batch.c.owner, batch.c.lease_until)
        .join(batch, batch.c.issue_id == issue.c.id)
        .where(batch.c.state == DeliveryState.SENDING)
    )
    for slug, period, owner, lease_until in connection.execute(query).all():
        dead = is_dead(owner)
        if not (lease_until is None or lease_until <= now if dead is None else dead):
            name = f"{slug}/{period}"
            raise StoreError(
                f"{name} is being sent at this moment", fix=f"run `digest hold {name}` first, wait a minute, try again"
            )


def _check_references(connection: Connection) -> None:
    """Raise `StoreError` where a row refers to one that is not there; PostgreSQL looks at that by itself."""
    if connection.dialect.name != "sqlite":
        return
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if wrong is not None:
        raise StoreError(
            f"the backup's table {wrong[0]} refers to rows of {wrong[2]} that it does not have",
            fix="take another; nothing has been changed",
        )


def _put_back(archive: Archive, root: Path) -> Iterator[str]:
    """Write the small files that are not there; what is there is newer, and stays."""
    for path, data in archive.files():
        place = root / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"the store is restored, but not what designs said before: {error.strerror}",
                file=place,
                fix="make the folder writable and restore it again",
            ) from error
        yield path
