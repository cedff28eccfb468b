"""What the answers of a provider mean for a sender: whether it goes on, waits, stops, or pauses the issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.models import Claim, Delivery, DeliveryState, Ended
from digest.send.pace import Refusals
from digest.send.providers import Answer, Verdict

_IN_A_ROW = 3
_LONGEST_PAUSE_SECONDS = 60.0
_LONGEST_WAIT_SECONDS = 2 * 3600.0
"""Providers may ask for an hour at most."""
_A_DAY = timedelta(days=1)


class Course:
    """What one sender knows of the provider; all its slots share it."""

    def __init__(self, patience_seconds: float, repeatable_for: timedelta, max_rejected_share: float) -> None:
        self._patience, self._repeatable_for = patience_seconds, repeatable_for
        self._refusals = Refusals(max_rejected_share)
        self._waited = 0.0
        self._resume_at: datetime | None = None
        self._unclear = self._fruitless = 0
        self.stopped_because = ""
        self.pause_because = ""
        """Set when going on would only spoil more addresses and the sender's name: a person has to look."""

    def stop(self, reason: str) -> None:
        """Begin nothing new; the first reason counts."""
        self.stopped_because = self.stopped_because or reason

    def pause(self, reason: str) -> None:
        """Stop for good."""
        self.stop(reason)
        self.pause_because = self.pause_because or reason

    def wait_until(self, moment: datetime) -> None:
        """Let nothing leave before a moment: others send through the same provider, too, or it said so."""
        self._resume_at = moment

    def seconds_to_wait(self, now: datetime) -> float:
        """Return the seconds until something may leave; what lies absurdly far off, a wrong clock said."""
        seconds = (self._resume_at - now).total_seconds() if self._resume_at else 0.0
        return seconds if 0 < seconds <= _LONGEST_WAIT_SECONDS else 0.0

    def has_patience_for(self, seconds: float) -> bool:
        """Tell whether so long a wait, without any progress, is still worth it."""
        return self._waited + seconds <= self._patience

    def waited(self, seconds: float) -> None:
        """Count a wait for the provider; progress makes it forgotten."""
        self._waited += seconds

    def ended(self, claim: Claim, answer: Answer, now: datetime) -> Ended:
        """Return what an answer means for the claim, once it is judged what it means for the sender."""
        verdict = answer.verdict
        if verdict is Verdict.AMBIGUOUS and now < claim.first_attempt_at + self._repeatable_for:
            verdict = Verdict.NOT_SENT
        deliveries = answer.deliveries or _all(claim, _STATES[verdict], answer.detail)
        not_before, some_wait = None, any(each.state is DeliveryState.PENDING for each in deliveries)
        if verdict is Verdict.ANSWERED and some_wait:
            deliveries = tuple(_tired_of(each, claim, now) for each in deliveries)
        if verdict is not Verdict.DRAFTED and some_wait:
            not_before = now + timedelta(seconds=_pause_after(claim, answer))
        hold_back = None
        match verdict:
            case Verdict.ANSWERED:
                self._note_progress(deliveries)
            case Verdict.AMBIGUOUS:
                self._note_unclear(answer.detail)
            case Verdict.NOT_SENT:
                self._resume_at = hold_back = not_before
                self._waited += _pause_after(claim, answer)
                if self._waited > self._patience:
                    self.stop(f"the provider does not take mail now: {answer.detail}")
            case Verdict.DRAFTED:
                self._waited = 0.0
            case Verdict.REFUSED:
                self.stop(f"the provider refuses to work for us: {answer.detail}")
        if answer.window_left:
            hold_back = now + timedelta(seconds=answer.window_left)
            self._resume_at = max(self._resume_at or hold_back, hold_back)
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
            hold_back=hold_back,
        )

    def _note_unclear(self, detail: str) -> None:
        self._unclear += 1
        if self._unclear >= _IN_A_ROW:
            self.stop(f"{self._unclear} answers in a row were unclear: {detail}")

    def _note_progress(self, deliveries: Sequence[Delivery]) -> None:
        if too_many := self._refusals.judge(deliveries):
            self.pause(too_many)
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
            self.pause(f"every reader of {self._fruitless} batches in a row was rejected: {rejected[0].error}")


def _pause_after(claim: Claim, answer: Answer) -> float:
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
