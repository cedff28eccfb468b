"""The sending itself: claim a batch, post it once, record the answer, until nothing is left that may be sent.

The ledger is the retry loop. A request leaves only after its claim is committed; whatever is not clearly answered
becomes `unknown`, and only a provider that cannot deliver one key twice (`repeatable`) gets it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.models import Claim, Delivery, DeliveryState, Email, Issue, IssueState
from digest.send.ledger import Ledger
from digest.send.ownership import Owner
from digest.send.pace import NO_LIMITS, Limits, Pace
from digest.send.providers import Answer, Connection, Mailing, Provider, Verdict

DEADLINE_SECONDS = 60.0
"""No provider may take longer for one batch; each has a shorter deadline of its own."""

LEASE = timedelta(seconds=90)
"""Longer than the deadline: a claim older than this has no answer coming."""

STOPPED_ON_REQUEST = "it was asked to stop"
PAUSED_ON_REQUEST = "somebody holds it"

_IN_A_ROW = 3
_LONGEST_PAUSE_SECONDS = 60.0
_NAP_SECONDS = 1.0  # so that a request to stop is heard while waiting
_A_DAY = timedelta(days=1)


@dataclass(slots=True)
class Edge:
    """What the outside lends to a run: the clock, waiting, and the wish to stop."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a run of the outbox ended."""

    state: IssueState
    stopped_because: str = ""
    """For a person; empty when everything that may be sent was sent."""


