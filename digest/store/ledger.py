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
    marker = root / MARKER
    try:
        expected = marker.read_text(encoding="ascii").strip() if marker.is_file() else ""
        with telling_people(), engine.begin() as connection:
            one_at_a_time(connection)
            found = connection.execute(select(ledger.c.id)).scalar()
            if found is None and not expected:
                found = uuid.uuid4().hex
                connection.execute(insert(ledger).values(id=found))
        if expected and found != expected:
            raise StoreError(
                "the ledger of who got what is gone: this database is " + ("another project's" if found else "empty"),
                file=marker,
                fix="restore the backup; only if nobody may miss it, delete this file and begin anew",
            )
        if not expected:
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.write_text(f"{found}\n", encoding="ascii")
    except OSError as error:
        message = f"the ledger's mark cannot be read or written: {error.strerror}"
        raise StoreError(message, file=marker, fix="make that folder writable") from error
