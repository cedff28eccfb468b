"""Where a worker keeps what it needs for an issue: from its first job on and as long as jobs come.

An issue that the provider does not want now is left alone for a while, longer each time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest import pipeline
from digest.app import Project
from digest.errors import StoreError
from digest.models import Issue, IssueState
from digest.pipeline import Outcome
from digest.send.edge import Edge
from digest.send.outbox import Delivered
from digest.send.ownership import Owner
from digest.send.slots import Slots

_log = logging.getLogger("digest.worker")

_KEPT = timedelta(seconds=30)
_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(minutes=15)


@dataclass
class _Bench:
    """What is needed to send batches of one version of one issue."""

    project: Project
    slots: Slots
    things: ExitStack
    jobs: int = 0
    last_used: datetime | None = None


@dataclass
class _Rest:
    """How long an issue is left alone."""

    until: datetime
    length: timedelta
    because: str


class Benches:
    """The benches of one worker, by issue; those left are cleared away at the end."""

    def __init__(self, root: Path, owner: Owner, edge: Edge) -> None:
        self._root, self._owner, self._edge = root, owner, edge
        self._benches: dict[str, _Bench] = {}
        self._rests: dict[str, _Rest] = {}
        self._making = asyncio.Lock()

    def __enter__(self) -> Benches:
        return self

    def __exit__(self, *_: object) -> None:
        for bench in self._benches.values():
            bench.things.close()
        self._benches.clear()

    async def send(self, issue: Issue, within: range) -> bool:
        """Send the batches with these numbers, as far as they may leave; False when the issue rests."""
        async with self._making:
            if self._rests_now(issue):
                return False
            if issue.name not in self._benches:
                self._benches[issue.name] = await asyncio.to_thread(self._made, issue)
            bench = self._benches[issue.name]
            bench.jobs += 1
        store_failed = False
        try:
            await bench.slots.send_some(within)
        except StoreError:
            store_failed = True
            raise
        finally:
            bench.jobs -= 1
            bench.last_used = self._edge.clock()
            if bench.slots.stopped_because:
                await self._put_away(issue, bench, rests=not store_failed and not self._edge.stopping())
        if not bench.slots.stopped_because:
            self._rests.pop(issue.name, None)
        return True

    def clear_away(self) -> None:
        """Close what no job has used for a while: the next one is made of the configuration as it is then."""
        now = self._edge.clock()
        for name, bench in list(self._benches.items()):
            if not bench.jobs and bench.last_used and now - bench.last_used >= _KEPT:
                del self._benches[name]
                bench.things.close()

    def resting(self) -> Sequence[str]:
        """Return a sentence for each issue that is left alone now."""
        return [f"{name}: {rest.because}" for name, rest in self._rests.items() if rest.until > self._edge.clock()]

    def _made(self, issue: Issue) -> _Bench:
        with ExitStack() as things:
            project = things.enter_context(Project(self._root))
            slots = pipeline.slots_of(project.press(issue.newsletter), issue, self._owner, self._edge)
            things.enter_context(slots.at_work())
            return _Bench(project, slots, things.pop_all())

    async def _put_away(self, issue: Issue, bench: _Bench, *, rests: bool) -> None:
        """Take no more jobs with a bench that was stopped; whoever needs it last closes it.

        An issue that `rests` is left alone for a while, and people are told why.
        """
        bench.jobs += 1  # telling needs the store, too
        try:
            if self._benches.get(issue.name) is bench:
                del self._benches[issue.name]
                because, now = bench.slots.stopped_because, self._edge.clock()
                if rests:
                    rest = self._rests.get(issue.name)
                    length = min(rest.length * 2, _LONGEST_REST) if rest else _FIRST_REST
                    self._rests[issue.name] = _Rest(now + length, length, because)
                    _log.error("%s: stopped: %s; next try in %s", issue.name, because, length)
                    await self._tell(issue, bench.project, because, now)
        finally:
            bench.jobs -= 1
            if not bench.jobs:
                bench.things.close()

    async def _tell(self, issue: Issue, project: Project, because: str, now: datetime) -> None:
        known = project.store.issues.find(issue.newsletter, issue.period) or issue
        if known.state in {IssueState.SENDING, IssueState.PAUSED}:
            tally = project.store.outbox.tally(known)
            outcome = Outcome(known, because, None, Delivered(known.state, because), tally)
            for each in await project.teller.tell(outcome, project.newsletter(issue.newsletter), now):
                _log.warning("%s: %s %s", known.name, each.message, each.fix)

    def _rests_now(self, issue: Issue) -> bool:
        rest = self._rests.get(issue.name)
        # A moment further away than any rest was set by a clock that was wrong.
        return rest is not None and self._edge.clock() < rest.until <= self._edge.clock() + _LONGEST_REST