async def deliver(
    issue: Issue,
    email: Email,
    ledger: Ledger,
    provider: Provider,
    owner: Owner,
    edge: Edge,
    *,
    concurrency: int = 1,
    patience_seconds: float = 300,
    limits: Limits = NO_LIMITS,
) -> Delivered:
    """Send what is pending of an issue in state `sending`; safe to call again after any kind of death, and in parallel.

    Call it while `owner.alive()`, so that others see whose claims these are.
    `patience_seconds` is how long to wait for a provider that says "later", without any progress, before the rest is
    left to the next run.
    """
    ledger.sweep(issue, edge.clock(), owner.is_dead)
    today = ledger.handed_over_since(edge.clock() - _A_DAY) if limits.per_day else 0
    pace = Pace(limits, today, provider.batch_limit)
    run = _Run(issue, email, ledger, provider, owner.name, edge, patience_seconds, pace)
    if provider.repeatable:
        unknown, pending = DeliveryState.UNKNOWN, DeliveryState.PENDING
        ledger.resolve(issue, unknown, pending, edge.clock(), "digest", provider=run.provider_name)
    # Not a TaskGroup: when one slot fails, the others must not be cancelled while their request is under way.
    ends = await asyncio.gather(*(run.slot() for _ in range(concurrency)), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    state = ledger.finish(issue, edge.clock())
    somebody_held_it = state is IssueState.PAUSED and not run.stopped_because
    return Delivered(state, PAUSED_ON_REQUEST if somebody_held_it else run.stopped_because)


def batch_key(issue: str, claim: Claim, email: Email) -> str:
    """Return a name for a batch and its bytes: another reader or another e-mail is another key."""
    content = "\0".join((email.fingerprint, *(each.address for each in claim.recipients)))
    return f"{issue}/{claim.seq}/{hashlib.sha256(content.encode()).hexdigest()[:16]}"


class _Run:
    """One call of `deliver`: what its slots share."""

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
        self._owner, self._edge, self._patience = owner, edge, patience_seconds
        self._pace = pace
        self.provider_name = type(provider).__module__
        self._waited = 0.0
        self._resume_at: datetime | None = None
        self._unclear = self._fruitless = 0
        self.stopped_because = ""

    async def slot(self) -> None:
        """Send one batch after another over one connection; when it fails, the other slots start nothing new."""
        try:
            await self._send_batches()
        except BaseException:
            self.stopped_because = self.stopped_because or "it failed"
            raise

    async def _send_batches(self) -> None:
        async with self._provider.connect() as connection:
            while await self._may_go_on():
                now = self._edge.clock()
                claim = self._ledger.claim(
                    self._issue,
                    self._owner,
                    now,
                    now + LEASE,
                    provider=self.provider_name,
                    repeatable=self._provider.repeatable,
                )
                if claim is not None:
                    self._pace.leave(len(claim.recipients), now)
                    self._record(claim, await self._post(connection, claim))
                elif not await self._wait_for_pending():
                    return

    async def _may_go_on(self) -> bool:
        while not self._told_to_stop():
            now = self._edge.clock()
            seconds = max((self._resume_at - now).total_seconds() if self._resume_at else 0.0, self._pace.wait(now))
            if seconds <= 0:
                self.stopped_because = self._pace.over_for_today
                break
            await self._edge.sleep(min(seconds, _NAP_SECONDS))
        return not self._told_to_stop()

    def _told_to_stop(self) -> bool:
        if self._edge.stopping() and not self.stopped_because:
            self.stopped_because = STOPPED_ON_REQUEST
        return bool(self.stopped_because)

    async def _wait_for_pending(self) -> bool:
        """Wait a moment for a batch whose time has not come; False when there is none, or no patience is left."""
        now = self._edge.clock()
        until = self._ledger.waits_until(self._issue, now)
        if until is None:
            return False
        seconds = max(0.0, (until - now).total_seconds())
        if self._waited + seconds > self._patience:
            self.stopped_because = f"some readers' copies must wait until {until:%Y-%m-%d %H:%M:%S} UTC"
            return False
        nap = min(max(seconds, 0.05), _NAP_SECONDS)
        self._waited += nap
        await self._edge.sleep(nap)
        return True

    async def _post(self, connection: Connection, claim: Claim) -> Answer:
        mailing = Mailing(
            email=self._email,
            recipients=claim.recipients,
            issue=self._issue.name,
            key=batch_key(self._issue.name, claim, self._email),
            sent_at=claim.first_attempt_at,
        )
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await connection.send(mailing)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the mail may have left: it is unknown, not lost
            return Answer(Verdict.AMBIGUOUS, detail=f"no clear answer ({type(error).__name__})")
        told, asked = len(answer.deliveries), len(claim.recipients)
        if told != asked and (told or answer.verdict is Verdict.ANSWERED):
            return Answer(Verdict.AMBIGUOUS, detail=f"an answer for {told} of {asked} readers")
        return answer

    def _record(self, claim: Claim, answer: Answer) -> None:
        now = self._edge.clock()
        verdict = answer.verdict
        if verdict is Verdict.AMBIGUOUS and self._provider.repeatable:
            verdict = Verdict.NOT_SENT
        deliveries = answer.deliveries or _all(claim, _STATES[verdict], answer.detail)
        if verdict is Verdict.ANSWERED:
            deliveries = tuple(_tired_of(each, claim, now) for each in deliveries)
        not_before = None
        if any(each.state is DeliveryState.PENDING for each in deliveries):
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
            case Verdict.REFUSED:
                self.stopped_because = f"the provider refuses to work for us: {answer.detail}"
        if answer.window_left:
            self._pace.hold_back(now + timedelta(seconds=answer.window_left))
        self._ledger.record(
            claim,
            deliveries,
            now,
            outcome=str(answer.verdict),
            detail=answer.detail,
            http_status=answer.http_status,
            not_before=not_before,
            # Whoever is pending after a clear answer certainly has nothing.
            may_be_sent=answer.verdict is Verdict.AMBIGUOUS,
        )

    def _note_unclear(self, detail: str) -> None:
        self._unclear += 1
        if self._unclear >= _IN_A_ROW:
            self.stopped_because = f"{self._unclear} answers in a row were unclear: {detail}"

    def _note_progress(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        if too_many := self._pace.judge(deliveries):
            self._pause(too_many, now)
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
            self._pause(f"every reader of {self._fruitless} batches in a row was rejected: {rejected[0].error}", now)

    def _pause(self, reason: str, now: datetime) -> None:
        """Stop for good: going on would only spoil more addresses and the sender's name."""
        self.stopped_because = self.stopped_because or reason
        self._ledger.pause(self._issue, reason, now)

    def _pause_after(self, claim: Claim, answer: Answer) -> float:
        return answer.retry_after if answer.retry_after is not None else min(2.0**claim.attempt, _LONGEST_PAUSE_SECONDS)


_STATES = {
    Verdict.ANSWERED: DeliveryState.UNKNOWN,
    Verdict.AMBIGUOUS: DeliveryState.UNKNOWN,
    Verdict.NOT_SENT: DeliveryState.PENDING,
    Verdict.REFUSED: DeliveryState.PENDING,
}
"""What a verdict means for each reader where the provider said nothing of them."""


def _all(claim: Claim, state: DeliveryState, detail: str) -> tuple[Delivery, ...]:
    return tuple(Delivery(recipient, state, error=detail) for recipient in claim.recipients)


def _tired_of(delivery: Delivery, claim: Claim, now: datetime) -> Delivery:
    """Give up a reader whose mailbox has said "later" for a day, so that the issue can end."""
    if delivery.state is not DeliveryState.PENDING or not delivery.error or now - claim.first_attempt_at < _A_DAY:
        return delivery
    return replace(delivery, state=DeliveryState.REJECTED, error=f"for a day: {delivery.error}")
