"""Rows of batches and recipients: what the outbox is made of, each inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, and_, bindparam, func, insert, literal, or_, select, update

from digest.models import Claim, Delivery, DeliveryState, Recipient
from digest.store.schema import Instant, attempt, batch, reader, recipient, suppression
from digest.store.subscribers import may_get

_PAGE = 500  # rows a statement: well below the number of parameters that a database accepts


def write_batch(connection: Connection, issue_id: int, seq: int, page: Sequence[Recipient], now: datetime) -> None:
    """Write one batch and its recipients; those who must get nothing are suppressed at once."""
    batch_id = connection.execute(
        insert(batch).values(issue_id=issue_id, seq=seq, state=DeliveryState.PENDING).returning(batch.c.id)
    ).scalar_one()
    for start in range(0, len(page), _PAGE):
        part = page[start : start + _PAGE]
        because = func.coalesce(suppression.c.because, reader.c.suppressed_because).label("suppressed_because")
        query = select(reader.c.token, reader.c.id, because)
        query = query.outerjoin(suppression, suppression.c.address == reader.c.address)
        rows = connection.execute(query.where(reader.c.token.in_([each.token for each in part])))
        readers = {row.token: row for row in rows}
        connection.execute(
            insert(recipient),
            [
                {
                    "issue_id": issue_id,
                    "batch_id": batch_id,
                    "reader_id": readers[each.token].id,
                    "address": each.address,
                    "name": each.name,
                    "state": DeliveryState.SUPPRESSED
                    if readers[each.token].suppressed_because
                    else DeliveryState.PENDING,
                    "updated_at": now,
                }
                for each in part
            ],
        )
    follow_recipients(connection, batch_id, None)


def write_list(
    connection: Connection, issue_id: int, slug: str, sections: Sequence[str], batch_size: int, now: datetime
) -> int:
    """Write the batches and recipients for all on the list who may get an issue with these sections; return how many.

    In the database itself: a million readers never come into this process.
    """
    wants = or_(reader.c.sections == "", *(reader.c.sections.contains(f" {key} ", autoescape=True) for key in sections))
    those = select(
        reader.c.id,
        reader.c.written,
        reader.c.name,
        ((func.row_number().over(order_by=reader.c.id) - 1) // literal(batch_size, Integer)).label("place"),
    ).where(may_get(slug), wants)
    count = connection.execute(select(func.count()).select_from(those.subquery())).scalar_one()
    batches = -(-count // batch_size)
    for start in range(1, batches + 1, _PAGE):
        numbers = range(start, min(start + _PAGE, batches + 1))
        rows = [{"issue_id": issue_id, "seq": seq, "state": DeliveryState.PENDING} for seq in numbers]
        connection.execute(insert(batch), rows)
    numbered = those.subquery()
    pairs = select(
        literal(issue_id, Integer),
        batch.c.id,
        numbered.c.id,
        numbered.c.written,
        numbered.c.name,
        literal(str(DeliveryState.PENDING)),
        literal(now, Instant),
    ).join(batch, and_(batch.c.issue_id == issue_id, batch.c.seq == numbered.c.place + 1))
    names = ["issue_id", "batch_id", "reader_id", "address", "name", "state", "updated_at"]
    connection.execute(insert(recipient).from_select(names, pairs.order_by(numbered.c.id)))
    return count


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


def set_recipients(connection: Connection, ids: Sequence[int], state: DeliveryState, now: datetime) -> None:
    """Move some recipients to a state."""
    for start in range(0, len(ids), _PAGE):
        some = recipient.c.id.in_(ids[start : start + _PAGE])
        connection.execute(update(recipient).where(some).values(state=state, updated_at=now))


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
        )
    )
    row = {"batch_id": claim.batch_id, "number": claim.attempt, "owner": claim.owner, "started_at": now}
    connection.execute(insert(attempt).values(**row))


def note_deliveries(
    connection: Connection, recipient_ids: Sequence[int], deliveries: Sequence[Delivery], now: datetime
) -> None:
    """Write each delivery to its recipient, unless that one is settled already: accepted is final."""
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
