"""Rows of batches and recipients: what the outbox is made of, each inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, or_, select, update

from digest.models import Claim, Delivery, DeliveryState
from digest.store.schema import attempt, batch, reader, recipient, suppression

_FEW = 8  # different answers within a batch, up to which one statement for each is quicker


def pending_of(connection: Connection, batch_id: int) -> Sequence[Any]:
    """Return the pending recipients of a batch with their tokens and whether they are suppressed by now."""
    because = func.coalesce(suppression.c.because, reader.c.suppressed_because).label("suppressed_because")
    query = (
        select(recipient.c.id, recipient.c.address, recipient.c.name, reader.c.token, because)
        .join(reader, reader.c.id == recipient.c.reader_id)
        .outerjoin(suppression, suppression.c.address == reader.c.address)
        .where(recipient.c.batch_id == batch_id, recipient.c.state == DeliveryState.PENDING)
        .order_by(recipient.c.id)
    )
    return connection.execute(query).all()


def set_recipients(
    connection: Connection, ids: Sequence[int], state: DeliveryState, now: datetime, *, error: str = ""
) -> None:
    """Move some recipients to a state."""
    change = {"state": state, "updated_at": now, **({"error": error} if error else {})}
    for some in _those(ids):
        connection.execute(update(recipient).where(some).values(change))


def _those(ids: Sequence[int]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together name some recipients: ranges, since those of a batch were written in one go."""
    if ids and max(ids) - min(ids) == len(ids) - 1:  # no id is there twice
        yield recipient.c.id.between(min(ids), max(ids))
        return
    ordered = sorted(ids)
    start = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place] != ordered[place - 1] + 1:
            yield recipient.c.id.between(ordered[start], ordered[place - 1])
            start = place


def note_claim(connection: Connection, claim: Claim, provider: str, now: datetime, lease_until: datetime) -> None:
    """Commit the intent: from here on the provider may have the batch."""
    connection.execute(
        update(batch)
        .where(batch.c.id == claim.batch_id)
        .values(
            state=DeliveryState.SENDING,
            owner=claim.owner,
            lease_until=lease_until,
            attempts=claim.attempt,
            first_attempt_at=claim.first_attempt_at,
            provider=provider,
            may_be_sent=True,
            asked=len(claim.recipients),
        )
    )
    row = {"batch_id": claim.batch_id, "number": claim.attempt, "owner": claim.owner, "started_at": now}
    connection.execute(insert(attempt).values(**row))


def note_deliveries(
    connection: Connection, recipient_ids: Sequence[int], deliveries: Sequence[Delivery], now: datetime
) -> None:
    """Write each delivery to its recipient, unless that one is settled already: accepted is final."""
    still_open = recipient.c.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN))
    answers = {(each.state, each.message_id, each.error) for each in deliveries}
    if len(answers) > _FEW:
        _note_each(connection, recipient_ids, deliveries, now)
        return
    # Most providers tell the same of all readers: a statement or two instead of a thousand.
    alike: dict[tuple[DeliveryState, str, str], list[int]] = {answer: [] for answer in answers}
    for recipient_id, each in zip(recipient_ids, deliveries, strict=True):
        alike[each.state, each.message_id, each.error].append(recipient_id)
    for (state, message_id, error), ids in alike.items():
        change = {"state": state, "message_id": message_id[:500], "error": error[:1000], "updated_at": now}
        for some in _those(ids):
            connection.execute(update(recipient).where(some, still_open).values(change))


def _note_each(
    connection: Connection, recipient_ids: Sequence[int], deliveries: Sequence[Delivery], now: datetime
) -> None:
    # Two equalities: SQLAlchemy expands no IN in a statement that is run for many rows.
    still_open = or_(recipient.c.state == DeliveryState.SENDING, recipient.c.state == DeliveryState.UNKNOWN)
    change = (
        update(recipient)
        .where(recipient.c.id == bindparam("of_recipient"), still_open)
        .values(state=bindparam("to_state"), message_id=bindparam("id_given"), error=bindparam("error_given"))
        .values(updated_at=now)
    )
    connection.execute(
        change,
        [
            {
                "of_recipient": recipient_id,
                "to_state": delivery.state,
                "id_given": delivery.message_id[:500],
                "error_given": delivery.error[:1000],
            }
            for recipient_id, delivery in zip(recipient_ids, deliveries, strict=True)
        ],
    )


def follow_recipients(connection: Connection, batch_id: int, not_before: datetime | None) -> None:
    """Set a batch's state from its recipients': what is left to do wins over what is unclear, that over the rest."""
    query = select(recipient.c.state, func.count()).where(recipient.c.batch_id == batch_id).group_by(recipient.c.state)
    counts = {DeliveryState(state): count for state, count in connection.execute(query).all()}
    state = next((each for each in _PRECEDENCE if counts.get(each)), DeliveryState.SUPPRESSED)
    connection.execute(
        update(batch).where(batch.c.id == batch_id).values(state=state, lease_until=None, not_before=not_before)
    )


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
