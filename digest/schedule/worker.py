"""A worker: sends what the engine brings it, on as many hosts as one likes; what it may send is asked of the ledger."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from digest import pipeline
from digest.app import Project
from digest.errors import ConfigError, DigestError, StoreError
from digest.models import Issue, IssueState
from digest.pipeline import Outcome
from digest.schedule.benches import Benches
from digest.schedule.pulse import Told
from digest.send.edge import Edge
from digest.store import Store
from digest.store.queues import Queue
from digest.tracing import a_run, about

_log = logging.getLogger("digest.worker")

_LOOK_SECONDS = 5.0
_TURNS_A_BEAT = 12
"""A minute."""
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0


async def work_until_stopped(
    root: Path, clock: Callable[[], datetime], stop: asyncio.Event, concurrency: int, told: Told = lambda _: None
) -> None:
    """Send what is brought, so many batches at once (0: as configured), until `stop`; then end what is under way.

    A database that is away, at the start or later, is waited for; `told` hears every so often what is wrong. Raise
    `ConfigError` when there is no engine.
    """
    with Project(root) as project:
        places = concurrency or project.operator.send.concurrency
        edge = Edge(clock, stopping=stop.is_set)
        with project.owner.alive(), Benches(root, project.owner, edge) as benches:
            await Worker(project, benches, edge, told).work(places, stop)


class Worker:
    """One process; its jobs share what they learn of a provider (`benches.py`)."""

    def __init__(self, project: Project, benches: Benches, edge: Edge, told: Told) -> None:
        self._project, self._benches, self._edge, self._told = project, benches, edge, told
        self._started_at = edge.clock()
        self._complained_of: set[str] = set()
        self._ended: set[str] = set()
        self._opening = threading.Lock()
        self._wrong = ""

    async def work(self, places: int, stop: asyncio.Event) -> None:
        """Do jobs until `stop`, and begin again whenever the database comes back."""
        _log.info("at work as %s, %d at once", self._project.owner.name, places)
        tidying = asyncio.create_task(self._tidy())
        try:
            await self._work_on(places, stop)
        finally:
            tidying.cancel()
        await asyncio.to_thread(self._leave_the_rest_to_others)
        _log.info("stopped")

    async def _work_on(self, places: int, stop: asyncio.Event) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not stop.is_set():
            begun = time.monotonic()
            self._wrong = ""
            try:
                queue = await asyncio.to_thread(self._queue)
                await queue.work(self.send, self.look_around, concurrency=places, stop=stop)
            except StoreError as error:
                if time.monotonic() - begun > _LONGEST_PAUSE_SECONDS:
                    pause = _FIRST_PAUSE_SECONDS
                self._wrong = str(error)
                _log.error("%s; next try in %.0f s", error, pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _store(self) -> Store:
        with self._opening:  # two threads want it first: opened twice, one of the two would never be closed
            return self._project.store

    def _queue(self) -> Queue:
        queue = self._store().queue
        if queue is None:
            fix = 'write engine = "procrastinate" below [send], or let `digest schedule` send'
            raise ConfigError("there is nothing for a worker to do: send.engine is 'none'", fix=fix)
        return queue

    async def send(self, batch_id: int) -> None:
        """Do a job: send the batch and those that stand beside it, as far as they may leave now."""
        try:
            found = await asyncio.to_thread(self._project.store.outbox.stretch_of, batch_id)
            if found is None:
                return
            issue, within = found
            if issue.state is not IssueState.SENDING:
                return
            with about(newsletter=issue.newsletter, issue=issue.name):
                if await self._benches.send(issue, within) and not await self._is_busy(issue):
                    await self._tend(issue)
        except Exception as error:  # noqa: BLE001 - the next job may do better, and the ledger knows what is left
            self._complain(error)

    async def _is_busy(self, issue: Issue) -> bool:
        return await asyncio.to_thread(self._project.store.outbox.is_busy, issue)

    async def look_around(self) -> None:
        """Look after every issue that is on its way; one of all workers does it, every minute."""
        failed = False
        try:
            on_their_way = await asyncio.to_thread(self._project.store.issues.being_sent)
        except Exception as error:  # noqa: BLE001 - likewise
            self._complain(error)
            return
        for issue in on_their_way:
            with a_run(issue.newsletter), about(issue=issue.name):
                try:
                    await self._tend(issue)
                except Exception as error:  # noqa: BLE001 - one newsletter's mistake must not keep the others waiting
                    self._complain(error)
                    failed = True
        if not failed:
            self._complained_of.clear()
            self._ended.clear()

    async def _tend(self, issue: Issue) -> None:
        with Project(self._project.root) as project:
            press = project.press(issue.newsletter)
            now = self._edge.clock()
            delivered = await asyncio.to_thread(pipeline.tend, press, issue, now)
            if delivered.state is IssueState.SENDING:
                return
            ended = press.store.issues.find(issue.newsletter, issue.period) or issue
            tally = press.store.outbox.tally(ended)
            said = f"{ended.name} is {ended.state} ({', '.join(f'{count} {state}' for state, count in tally.items())})"
            if said not in self._ended:  # jobs that ended together all came to its end
                _log.info(said)
            self._ended.add(said)
            outcome = Outcome(ended, str(ended.state), None, delivered, tally)
            for each in await project.teller.tell(outcome, press.newsletter, now):
                _log.warning("%s: %s %s", ended.name, each.message, each.fix)

    async def _tidy(self) -> None:
        for turn in itertools.count():
            if turn % _TURNS_A_BEAT == 0:
                await asyncio.to_thread(self._beat)
            await asyncio.sleep(_LOOK_SECONDS)
            self._benches.clear_away()

    def _beat(self) -> None:
        """Write down that this worker is there, and say what is wrong."""
        owner, now = self._project.owner.name, self._edge.clock()
        wrong = [self._wrong, *self._benches.resting()]
        try:
            self._store().processes.seen(owner, "worker", self._started_at, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to hear of it
            wrong.append(str(error) if isinstance(error, DigestError) else type(error).__name__)
        self._told(tuple(dict.fromkeys(filter(None, wrong))))

    def _leave_the_rest_to_others(self) -> None:
        """Hand out again what this worker was brought and did not come to."""
        with suppress(StoreError):
            store = self._project.store
            store.processes.gone(self._project.owner.name)
            for issue in store.issues.being_sent():
                store.outbox.hand_out(issue, self._edge.clock())

    def _complain(self, error: Exception) -> None:
        # A database that is away fails each job with the same words.
        said = str(error)
        if said in self._complained_of:
            return
        self._complained_of.add(said)
        _log.error(said, exc_info=None if isinstance(error, DigestError) else error)
