"""The store as it is at one moment, read while everybody goes on writing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, event, select, text

from digest.errors import StoreError
from digest.store.backup.placing import FOLDER, free_name
from digest.store.backup.shapes import tables_of
from digest.store.backup.writing import Written, write_archive
from digest.store.connecting import begin_reading, engine_for, telling_people
from digest.store.ledger import read_marker, refuse_another
from digest.store.migrating import known_revisions, schema_version
from digest.store.schema import ledger

_MOST_TRIES = 3


def back_up(url: str, root: Path, now: datetime, place: Path | None = None) -> Written:
    """Write the store at `url` to `place` (a new file, or a folder for one), as it is at one moment.

    Nobody waits for it: it only reads, and a store of an earlier version stays as it is. Raise `StoreError` when there
    is no store, when it is not the project's own, or when the file cannot be written.
    """
    folder = root / FOLDER if place is None else place
    if place is None or place.is_dir():
        place = free_name(folder, "digest", now)
    engine = engine_for(url, root)
    _refuse_nothing(engine)
    event.listen(engine, "begin", begin_reading)
    try:
        with telling_people():
            for _ in range(_MOST_TRIES):
                if written := _written(engine, root, now, place):
                    return written
    finally:
        engine.dispose()
    raise StoreError("the store's schema changes all the time", fix="run it again when nothing is updated any more")


def _refuse_nothing(engine: Engine) -> None:
    """Raise where SQLite would make an empty database of what is not there."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise _nothing(engine)


def _nothing(engine: Engine) -> StoreError:
    place = engine.url.database
    return StoreError("there is no store yet, so there is nothing to back up", file=place, fix="see store.url")


def _written(engine: Engine, root: Path, now: datetime, place: Path) -> Written | None:
    """Write the archive; None when the schema changed before its tables could be kept as they are."""
    with engine.begin() as connection:
        revision = schema_version(connection)
    if revision is None:
        raise _nothing(engine)
    if revision not in known_revisions():
        raise StoreError(
            f"the store was written by a newer version of the digest (schema {revision})", fix="back it up with that"
        )
    with engine.connect() as plain:
        connection = plain.execution_options(**_one_moment(plain))
        with connection.begin():
            _keep_tables(connection, revision)
            if schema_version(connection) != revision:
                return None
            refuse_another(connection.execute(select(ledger.c.id)).scalar(), read_marker(root), root)
            return write_archive(connection, revision, root, place, now)


def _one_moment(connection: Connection) -> dict[str, object]:
    if connection.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {}


def _keep_tables(connection: Connection, revision: str) -> None:
    """Let nobody change or empty a table while it is read; on SQLite, a transaction sees to that."""
    if connection.dialect.name == "postgresql":
        # Before the first SELECT, with which the moment is chosen: a table that is emptied by TRUNCATE after that would
        # look empty (https://www.postgresql.org/docs/current/mvcc-caveats.html). Rows can be written all the while.
        quoted = connection.dialect.identifier_preparer.quote
        names = ", ".join(quoted(each) for each in ("alembic_version", *(each.name for each in tables_of(revision))))
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))
