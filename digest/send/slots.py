"""One run's slots: each claims a batch, posts it over its own connection and records the answer, until nothing is left.

A request leaves only after its claim is committed; whatever is not clearly answered becomes `unknown`, and only a
provider that knows a repeat as such gets it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from digest.errors import StoreError
from digest.models import Claim, Delivery, DeliveryState, Email, Ended, Issue
from digest.send.edge import Edge
from digest.send.garbage import seldom_swept
from digest.send.ledger import Ledger
from digest.send.pace import Pace
from digest.send.providers import Answer, Connection, Mailing, Provider, Verdict
from digest.send.reconciling import provider_name
from digest.tracing import stage

DEADLINE_SECONDS = 60.0
"""No provider may take longer for one batch; each has a shorter deadline of its own."""

LEASE = timedelta(seconds=90)
"""Longer than the deadline: a claim older than this has no answer coming."""

STOPPED_ON_REQUEST = "it was asked to stop"

T = TypeVar("T")

_IN_A_ROW = 3
_LONGEST_PAUSE_SECONDS = 60.0
_NAP_SECONDS = 1.0  # so that a request to stop is heard while waiting
_A_DAY = timedelta(days=1)


def batch_key(issue: str, claim: Claim, fingerprint: str) -> str:
    """Return a name for a batch and its bytes: another reader or another e-mail is another key."""
    content = "\0".join([fingerprint, *[each.address for each in claim.recipients]])
    return f"{issue}/{claim.seq}/{hashlib.sha256(content.encode()).hexdigest()[:16]}"


class Slots:
    """What the slots of one run share, and the run itself."""

    def __init__(
        self,
        issue: Issue,
        email: Email,
        ledger: Ledger,
        provider: Provider,
        owner: str,
        edge: Edge,
        patience_seconds: float,
        pace: Pace,
    ) -> None:
        self._issue, self._email, self._ledger, self._provider = issue, email, ledger, provider
        self._fingerprint = email.fingerprint
        self._owner, self.edge, self._patience = owner, edge, patience_seconds
        self._pace = pace
        self._name, self._repeatable_for = provider_name(provider), provider.repeatable_for
        self._waited = 0.0
        self._resume_at: datetime | None = None
        self._unclear = self._fruitless = 0
        self.stopped_because = ""
        self._turn = asyncio.Lock()
        """Between asking whether a batch may leave and counting it, no other one is asked about."""

    async def send_all(self, concurrency: int) -> bool:
        """Send what may be sent in so many slots at once; False when it was stopped before its end."""
        # In a thread of its own the ledger waits for the disk while requests are under way.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger") as thread, seldom_swept():
            self._thread = thread
            # Not a TaskGroup: when one slot fails, the others must not be cancelled while their request is under way.
            ends = await asyncio.gather(*(self._slot() for _ in range(concurrency)), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return not self.stopped_because

    async def wait_until(self, moment: datetime) -> bool:
        """Wait for a moment; False when the run was asked to stop meanwhile."""
        while not self._told_to_stop():
            seconds = (moment - self.edge.clock()).total_seconds()
            if seconds <= 0:
                return True
            await self.edge.sleep(min(seconds, _NAP_SECONDS))
        return False

    def pause(self, reason: str, now: datetime) -> None:
        """Stop for good: going on would only spoil more addresses and the sender's name."""
        self.stopped_because = self.stopped_because or reason
        self._ledger.pause(self._issue, reason, now)

    async def _slot(self) -> None:
        """Send one batch after another over one connection; when it fails, the other slots start nothing new."""
        async with self._provider.connect() as connection:
            try:
                await self._send_batches(connection)
            except BaseException:
                # Before the connection is closed: that takes its time, in which another slot could claim.
                self.stopped_because = self.stopped_because or "it failed"
                raise

    async def _send_batches(self, connection: Connection) -> None:
        claim: Claim | None = None
        while claim is not None or await self._may_go_on():
            if claim is None:
                async with self._turn:
                    if not self._may_leave_now():
                        continue  # another slot was quicker
                    claim = await self._claim()
            if claim is not None:
                claim = await self._record(self._ended(claim, await self._post(connection, claim)))
            elif not await self._wait_for_pending():
                return

    async def _record(self, ended: Ended) -> Claim | None:
        """Write an answer down; where another batch may leave at once, take that in the same transaction."""
        async with self._turn:
            if self._may_leave_now():
                try:
                    return await self._claim(ended)
                except StoreError:
                    # Without their answer these readers would be `unknown`: it is worth another try.
                    await self._in_thread(partial(self._ledger.record, ended))
                    raise
        await self._in_thread(partial(self._ledger.record, ended))
        return None

    async def _claim(self, after: Ended | None = None) -> Claim | None:
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
            )
        )
        if claim is not None:
            self._pace.leave(len(claim.recipients), now)
        return claim

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _may_go_on(self) -> bool:
        """Wait until mail may leave; False when the run ends instead."""
        while not self._told_to_stop():
            seconds = self._seconds_to_wait()
            if seconds <= 0:
                return True
            await self.edge.sleep(min(seconds, _NAP_SECONDS))
        return False

    def _may_leave_now(self) -> bool:
        if self._told_to_stop() or self._seconds_to_wait() > 0:
            return False
        self.stopped_because = self._pace.over_for_today
        return not self.stopped_because

    def _seconds_to_wait(self) -> float:
        now = self.edge.clock()
        return max((self._resume_at - now).total_seconds() if self._resume_at else 0.0, self._pace.wait(now))

    def _told_to_stop(self) -> bool:
        if self.edge.stopping() and not self.stopped_because:
            self.stopped_because = STOPPED_ON_REQUEST
        return bool(self.stopped_because)

    async def _wait_for_pending(self) -> bool:
        """Wait a moment for a batch whose time has not come; False when there is none, or no patience is left."""
        now = self.edge.clock()
        until = self._ledger.waits_until(self._issue, now)
        if until is None:
            return False
        seconds = max(0.0, (until - now).total_seconds())
        if self._waited + seconds > self._patience:
            waits = f"some readers' copies must wait until {until:%Y-%m-%d %H:%M:%S} UTC"
            self.stopped_because = self.stopped_because or waits
            return False
        nap = min(max(seconds, 0.05), _NAP_SECONDS)
        self._waited += nap
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

    def _ended(self, claim: Claim, answer: Answer) -> Ended:
        """Return what an answer means for the claim, once it is judged what it means for the run."""
        now = self.edge.clock()
        verdict = answer.verdict
        if verdict is Verdict.AMBIGUOUS and now < claim.first_attempt_at + self._repeatable_for:
            verdict = Verdict.NOT_SENT
        deliveries = answer.deliveries or _all(claim, _STATES[verdict], answer.detail)
        not_before, some_wait = None, any(each.state is DeliveryState.PENDING for each in deliveries)
        if verdict is Verdict.ANSWERED and some_wait:
            deliveries = tuple(_tired_of(each, claim, now) for each in deliveries)
        if verdict is not Verdict.DRAFTED and some_wait:
            not_before = now + timedelta(seconds=self._pause_after(claim, answer))
        match verdict:
            case Verdict.ANSWERED:
                self._note_progress(deliveries, now)
            case Verdict.AMBIGUOUS:
                self._note_unclear(answer.detail)
            case Verdict.NOT_SENT:
                self._resume_at = not_before
                self._waited += self._pause_after(claim, answer)
                if self._waited > self._patience:
                    self.stopped_because = f"the provider does not take mail now: {answer.detail}"
            case Verdict.DRAFTED:
                self._waited = 0.0
            case Verdict.REFUSED:
                self.stopped_because = f"the provider refuses to work for us: {answer.detail}"
        if answer.window_left:
            self._pace.hold_back(now + timedelta(seconds=answer.window_left))
        return Ended(
            claim,
            deliveries,
            now,
            outcome=str(answer.verdict),
            detail=answer.detail,
            http_status=answer.http_status,
            not_before=not_before,
            # Whoever is pending after a clear answer certainly has nothing.
            may_be_sent=answer.verdict is Verdict.AMBIGUOUS,
            draft_id=answer.draft_id,
        )

    def _note_unclear(self, detail: str) -> None:
        self._unclear += 1
        if self._unclear >= _IN_A_ROW:
            self.stopped_because = f"{self._unclear} answers in a row were unclear: {detail}"

    def _note_progress(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        if too_many := self._pace.judge(deliveries):
            self.pause(too_many, now)
        if any(each.state is DeliveryState.ACCEPTED for each in deliveries):
            self._waited, self._unclear, self._fruitless = 0.0, 0, 0
            return
        if doubts := [each.error for each in deliveries if each.state is DeliveryState.UNKNOWN]:
            self._note_unclear(doubts[0])
            return
        rejected = [each for each in deliveries if each.state is DeliveryState.REJECTED]
        # Whole batches of bad readers in a row are hardly the readers' fault: a blocked sender looks like this.
        self._fruitless += bool(rejected) and len(rejected) == len(deliveries)
        if self._fruitless >= _IN_A_ROW:
            self.pause(f"every reader of {self._fruitless} batches in a row was rejected: {rejected[0].error}", now)

    def _pause_after(self, claim: Claim, answer: Answer) -> float:
        return answer.retry_after if answer.retry_after is not None else min(2.0**claim.attempt, _LONGEST_PAUSE_SECONDS)


_STATES = {
    Verdict.ANSWERED: DeliveryState.UNKNOWN,
    Verdict.AMBIGUOUS: DeliveryState.UNKNOWN,
    Verdict.NOT_SENT: DeliveryState.PENDING,
    Verdict.DRAFTED: DeliveryState.PENDING,
    Verdict.REFUSED: DeliveryState.PENDING,
}
"""What a verdict means for each reader where the provider said nothing of them."""


def _all(claim: Claim, state: DeliveryState, detail: str) -> tuple[Delivery, ...]:
    return tuple(Delivery(recipient, state, error=detail) for recipient in claim.recipients)


def _tired_of(delivery: Delivery, claim: Claim, now: datetime) -> Delivery:
    """Give up a reader whose mailbox has said "later" for a day, so that the issue can end."""
    if delivery.state is not DeliveryState.PENDING or not delivery.error or now - claim.first_attempt_at < _A_DAY:
        return delivery
    return delivery._replace(state=DeliveryState.REJECTED, error=f"for a day: {delivery.error}")
