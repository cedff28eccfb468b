"""Whether the database itself is sound: its size, its files, and whether its clock is ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from digest.store.connecting import ONLY_READS, telling_people
from digest.store.schema import HEAD

_WHOLE_CHECK_BELOW = 2 * 1024**3
"""Octets of a SQLite file that `PRAGMA quick_check` reads in a few seconds; of a larger one it is left out."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was found out about a database."""

    octets: int
    schema: str
    """The schema's version: that of this program, else it would not have been opened."""
    broken: str = ""
    """What SQLite says is wrong with the file; empty when nothing is, or when it was not looked at."""
    looked_at: bool = True
    """Whether the file was looked at as a whole."""
    now: datetime | None = None
    """The moment by the clock of a server; None for a file, which has none."""
    place: Path | None = None
    """The folder of a file; None for a server."""


class Soundness:
    """Asks the database about itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(**{ONLY_READS: True})

    def examine(self) -> Sound:
        """Look at the database. Takes seconds for a large file, and keeps nobody from writing meanwhile."""
        with telling_people(), self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
                # The clock itself, not the beginning of the transaction.
                now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
                return Sound(size, HEAD, now=now)
            file = Path(str(self._engine.url.database))
            octets = file.stat().st_size if file.is_file() else 0
            small = octets <= _WHOLE_CHECK_BELOW
            # https://sqlite.org/pragma.html#pragma_quick_check: one row "ok", or what is wrong.
            said = connection.execute(text("PRAGMA quick_check(3)")).scalars().all() if small else ["ok"]
            broken = "" if list(said) == ["ok"] else "; ".join(said)
            return Sound(octets, HEAD, broken, small, place=file.parent)
