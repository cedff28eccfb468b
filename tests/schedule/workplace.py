"""A project whose issues are sent by workers over PostgreSQL, to a provider on loopback that keeps its own log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from digest import pipeline
from digest.app import Project
from digest.models import Issue, IssueState
from digest.pipeline import Outcome
from digest.schedule.worker import work_until_stopped
from digest.send.edge import Edge
from tests.factories import TOKYO
from tests.kill.dialects import SendGrid
from tests.kill.faults import NO_FAULTS
from tests.kill.sink import Sink
from tests.projects import make_project, replace_in

PERIOD = "2026-W04"
DUE = datetime(2026, 1, 19, 8, 0, tzinfo=TOKYO)
_PATIENCE_SECONDS = 60.0


class Hands:
    """The hands of a clock, moved by the test."""

    def __init__(self, now: datetime = DUE) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Workplace:
    """What a test of workers needs; `hands` is the clock of all of them."""

    root: Path
    database: str
    sink: Sink
    hands: Hands

    def run(self) -> list[Outcome]:
        """Do what the scheduler does when the issue is due."""
        with self.project() as project:
            return list(asyncio.run(pipeline.run(project.press("weekly"), Edge(self.hands))))

    def work(self, until: Callable[[], bool] | None = None, *, places: int = 2, workers: int = 1) -> None:
        """Let workers work until something is so: until the issue is no longer being sent."""
        asyncio.run(self._work(until or (lambda: self.issue.state is not IssueState.SENDING), places, workers))

    async def _work(self, until: Callable[[], bool], places: int, workers: int) -> None:
        stop = asyncio.Event()
        patient_until = time.monotonic() + _PATIENCE_SECONDS
        working = [asyncio.create_task(work_until_stopped(self.root, self.hands, stop, places)) for _ in range(workers)]
        try:
            while not await asyncio.to_thread(until):
                for each in working:
                    if each.done():
                        each.result()
                assert time.monotonic() < patient_until, "it does not come to pass"
                await asyncio.sleep(0.02)
        finally:
            stop.set()
            await asyncio.gather(*working)

    def project(self) -> Project:
        return Project(self.root, {"SENDGRID_API_KEY": "SG.test", "DIGEST_DATABASE_URL": self.database})

    @property
    def issue(self) -> Issue:
        with self.project() as project:
            found = project.store.issues.find("weekly", PERIOD)
        assert found
        return found

    def counts(self) -> dict[str, int]:
        """Return how many readers of the issue are in which state."""
        with self.project() as project:
            return {str(state): count for state, count in project.store.outbox.tally(self.issue).items()}

    def jobs(self) -> int:
        """Count the jobs that are not done: nobody has taken them, or somebody is at it."""
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'digest.send'"
        with psycopg.connect(self.database) as connection:
            row = connection.execute(query).fetchone()
        assert row
        return int(row[0])

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)

    def later(self, **span: float) -> None:
        self.hands.now += timedelta(**span)


@contextmanager
def workplace(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch, *, readers: int, batch_limit: int = 3, send: str = ""
) -> Iterator[Workplace]:
    """Make the project; `send` are further lines of its `[send]`."""
    sink = Sink(SendGrid(), seed=1)
    sink.weights = NO_FAULTS
    provider = (
        f'kind = "sendgrid"\napi_key = "env:SENDGRID_API_KEY"\nbase_url = "{sink.url}"\nbatch_limit = {batch_limit}'
    )
    root = make_project(folder / "project", provider=provider, readers=readers)
    replace_in(root / "config/digest.toml", "[send]\n", f'[send]\nengine = "procrastinate"\n{send}')
    monkeypatch.setenv("DIGEST_DATABASE_URL", database)
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.test")
    try:
        yield Workplace(root, database, sink, Hands())
    finally:
        sink.close()
