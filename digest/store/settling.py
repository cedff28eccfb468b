"""What becomes of copies that nobody answered for: swept, repeated, looked up, or decided by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from digest.models import Claim, Delivery, DeliveryState, Issue, IssueState, Recipient
from digest.store.batches import end_claim, follow_recipients, note_deliveries, send_on, tally_of
from digest.store.issues import issue_row, note
from digest.store.schema import batch, issue, reader, recipient


def sweep(connection: Connection, known: Issue, now: datetime, is_dead: Callable[[str], bool | None]) -> int:
    """Turn claims whose owner died into `unknown`; see `Outbox.sweep`."""
    row = issue_row(connection, known.newsletter, known.period)
    query = select(batch).where(batch.c.issue_id == row.id, batch.c.state == DeliveryState.SENDING)
    swept = 0
    for claimed in connection.execute(query.with_for_update(key_share=True)).all():
        dead = is_dead(claimed.owner)
        if not (claimed.lease_until <= now if dead is None else dead):
            continue
        lost = update(recipient).where(recipient.c.batch_id == claimed.id, recipient.c.state == DeliveryState.PENDING)
        error = "the sender stopped before it could note the answer"
        swept += connection.execute(lost.values(state=DeliveryState.UNKNOWN, error=error, updated_at=now)).rowcount
        end_claim(connection, claimed.id, None)
    if swept:
        note(connection, row.id, now, "digest", "unknown", f"{swept} readers: their sender stopped half-way")
    return swept


def repeat(connection: Connection, known: Issue, provider: str, since: datetime, now: datetime) -> int:
    """Make unclear batches pending again whose very request can be repeated; see `Outbox.repeat`."""
    row = issue_row(connection, known.newsletter, known.period)
    unclear = (
        select(recipient.c.batch_id, func.count().label("readers"))
        .where(recipient.c.issue_id == row.id, recipient.c.state == DeliveryState.UNKNOWN)
        .group_by(recipient.c.batch_id)
        .subquery()
    )
    whole = select(batch.c.id).join(unclear, unclear.c.batch_id == batch.c.id)
    # Of a batch whose other readers are settled meanwhile, the rest would be another request, with another key.
    whole = whole.where(batch.c.asked == unclear.c.readers, batch.c.state == DeliveryState.UNKNOWN)
    whole = whole.where(batch.c.provider == provider, batch.c.first_attempt_at >= since, batch.c.may_be_sent)
    those = and_(recipient.c.batch_id.in_(whole), recipient.c.state == DeliveryState.UNKNOWN)
    changed = _move(connection, those, DeliveryState.PENDING, now)
    if changed:
        note(connection, row.id, now, "digest", "resolved", f"{changed} unknown readers: the same request is repeated")
        send_on(connection, row.id, now)
    return changed


def resolve(connection: Connection, known: Issue, of: DeliveryState, to: DeliveryState, now: datetime, who: str) -> int:
    """Decide about every reader in a state; see `Outbox.resolve`."""
    row = issue_row(connection, known.newsletter, known.period)
    those = and_(recipient.c.issue_id == row.id, recipient.c.state == of)
    if DeliveryState.PENDING in {of, to}:
        # Who is pending in a batch that is under way is being sent: neither to be given up nor to be joined.
        at_rest = select(batch.c.id).where(batch.c.issue_id == row.id, batch.c.state != DeliveryState.SENDING)
        those = and_(those, recipient.c.batch_id.in_(at_rest))
    if to == DeliveryState.PENDING:
        # Who decides so answers for a second copy; from here on it is a new request.
        in_them = batch.c.id.in_(select(recipient.c.batch_id).where(those))
        connection.execute(update(batch).where(in_them).values(may_be_sent=False, draft_id=""))
    changed = _move(connection, those, to, now)
    if changed:
        note(connection, row.id, now, who, "resolved", f"{changed} {of} readers are now {to}")
        if to == DeliveryState.PENDING:
            send_on(connection, row.id, now)
    return changed


def unclear(connection: Connection, known: Issue, provider: str | None, before: datetime | None) -> list[Claim]:
    """Return the unknown readers by batch, as their last claim; see `Outbox.unclear`."""
    row = issue_row(connection, known.newsletter, known.period)
    query = (
        select(batch, recipient.c.id.label("of"), recipient.c.address, recipient.c.name, reader.c.token)
        .join(recipient, recipient.c.batch_id == batch.c.id)
        .join(reader, reader.c.id == recipient.c.reader_id)
        .where(batch.c.issue_id == row.id)
        .where(recipient.c.state == DeliveryState.UNKNOWN)
        .order_by(batch.c.seq, recipient.c.id)
    )
    if provider is not None:
        query = query.where(batch.c.provider == provider)
    if before is not None:
        query = query.where(recipient.c.updated_at <= before)
    found: dict[int, list[Claim]] = {}
    for each in connection.execute(query):
        one = Claim(
            batch_id=each.id,
            seq=each.seq,
            attempt=each.attempts,
            owner=each.owner,
            recipients=(Recipient(each.address, each.name, each.token),),
            recipient_ids=(each.of,),
            first_attempt_at=each.first_attempt_at,
            draft_id=each.draft_id,
        )
        found.setdefault(each.id, []).append(one)
    return [_together(claims) for claims in found.values()]


def settle(
    connection: Connection, known: Issue, claim: Claim, deliveries: Sequence[Delivery], draft_id: str, now: datetime
) -> bool:
    """Write down what a look-up found, unless there is a newer attempt; see `Outbox.settle`."""
    row = issue_row(connection, known.newsletter, known.period)
    query = select(batch.c.id).where(batch.c.id == claim.batch_id, batch.c.attempts == claim.attempt)
    query = query.where(batch.c.state != DeliveryState.SENDING)
    if connection.execute(query.with_for_update(key_share=True)).scalar() is None or not _still_unknown(
        connection, claim
    ):
        return False
    told = [
        pair for pair in zip(claim.recipient_ids, deliveries, strict=True) if pair[1].state != DeliveryState.UNKNOWN
    ]
    note_deliveries(connection, [each for each, _ in told], [delivery for _, delivery in told], now)
    # Who stays unknown has been so since the request, not since the look-up.
    for recipient_id, delivery in zip(claim.recipient_ids, deliveries, strict=True):
        if delivery.state == DeliveryState.UNKNOWN and delivery.error:
            still = update(recipient).where(recipient.c.id == recipient_id, recipient.c.state == DeliveryState.UNKNOWN)
            connection.execute(still.values(error=delivery.error[:1000]))
    change: dict[str, object] = {"draft_id": draft_id} if draft_id else {}
    some_are_pending = any(each.state == DeliveryState.PENDING for each in deliveries)
    if some_are_pending:
        # They certainly have nothing: theirs is a new request, without those who were suppressed since.
        change["may_be_sent"] = False
    if change:
        connection.execute(update(batch).where(batch.c.id == claim.batch_id).values(change))
    follow_recipients(connection, claim.batch_id)
    if some_are_pending:
        send_on(connection, row.id, now)
    return True


def _still_unknown(connection: Connection, claim: Claim) -> int:
    unknown = select(func.count()).where(recipient.c.batch_id == claim.batch_id)
    unknown = unknown.where(recipient.c.state == DeliveryState.UNKNOWN)
    return connection.execute(unknown.where(recipient.c.id.in_(claim.recipient_ids))).scalar_one()


def close(connection: Connection, known: Issue, now: datetime) -> IssueState:
    """Close an issue with nothing left to send; see `Outbox.finish`."""
    row = issue_row(connection, known.newsletter, known.period)
    counts = tally_of(connection, row.id)
    busy = counts.get(DeliveryState.PENDING, 0) + counts.get(DeliveryState.SENDING, 0)
    if busy or row.state not in {IssueState.SENDING, IssueState.PAUSED, IssueState.NEEDS_REVIEW}:
        return IssueState(row.state)
    unknown, rejected = counts.get(DeliveryState.UNKNOWN, 0), counts.get(DeliveryState.REJECTED, 0)
    abandoned = counts.get(DeliveryState.ABANDONED, 0)
    state, reason = IssueState.SENT, ""
    if unknown:
        state, reason = IssueState.NEEDS_REVIEW, f"{unknown} readers may or may not have it"
    elif abandoned and not counts.get(DeliveryState.ACCEPTED, 0):
        state, reason = IssueState.CANCELLED, f"nobody got it: {abandoned} readers were abandoned"
    elif rejected and not counts.get(DeliveryState.ACCEPTED, 0):
        state, reason = IssueState.NEEDS_REVIEW, f"every reader was rejected ({rejected})"
    if state != row.state:
        change = update(issue).where(issue.c.id == row.id)
        connection.execute(change.values(state=state, reason=reason, updated_at=now))
        note(connection, row.id, now, "digest", str(state), reason)
    return state


def _move(connection: Connection, those: ColumnElement[bool], to: DeliveryState, now: datetime) -> int:
    """Move recipients to a state, and their batches after them; return how many."""
    batches = connection.execute(select(recipient.c.batch_id).where(those).distinct()).scalars().all()
    changed = connection.execute(update(recipient).where(those).values(state=to, updated_at=now)).rowcount
    for batch_id in batches:
        follow_recipients(connection, batch_id)
    return changed


def _together(claims: Sequence[Claim]) -> Claim:
    recipients = tuple(each.recipients[0] for each in claims)
    ids = tuple(each.recipient_ids[0] for each in claims)
    first = claims[0]
    return Claim(
        first.batch_id,
        first.seq,
        first.attempt,
        first.owner,
        recipients,
        ids,
        first.first_attempt_at,
        first.draft_id,
    )
