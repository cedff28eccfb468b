"""What a batch comes to when the provider answers for each of its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.models import Delivery, DeliveryState, Recipient
from digest.send.http_outcome import Outcome
from digest.send.providers import Answer, Verdict


@dataclass(frozen=True, slots=True)
class Item:
    """What a provider said of one reader."""

    outcome: Outcome
    message_id: str = ""
    said: str = ""
    """Its words, fit for a report."""


def one_by_one(readers: Sequence[Recipient], items: Sequence[Item], http_status: int) -> Answer:
    """Return the answer that items make, one for each reader and in their order.

    Whoever has an answer of their own keeps it. When a reader could not be served because of us, or not now, that is
    the verdict on the batch, since the next batch would hear the same.
    """
    found = {item.outcome for item in items}
    if Outcome.REFUSED in found:
        verdict, told = Verdict.REFUSED, Outcome.REFUSED
    elif Outcome.NOT_SENT in found:
        verdict, told = Verdict.NOT_SENT, Outcome.NOT_SENT
    elif found == {Outcome.AMBIGUOUS}:
        verdict, told = Verdict.AMBIGUOUS, Outcome.AMBIGUOUS
    else:
        verdict, told = Verdict.ANSWERED, Outcome.REJECTED
    detail = next((item.said for item in items if item.outcome is told), "")
    deliveries: tuple[Delivery, ...] = ()
    if verdict is Verdict.ANSWERED or (found & _ONES_OWN and verdict is not Verdict.AMBIGUOUS):
        deliveries = tuple(_delivery(reader, item) for reader, item in zip(readers, items, strict=True))
    return Answer(verdict, deliveries, detail=detail, http_status=http_status)


_ONES_OWN = {Outcome.ACCEPTED, Outcome.REJECTED, Outcome.AMBIGUOUS}
_STATES = {
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.REJECTED: DeliveryState.REJECTED,
    Outcome.AMBIGUOUS: DeliveryState.UNKNOWN,
    Outcome.NOT_SENT: DeliveryState.PENDING,
    Outcome.REFUSED: DeliveryState.PENDING,
}


def _delivery(reader: Recipient, item: Item) -> Delivery:
    # An error beside "pending" would mean that this reader was put off in person.
    error = item.said if item.outcome in {Outcome.REJECTED, Outcome.AMBIGUOUS} else ""
    return Delivery(reader, _STATES[item.outcome], message_id=item.message_id, error=error)
