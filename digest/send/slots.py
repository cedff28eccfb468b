"""One run's slots: each claims a batch, posts it over its own connection and records the answer, until nothing is left.

A request leaves only after its claim is committed; whatever is not clearly answered becomes `unknown`, and only a
provider that knows a repeat as such gets it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from digest.errors import StoreError
from digest.models import Claim, Email, Ended, Issue, Later, Limits
from digest.send.course import Course
from digest.send.edge import Edge
from digest.send.garbage import seldom_swept
from digest.send.ledger import Ledger
from digest.send.providers import Answer, Connection, Mailing, Provider, Verdict
from digest.send.reconciling import provider_name
from digest.tracing import stage

DEADLINE_SECONDS = 60.0
"""No provider may take longer for one batch; each has a shorter deadline of its own."""

LEASE = timedelta(seconds=90)
"""Longer than the deadline: a claim older than this has no answer coming."""

STOPPED_ON_REQUEST = "it was asked to stop"

T = TypeVar("T")

_RECORD_AGAIN_AFTER_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0)
"""A database that is started again is back by then."""
_RECORD_AGAIN_FOR = timedelta(seconds=20)
"""Where each try takes its time, as with a database that is locked."""
_NAP_SECONDS = 1.0  # so that a request to stop is heard while waiting


def batch_key(issue: str, claim: Claim, fingerprint: str) -> str:
    """Return a name for a batch and its bytes: another reader or another e-mail is another key."""
    content = "\0".join([fingerprint, *[each.address for each in claim.recipients]])
    return f"{issue}/{claim.seq}/{hashlib.sha256(content.encode()).hexdigest()[:16]}"


class Slots:
    """What the slots of one sender share, and the sending itself."""

    def __init__(
        self,
        issue: Issue,
        email: Email,
        ledger: Ledger,
        provider: Provider,
        owner: str,
        edge: Edge,
        patience_seconds: float,
        limits: Limits,
    ) -> None:
        self._issue, self._email, self._ledger, self._provider = issue, email, ledger, provider
        self._fingerprint = email.fingerprint
        self._owner, self.edge, self._limits = owner, edge, limits
        self._name, self._repeatable_for = provider_name(provider), provider.repeatable_for
        self._course = Course(patience_seconds, provider.repeatable_for, limits.max_rejected_share)
        self._turn = asyncio.Lock()
        """Between asking whether a batch may leave and claiming it, no other one is asked about."""

    @property
    def stopped_because(self) -> str:
        """Why nothing more is begun; empty while there is no reason."""
        return self._course.stopped_because

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold what the slots need as long as there are any: batches are sent inside."""
        # In a thread of its own the ledger waits for the disk while requests are under way.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger") as thread, seldom_swept():
            self._thread = thread
            yield

    async def send_all(self, concurrency: int) -> bool:
        """Send what may be sent in so many slots at once; False when it was stopped before its end."""
        # Not a TaskGroup: when one slot fails, the others must not be cancelled while their request is under way.
        ends = await asyncio.gather(*(self.send_some(None) for _ in range(concurrency)), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return not self.stopped_because

    async def send_some(self, within: range | None) -> None:
        """Send one batch after another over one connection: all that may leave, or those with numbers `within`.

        When it fails, the other slots start nothing new.
        """
        async with self._provider.connect() as connection:
            try:
                await self._send_batches(connection, within)
            except BaseException:
                # Before the connection is closed: that takes its time, in which another slot could claim.
                self._course.stop("it failed")
                raise

    async def wait_until(self, moment: datetime) -> bool:
        """Wait for a moment; False when the run was asked to stop meanwhile.

        A clock that is set back makes it no longer than it looked at first.
        """
        left = (moment - self.edge.clock()).total_seconds()
        while not self._told_to_stop():
            left = min(left, (moment - self.edge.clock()).total_seconds())
            if left <= 0:
                return True
            nap = min(left, _NAP_SECONDS)
            await self.edge.sleep(nap)
            left -= nap
        return False

    def pause(self, reason: str, now: datetime) -> None:
        """Stop for good, here and everywhere."""
        self._course.pause(reason)
        self._ledger.pause(self._issue, self._course.pause_because, now)

    async def _send_batches(self, connection: Connection, within: range | None) -> None:
        claim: Claim | Later | None = None
        while claim is not None or await self._may_go_on():
            if claim is None:
                async with self._turn:
                    if not self._may_leave_now():
                        continue  # another slot was quicker
                    claim = await self._claim(within)
            if isinstance(claim, Claim):
                ended = self._course.ended(claim, await self._post(connection, claim), self.edge.clock())
                if self._course.pause_because:
                    self._ledger.pause(self._issue, self._course.pause_because, ended.at)
                claim = await self._record(ended, within)
            elif claim is not None:
                claim = None  # its time has not come
            elif within is not None or not await self._wait_for_pending():
                return

    async def _record(self, ended: Ended, within: range | None) -> Claim | Later | None:
        """Write an answer down; where another batch may leave at once, take that in the same transaction."""
        async with self._turn:
            if self._may_leave_now():
                try:
                    return await self._claim(within, ended)
                except StoreError:
                    await self._record_again(ended)
                    raise
        try:
            await self._in_thread(partial(self._ledger.record, ended))
        except StoreError:
            await self._record_again(ended)
            raise
        return None

    async def _record_again(self, ended: Ended) -> None:
        """Try for a while to write an answer down: without it these readers would be `unknown`."""
        self._course.stop("the store failed")
        until = self.edge.clock() + _RECORD_AGAIN_FOR
        for pause in _RECORD_AGAIN_AFTER_SECONDS:
            if self.edge.clock() > until:
                return
            with suppress(StoreError):
                await self._in_thread(partial(self._ledger.record, ended))
                return
            await self.edge.sleep(pause)

    async def _claim(self, within: range | None, after: Ended | None = None) -> Claim | Later | None:
        now = self.edge.clock()
        since = now - self._repeatable_for if self._repeatable_for else None
        claim = await self._in_thread(
            partial(
                self._ledger.claim,
                self._issue,
                self._owner,
                now,
                now + LEASE,
                provider=self._name,
                repeatable_since=since,
                after=after,
                limits=self._limits,
                within=within,
            )
        )
        if isinstance(claim, Later):
            if claim.until is None:
                self._course.stop(claim.because)
            else:
                self._course.wait_until(claim.until)
        return claim

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _may_go_on(self) -> bool:
        """Wait until mail may leave; False when the run ends instead."""
        while not self._told_to_stop():
            seconds = self._course.seconds_to_wait(self.edge.clock())
            if seconds <= 0:
                return True
            await self.edge.sleep(min(seconds, _NAP_SECONDS))
        return False

    def _may_leave_now(self) -> bool:
        return not self._told_to_stop() and self._course.seconds_to_wait(self.edge.clock()) <= 0

    def _told_to_stop(self) -> bool:
        if self.edge.stopping():
            self._course.stop(STOPPED_ON_REQUEST)
        return bool(self.stopped_because)

    async def _wait_for_pending(self) -> bool:
        """Wait a moment for a batch whose time has not come; False when there is none, or no patience is left."""
        now = self.edge.clock()
        until = self._ledger.waits_until(self._issue, now)
        if until is None:
            return False
        seconds = max(0.0, (until - now).total_seconds())
        if not self._course.has_patience_for(seconds):
            self._course.stop(f"some readers' copies must wait until {until:%Y-%m-%d %H:%M:%S} UTC")
            return False
        nap = min(max(seconds, 0.05), _NAP_SECONDS)
        self._course.waited(nap)
        await self.edge.sleep(nap)
        return True

    async def _post(self, connection: Connection, claim: Claim) -> Answer:
        issue = self._issue.name
        key = batch_key(issue, claim, self._fingerprint)
        mailing = Mailing(self._email, claim.recipients, issue, key, claim.first_attempt_at, draft_id=claim.draft_id)
        try:
            with stage("batch", issue=self._issue.name, seq=claim.seq, readers=len(claim.recipients)):
                async with asyncio.timeout(DEADLINE_SECONDS):
                    answer = await connection.send(mailing)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the mail may have left: it is unknown, not lost
            return Answer(Verdict.AMBIGUOUS, detail=f"no clear answer ({type(error).__name__})")
        told, asked = len(answer.deliveries), len(claim.recipients)
        if told != asked and (told or answer.verdict is Verdict.ANSWERED):
            return Answer(Verdict.AMBIGUOUS, detail=f"an answer for {told} of {asked} readers")
        return answer
