"""A bench that is put away is closed once, and only when nobody needs it any more."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from digest.app import Project
from digest.errors import StoreError
from digest.models import Issue, IssueState
from digest.schedule.benches import Benches, _Bench
from digest.send.edge import Edge
from digest.send.ownership import Owner
from digest.send.slots import Slots

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 19, tzinfo=UTC)
ISSUE = Issue("weekly", "2026-W04", 1, IssueState.SENDING, NOW)
FIRST, SECOND = range(1, 11), range(11, 21)


class Refused:
    """Slots whose provider refuses: the first stretch when another is under way, the second when it is let go."""

    def __init__(self) -> None:
        self.stopped_because = ""
        self.second_began, self.second_may_end = asyncio.Event(), asyncio.Event()

    async def send_some(self, within: range) -> None:
        if within == SECOND:
            self.second_began.set()
            await self.second_may_end.wait()
        await self.second_began.wait()
        self.stopped_because = "the provider refuses to work for us"


class Told(Benches):
    """Benches with such slots, and telling that takes its time."""

    def __init__(self, folder: Path, slots: Refused) -> None:
        super().__init__(folder, Owner(folder), Edge(lambda: NOW))
        self.slots, self.closed = slots, 0
        self.tells, self.told = asyncio.Event(), asyncio.Event()
        self.failure: StoreError | None = None

    def _made(self, issue: Issue) -> _Bench:
        things = ExitStack()
        things.callback(self._note_closed)
        return _Bench(cast(Project, None), cast(Slots, self.slots), things)

    def _note_closed(self) -> None:
        self.closed += 1

    async def _tell(self, issue: Issue, project: Project, because: str, now: datetime) -> None:
        self.tells.set()
        await self.told.wait()
        if self.failure:
            raise self.failure


async def test_a_job_that_ends_while_people_are_told_leaves_them_the_store(tmp_path: Path) -> None:
    benches = Told(tmp_path, Refused())
    first, second = (asyncio.create_task(benches.send(ISSUE, each)) for each in (FIRST, SECOND))
    await benches.tells.wait()
    benches.slots.second_may_end.set()
    await second
    assert benches.closed == 0, "the first one is still telling people"
    benches.told.set()
    await first
    assert benches.closed == 1


async def test_a_bench_is_closed_although_nobody_could_be_told(tmp_path: Path) -> None:
    benches = Told(tmp_path, Refused())
    benches.slots.second_began.set()
    benches.failure = StoreError("the database went away")
    benches.told.set()
    with pytest.raises(StoreError):
        await benches.send(ISSUE, FIRST)
    assert benches.closed == 1
