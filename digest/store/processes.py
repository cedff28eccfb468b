"""Who is at work, on any host: each long-running process writes a row whenever it looks around, each run another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select, update

from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore
from digest.store.schema import process

_REMEMBERED_FOR = timedelta(days=30)
"""Longer than between two monthly runs of cron is of no use to anybody: what ran then is in the issues' history."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process, when it was last seen."""

    name: str
    kind: str
    """`schedule`, `run` or `worker`."""
    started_at: datetime
    seen_at: datetime
    detail: str


class Processes:
    """The table `process`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seen(self, name: str, kind: str, started_at: datetime, now: datetime, detail: str = "") -> None:
        """Write down that a process is at work; forget those that nobody saw for 30 days."""
        told = {"kind": kind, "started_at": started_at, "seen_at": now, "detail": detail}
        with telling_people(), self._engine.begin() as connection:
            if not connection.execute(update(process).where(process.c.name == name).values(**told)).rowcount:
                connection.execute(insert_or_ignore(connection, process).values(name=name, **told))
            connection.execute(delete(process).where(process.c.seen_at < now - _REMEMBERED_FOR))

    def alive(self, since: datetime) -> Sequence[Seen]:
        """Return the processes that were seen at `since` or later, the latest first."""
        query = select(process).where(process.c.seen_at >= since).order_by(process.c.seen_at.desc(), process.c.name)
        with telling_people(), self._engine.begin() as connection:
            return [Seen(*row) for row in connection.execute(query)]

    def gone(self, name: str) -> None:
        """Forget a process that ended as it should."""
        with telling_people(), self._engine.begin() as connection:
            connection.execute(delete(process).where(process.c.name == name))
