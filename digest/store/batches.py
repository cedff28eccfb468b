"""Rows of batches and recipients: what the outbox is made of, each inside a transaction of its caller.

A recipient's row says what is known of the copy. That a request is under way is written on the batch alone: its readers
are still `pending` on their rows, and `sending` wherever they are counted or shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, insert, literal, or_, select, update

from digest.models import Claim, Delivery, DeliveryState, Ended, IssueState
from digest.store.pacing import hold_back
from digest.store.schema import attempt, batch, issue, reader, recipient, suppression

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
_STILL_OPEN = or_(recipient.c.state == bindparam("open_state"), recipient.c.state == DeliveryState.UNKNOWN)
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
_END_CLAIM = (
    update(batch)
    .where(batch.c.id == bindparam("of_batch"))
    .values(state=bindparam("to_state"), lease_until=None, not_before=bindparam("not_until"))
)
_FOLLOW = _END_CLAIM.where(batch.c.state != DeliveryState.SENDING)

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
_STANDS = (
    select(batch.c.issue_id, batch.c.provider)
    .where(batch.c.id == bindparam("of_batch"), batch.c.owner == bindparam("by"))
    .where(batch.c.attempts == bindparam("times"))
    # A late answer to a swept claim is still the truth about it.
    .where(or_(batch.c.state == DeliveryState.SENDING, batch.c.state == DeliveryState.UNKNOWN))
    .with_for_update(key_share=True)
)
# One update of the row and no second: of a row that the same transaction has changed, PostgreSQL looks for its issue.
_END_REQUEST = _END_CLAIM.values(may_be_sent=bindparam("doubtful"))
_END_REQUEST_OF_DRAFT = _END_REQUEST.values(draft_id=bindparam("of_draft"))
_END = (
    update(attempt)
    .where(attempt.c.batch_id == bindparam("of_batch"), attempt.c.number == bindparam("times"))
    .values(
        ended_at=bindparam("moment"),
        outcome=bindparam("ended"),
        http_status=bindparam("status"),
        detail=bindparam("said"),
    )
)


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
    row["asked"] = len(claim.recipients)
    connection.execute(_ATTEMPT, row)


def note_ended(connection: Connection, ended: Ended) -> bool:
    """Write down what became of a claim; False when somebody has tried again since, or decided about the batch."""
    claim = ended.claim
    mine = {"of_batch": claim.batch_id, "times": claim.attempt}
    stands = connection.execute(_STANDS, {**mine, "by": claim.owner}).one_or_none()
    if stands is None:
        return False
    note_deliveries(connection, claim.recipient_ids, ended.deliveries, ended.at, but=DeliveryState.PENDING)
    end = {
        "of_batch": claim.batch_id,
        "to_state": _state_of(connection, claim.batch_id),
        "not_until": ended.not_before,
        "doubtful": ended.may_be_sent or claim.repeat,
    }
    if ended.draft_id:
        connection.execute(_END_REQUEST_OF_DRAFT, {**end, "of_draft": ended.draft_id})
    else:
        connection.execute(_END_REQUEST, end)
    said = {"ended": ended.outcome, "status": ended.http_status, "said": ended.detail[:1000]}
    connection.execute(_END, {**mine, **said, "moment": ended.at})
    if ended.hold_back is not None:
        hold_back(connection, stands.provider, ended.hold_back, ended.at)
    if any(each.state is DeliveryState.PENDING for each in ended.deliveries):
        # The answer may come so late that the issue was closed without it.
        send_on(connection, stands.issue_id, ended.at)
    return True


def send_on(connection: Connection, issue_id: int, now: datetime) -> None:
    """Take up an issue again that has something to send; one that was paused stays so."""
    done = issue.c.state.in_((IssueState.NEEDS_REVIEW, IssueState.SENT, IssueState.CANCELLED))
    change = update(issue).where(issue.c.id == issue_id, done)
    connection.execute(change.values(state=IssueState.SENDING, reason="", updated_at=now))


def note_deliveries(
    connection: Connection,
    recipient_ids: Sequence[int],
    deliveries: Sequence[Delivery],
    now: datetime,
    *,
    but: DeliveryState = DeliveryState.UNKNOWN,
) -> None:
    """Write each delivery to its recipient, unless that one is settled already: neither `unknown` nor `but`."""
    answers = {(each.state, each.message_id, each.error) for each in deliveries}
    if len(answers) > _FEW:
        rows = zip(recipient_ids, deliveries, strict=True)
        told_of = {"open_state": but}
        connection.execute(_NOTE_ONE, [{"of_recipient": of, **_answer(each, now), **told_of} for of, each in rows])
        return
    # Most providers tell the same of all readers: a statement or two instead of a thousand.
    alike: dict[tuple[DeliveryState, str, str], list[int]] = {answer: [] for answer in answers}
    for recipient_id, each in zip(recipient_ids, deliveries, strict=True):
        alike[each.state, each.message_id, each.error].append(recipient_id)
    one_of = {(each.state, each.message_id, each.error): each for each in deliveries}
    for answer, ids in alike.items():
        told = _answer(one_of[answer], now)
        for first, last in _ranges(ids):
            connection.execute(_NOTE_RANGE, {"first": first, "last": last, "open_state": but, **told})


def _answer(delivery: Delivery, now: datetime) -> dict[str, Any]:
    return {
        "to_state": delivery.state,
        "id_given": delivery.message_id[:500],
        "said": delivery.error[:1000],
        "moment": now,
    }


def follow_recipients(connection: Connection, batch_id: int) -> None:
    """Set a batch's state from its recipients', unless a request for some of them is under way."""
    change = {"of_batch": batch_id, "to_state": _state_of(connection, batch_id), "not_until": None}
    connection.execute(_FOLLOW, change)


def end_claim(connection: Connection, batch_id: int, not_before: datetime | None) -> None:
    """Set the state of a batch whose request is over from its recipients'."""
    change = {"of_batch": batch_id, "to_state": _state_of(connection, batch_id), "not_until": not_before}
    connection.execute(_END_CLAIM, change)


def _state_of(connection: Connection, batch_id: int) -> DeliveryState:
    """What is left to do wins over what is unclear, that over the rest."""
    rows = connection.execute(_STATES, {"of_batch": batch_id}).all()
    states = {state for state, _ in rows}
    return next((each for each in _PRECEDENCE if each in states), DeliveryState.SUPPRESSED)


_PRECEDENCE = (
    DeliveryState.PENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.ABANDONED,
)


UNDER_WAY = and_(
    recipient.c.state == DeliveryState.PENDING,
    recipient.c.batch_id.in_(select(batch.c.id).where(batch.c.state == DeliveryState.SENDING)),
)
"""Whose copy a provider is being asked to send."""

SHOWN_STATE = case((UNDER_WAY, literal(str(DeliveryState.SENDING))), else_=recipient.c.state).label("state")


def tally_of(connection: Connection, issue_id: int) -> Mapping[DeliveryState, int]:
    """Count an issue's readers by state."""
    query = select(recipient.c.state, func.count()).where(recipient.c.issue_id == issue_id)
    rows = connection.execute(query.group_by(recipient.c.state)).all()
    counts = {DeliveryState(state): count for state, count in rows}
    of_this = select(func.count()).where(recipient.c.issue_id == issue_id, UNDER_WAY)
    if sending := connection.execute(of_this).scalar_one():
        counts[DeliveryState.SENDING] = sending
        counts[DeliveryState.PENDING] -= sending
    return {state: count for state, count in counts.items() if count}
