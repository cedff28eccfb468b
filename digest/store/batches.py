"""Rows of batches and recipients: what the outbox is made of, each inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from digest.models import Claim, Delivery, DeliveryState
from digest.store.schema import attempt, batch, reader, recipient, suppression

_FEW = 8  # different answers within a batch, up to which one statement for each is quicker


# Built once: of a thousand readers' copies, building statements anew took a tenth of the time.
_PENDING = (
    select(
        recipient.c.id,
        recipient.c.address,
        recipient.c.name,
        reader.c.token,
        func.coalesce(suppression.c.because, reader.c.suppressed_because).label("suppressed_because"),
    )
    .join(reader, reader.c.id == recipient.c.reader_id)
    .outerjoin(suppression, suppression.c.address == reader.c.address)
    .where(recipient.c.batch_id == bindparam("of_batch"), recipient.c.state == DeliveryState.PENDING)
    .order_by(recipient.c.id)
)
_RANGE = recipient.c.id.between(bindparam("first"), bindparam("last"))
_MOVE = update(recipient).where(_RANGE).values(state=bindparam("to_state"), updated_at=bindparam("moment"))
_DOUBT = _MOVE.values(error=bindparam("said"))
# Accepted is final. Two equalities: SQLAlchemy expands no IN in a statement that is run for many rows.
_STILL_OPEN = or_(recipient.c.state == DeliveryState.SENDING, recipient.c.state == DeliveryState.UNKNOWN)
_ANSWER: Mapping[str, Any] = {
    "state": bindparam("to_state"),
    "message_id": bindparam("id_given"),
    "error": bindparam("said"),
    "updated_at": bindparam("moment"),
}
_NOTE_RANGE = update(recipient).where(_RANGE, _STILL_OPEN).values(_ANSWER)
_NOTE_ONE = update(recipient).where(recipient.c.id == bindparam("of_recipient"), _STILL_OPEN).values(_ANSWER)
_STATES = (
    select(recipient.c.state, func.count())
    .where(recipient.c.batch_id == bindparam("of_batch"))
    .group_by(recipient.c.state)
)
_FOLLOW = (
    update(batch)
    .where(batch.c.id == bindparam("of_batch"))
    .values(state=bindparam("to_state"), lease_until=None, not_before=bindparam("not_until"))
)

_CLAIM = (
    update(batch)
    .where(batch.c.id == bindparam("of_batch"))
    .values(
        state=DeliveryState.SENDING,
        owner=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=bindparam("times"),
        first_attempt_at=bindparam("first_at"),
        provider=bindparam("of_provider"),
        may_be_sent=True,
        asked=bindparam("readers"),
    )
)
_ATTEMPT = insert(attempt)


def pending_of(connection: Connection, batch_id: int) -> Sequence[Any]:
    """Return the pending recipients of a batch with their tokens and whether they are suppressed by now."""
    return connection.execute(_PENDING, {"of_batch": batch_id}).all()


def set_recipients(
    connection: Connection, ids: Sequence[int], state: DeliveryState, now: datetime, *, error: str = ""
) -> None:
    """Move some recipients to a state."""
    for first, last in _ranges(ids):
        moved = {"first": first, "last": last, "to_state": state, "moment": now}
        connection.execute(_DOUBT if error else _MOVE, {**moved, "said": error} if error else moved)


def _ranges(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of ids that follow each other: those of a batch were written in one go."""
    if ids and max(ids) - min(ids) == len(ids) - 1:  # no id is there twice
        yield min(ids), max(ids)
        return
    ordered = sorted(ids)
    start = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] != ordered[place - 1] + 1:
            yield ordered[start], ordered[place - 1]
            start = place


def note_claim(connection: Connection, claim: Claim, provider: str, now: datetime, lease_until: datetime) -> None:
    """Commit the intent: from here on the provider may have the batch."""
    intent = {
        "of_batch": claim.batch_id,
        "by": claim.owner,
        "until": lease_until,
        "times": claim.attempt,
        "first_at": claim.first_attempt_at,
        "of_provider": provider,
        "readers": len(claim.recipients),
    }
    connection.execute(_CLAIM, intent)
    row = {"batch_id": claim.batch_id, "number": claim.attempt, "owner": claim.owner, "started_at": now}
    connection.execute(_ATTEMPT, row)


def note_deliveries(
    connection: Connection, recipient_ids: Sequence[int], deliveries: Sequence[Delivery], now: datetime
) -> None:
    """Write each delivery to its recipient, unless that one is settled already: accepted is final."""
    answers = {(each.state, each.message_id, each.error) for each in deliveries}
    if len(answers) > _FEW:
        rows = zip(recipient_ids, deliveries, strict=True)
        connection.execute(_NOTE_ONE, [{"of_recipient": of, **_answer(each, now)} for of, each in rows])
        return
    # Most providers tell the same of all readers: a statement or two instead of a thousand.
    alike: dict[tuple[DeliveryState, str, str], list[int]] = {answer: [] for answer in answers}
    for recipient_id, each in zip(recipient_ids, deliveries, strict=True):
        alike[each.state, each.message_id, each.error].append(recipient_id)
    one_of = {(each.state, each.message_id, each.error): each for each in deliveries}
    for answer, ids in alike.items():
        told = _answer(one_of[answer], now)
        for first, last in _ranges(ids):
            connection.execute(_NOTE_RANGE, {"first": first, "last": last, **told})


def _answer(delivery: Delivery, now: datetime) -> dict[str, Any]:
    return {
        "to_state": delivery.state,
        "id_given": delivery.message_id[:500],
        "said": delivery.error[:1000],
        "moment": now,
    }


def follow_recipients(connection: Connection, batch_id: int, not_before: datetime | None) -> None:
    """Set a batch's state from its recipients': what is left to do wins over what is unclear, that over the rest."""
    rows = connection.execute(_STATES, {"of_batch": batch_id}).all()
    counts = {DeliveryState(state): count for state, count in rows}
    state = next((each for each in _PRECEDENCE if counts.get(each)), DeliveryState.SUPPRESSED)
    connection.execute(_FOLLOW, {"of_batch": batch_id, "to_state": state, "not_until": not_before})


_PRECEDENCE = (
    DeliveryState.SENDING,
    DeliveryState.PENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.ABANDONED,
)


def tally_of(connection: Connection, issue_id: int) -> Mapping[DeliveryState, int]:
    """Count an issue's readers by state."""
    query = select(recipient.c.state, func.count()).where(recipient.c.issue_id == issue_id)
    return {DeliveryState(state): count for state, count in connection.execute(query.group_by(recipient.c.state)).all()}
