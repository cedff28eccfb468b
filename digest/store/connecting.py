"""How the store's database is opened: safe settings, the newest schema, and errors a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from digest.errors import StoreError
from digest.store import remote
from digest.store.migrating import known_revisions, migrate, schema_version
from digest.store.schema import HEAD

_PATIENCE_SECONDS = 30
"""How long SQLite waits for another process that writes; `?timeout=5` in the store's url says otherwise."""
ONLY_READS = "digest_only_reads"
"""The execution option of who never writes: on SQLite nobody who sends has to wait for them."""
_MIGRATION_LOCK = 0x646967  # any constant: the advisory lock under which PostgreSQL's schema and mark are written


def open_engine(url: str, root: Path) -> Engine:
    """Open the database at `url` and bring its schema up to date; before that is changed, a backup is made.

    Raise `StoreError` when it cannot be opened, or when it was written by a newer version of the digest.
    """
    engine = engine_for(url, root)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin_immediate)
    try:
        with telling_people():
            _bring_up_to_date(engine, root)
    except BaseException:
        engine.dispose()
        raise
    return engine


def engine_for(url: str, root: Path) -> Engine:
    """Return an engine for the database at `url`, with safe settings; of SQLite's, the caller begins transactions.

    A relative SQLite path is relative to `root`. Errors never show parameters: they are readers' addresses.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            file = root / (parsed.database or "")
            file.parent.mkdir(parents=True, exist_ok=True)
            # In the arguments it would win over the url's own.
            patience = {} if "timeout" in parsed.query else {"timeout": _PATIENCE_SECONDS}
            engine = create_engine(parsed.set(database=str(file)), connect_args=patience, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
        elif parsed.get_backend_name() == "postgresql":
            patient = {key: value for key, value in remote.PATIENCE.items() if key not in parsed.query}
            parsed = parsed.set(drivername="postgresql+psycopg")
            engine = create_engine(parsed, connect_args=patient, pool_pre_ping=True, hide_parameters=True)
            event.listen(engine, "connect", remote.prepare)
        else:
            raise StoreError(f"the store cannot be '{parsed.drivername}'", fix="use sqlite:///… or postgresql://…")
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(
            f"the store's url cannot be read: {error}", fix="write sqlite:///var/digest.sqlite3"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL's driver is not installed", fix="pip install 'psycopg[binary]'") from error
    except OSError as error:
        raise StoreError(f"the store's folder cannot be made: {error}") from error
    event.listen(engine, "handle_error", _note_place)
    return engine


@contextmanager
def telling_people() -> Iterator[None]:
    """Turn a database's error into a `StoreError`: a sender that cannot record must not send."""
    try:
        yield
    except DBAPIError as error:
        place = next(iter(getattr(error, "__notes__", ())), None)
        reason = first_line(error.orig)
        raise StoreError(
            f"the store cannot be read or written: {reason}", file=place, fix=f"{advice(error.orig)}; {_SAFE}"
        ) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the store failed: {first_line(error)}") from error


_SAFE = "nothing is sent while it cannot record, and the same command goes on where it stopped"

_FULL = "make room on its disk"
_BUSY = "another process has been writing to it all the time: let that end, or stop it"
_RIGHTS = "give this user the right to write to it and its folder"
_ADVICE = {
    # SQLite's names of results (https://sqlite.org/rescode.html), without what they extend to.
    "SQLITE_FULL": _FULL,
    # So says a full disk, too, where SQLite cannot make a file beside the database.
    "SQLITE_IOERR": f"{_FULL}, or look whether the disk is sound",
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": _RIGHTS,
    "SQLITE_CANTOPEN": _RIGHTS,
    # PostgreSQL's states (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    "53100": _FULL,
    "55P03": _BUSY,
    "42501": "give its user the rights on the database",
    "53300": "let its server take more connections, or end some",
}


def advice(error: object) -> str:
    """Return what a person can do about a driver's error."""
    name = str(getattr(error, "sqlite_errorname", ""))
    primary = "_".join(name.split("_")[:2])
    state = str(getattr(error, "sqlstate", "") or "")
    return _ADVICE.get(primary) or _ADVICE.get(state) or "check its disk space, rights and url"


def _note_place(context: ExceptionContext) -> None:
    """Tell which database an error is about, for `telling_people`."""
    if context.sqlalchemy_exception is not None and context.engine is not None:
        context.sqlalchemy_exception.add_note(_place(context.engine.url))


def _place(url: URL) -> str:
    """Name a database without its user and password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host", "")
    return f"database {url.database} on {host}" if host else f"database {url.database}"


def first_line(error: object) -> str:
    """Return the part of a driver's message that has no reader's address in it."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: `_begin_immediate` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # NORMAL may lose the last commits when the power fails: a sent batch would look unsent.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # Taking the write lock at once: a transaction that reads first and writes later fails under load.
    only_reads = connection.get_execution_options().get(ONLY_READS)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def begin_reading(connection: Connection) -> None:
    """Begin a transaction that sees one moment and keeps nobody waiting; for an engine's event `begin`."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def _bring_up_to_date(engine: Engine, root: Path) -> None:
    with engine.begin() as connection:
        one_at_a_time(connection)
        current = schema_version(connection)
        if current == HEAD:
            return
        if current is not None and current not in known_revisions():
            raise StoreError(
                f"the store was written by a newer version of the digest (schema {current}, this one knows {HEAD})",
                fix="install that version again, or restore the backup that was made before the upgrade",
            )
        if current is not None:
            from digest.store.backup.before import back_up_before_migrating  # needs the rest of this module

            back_up_before_migrating(connection, current, root)
        migrate(connection)


def one_at_a_time(connection: Connection) -> None:
    """Let one process at a time go on until its transaction ends; SQLite's transactions do that by themselves."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
