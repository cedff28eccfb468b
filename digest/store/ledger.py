"""Noticing a lost ledger: an empty one would mail everybody again, so it must not look like a new one.

The database carries an id, and `var/ledger-id` in the project repeats it.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import Engine, insert, select

from digest.errors import StoreError
from digest.store.connecting import one_at_a_time, telling_people
from digest.store.schema import ledger

MARKER = Path("var/ledger-id")


def recognise(engine: Engine, root: Path) -> None:
    """Make sure that this is the project's own ledger; a project without one gets it marked now."""
    expected = read_marker(root)
    with telling_people(), engine.begin() as connection:
        one_at_a_time(connection)
        found = connection.execute(select(ledger.c.id)).scalar()
        if found is None and not expected:
            found = uuid.uuid4().hex
            connection.execute(insert(ledger).values(id=found))
    refuse_another(found, expected, root)
    if not expected:
        mark(root, str(found))


def read_marker(root: Path) -> str:
    """Return the id of the ledger that the project had; empty when it had none."""
    marker = root / MARKER
    try:
        return marker.read_text(encoding="ascii").strip() if marker.is_file() else ""
    except OSError as error:
        raise _unusable(marker, error) from error


def mark(root: Path, found: str) -> None:
    """Write down beside the project which ledger is its own."""
    marker = root / MARKER
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(f"{found}\n", encoding="ascii")
    except OSError as error:
        raise _unusable(marker, error) from error


def refuse_another(found: str | None, expected: str, root: Path) -> None:
    """Raise `StoreError` when a database does not have the ledger that the project had."""
    if expected and found != expected:
        raise StoreError(
            "the ledger of who got what is gone: this database is " + ("another project's" if found else "empty"),
            file=root / MARKER,
            fix="`digest restore FILE` a backup; only if nobody may miss it, delete this file and begin anew",
        )


def _unusable(marker: Path, error: OSError) -> StoreError:
    message = f"the ledger's mark cannot be read or written: {error.strerror}"
    return StoreError(message, file=marker, fix="make that folder writable")
