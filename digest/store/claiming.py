"""Which batch may leave next: the oldest one that is due, of a wave that is open, and whose sending harms nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from digest.models import Claim, DeliveryState, Issue, IssueState, Later, Limits, Recipient, Wave
from digest.store.batches import follow_recipients, note_claim, pending_of, set_recipients
from digest.store.issues import note
from digest.store.pacing import leave, must_wait
from digest.store.schema import batch, issue, recipient

_LONGEST_WAIT = timedelta(hours=2)  # providers may ask for an hour at most
_TOO_LATE = "the provider may have it, and does not promise any more to take a repeat for the same"


# Built once: it is asked for every batch.
_NEXT = (
    select(batch)
    .join(issue, issue.c.id == batch.c.issue_id)
    .where(issue.c.newsletter == bindparam("slug"), issue.c.period == bindparam("of_period"))
    .where(issue.c.state == IssueState.SENDING, batch.c.wave <= issue.c.wave)
    .where(batch.c.state == DeliveryState.PENDING)
    # One that would wait absurdly long had a clock that was wrong.
    .where(
        or_(
            batch.c.not_before.is_(None),
            batch.c.not_before <= bindparam("moment"),
            batch.c.not_before > bindparam("absurd"),
        )
    )
    .order_by(batch.c.not_before.nulls_first(), batch.c.seq)
    .limit(1)
    .with_for_update(of=batch, skip_locked=True, key_share=True)
)
_NEXT_OF_SOME = _NEXT.where(batch.c.seq >= bindparam("first"), batch.c.seq < bindparam("beyond"))


def take_next(
    connection: Connection,
    known: Issue,
    owner: str,
    now: datetime,
    lease_until: datetime,
    provider: str,
    repeatable_since: datetime | None,
    limits: Limits,
    within: range | None,
) -> Claim | Later | None:
    """Claim the next batch inside the caller's transaction; see `Outbox.claim`."""
    wanted: dict[str, object] = {
        "slug": known.newsletter,
        "of_period": known.period,
        "moment": now,
        "absurd": now + _LONGEST_WAIT,
    }
    query = _NEXT if within is None else _NEXT_OF_SOME
    if within is not None:
        wanted |= {"first": within.start, "beyond": within.stop}
    while True:
        row = connection.execute(query, wanted).one_or_none()
        if row is None:
            return None
        if later := must_wait(connection, provider, limits, now):
            return later
        pending = pending_of(connection, row.id)
        if row.may_be_sent:
            since = repeatable_since or now + timedelta(days=1)
            if row.provider != provider or row.first_attempt_at < since or row.asked != len(pending):
                doubtful = [each[0] for each in pending]
                set_recipients(connection, doubtful, DeliveryState.UNKNOWN, now, error=_TOO_LATE)
                follow_recipients(connection, row.id)
                continue
            left = pending
        else:
            left = [each for each in pending if not each[-1]]
            dropped = [each[0] for each in pending if each[-1]]
            set_recipients(connection, dropped, DeliveryState.SUPPRESSED, now)
        if left:
            break
        follow_recipients(connection, row.id)
    if later := leave(connection, provider, len(left), limits, now):
        return later
    ids, addresses, names, tokens, _ = zip(*left, strict=True)
    claim = Claim(
        batch_id=row.id,
        seq=row.seq,
        attempt=row.attempts + 1,
        owner=owner,
        recipients=tuple(map(Recipient, addresses, names, tokens)),
        recipient_ids=ids,
        first_attempt_at=row.first_attempt_at or now,
        draft_id=row.draft_id,
        repeat=row.may_be_sent,
    )
    note_claim(connection, claim, provider, now, lease_until)
    return claim


def next_is_due(connection: Connection, known: Issue, now: datetime) -> datetime | None:
    """Return when the first pending batch of an open wave may be tried (at most `now`: at once), or None."""
    query = select(func.count(), func.min(batch.c.not_before)).join(issue, issue.c.id == batch.c.issue_id)
    query = query.where(_is(known), issue.c.state == IssueState.SENDING)
    pending = query.where(batch.c.state == DeliveryState.PENDING, batch.c.wave <= issue.c.wave)
    if connection.execute(pending.where(is_due(now))).one()[0]:
        return now
    count, earliest = connection.execute(pending).one()
    return earliest if count else None


def wave_over(connection: Connection, known: Issue) -> Wave | None:
    """Return how the open wave went, when all its readers were tried and another wave waits; else None."""
    row = connection.execute(select(issue.c.id, issue.c.wave).where(_is(known), _is_sending)).one_or_none()
    if row is None:
        return None
    mine = and_(batch.c.issue_id == row.id, batch.c.wave <= row.wave)
    busy = batch.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    if connection.execute(select(func.count()).where(mine, busy)).scalar():
        return None
    later = and_(batch.c.issue_id == row.id, batch.c.wave > row.wave, batch.c.state == DeliveryState.PENDING)
    if not connection.execute(select(func.count()).where(later)).scalar():
        return None
    bad = or_(
        recipient.c.state == DeliveryState.REJECTED,
        recipient.c.bounced_at.is_not(None),
        recipient.c.complained_at.is_not(None),
    )
    unclear = recipient.c.state == DeliveryState.UNKNOWN
    query = select(
        func.max(recipient.c.updated_at),
        func.count().filter(recipient.c.state != DeliveryState.SUPPRESSED),
        func.count().filter(bad),
        func.count().filter(unclear),
    ).join(batch, batch.c.id == recipient.c.batch_id)
    ended_at, readers, refused, doubtful = connection.execute(query.where(mine)).one()
    return Wave(row.wave, ended_at, readers, refused, doubtful)


def open_next_wave(connection: Connection, known: Issue, over: Wave, now: datetime) -> bool:
    """Let the wave after `over` leave; False when somebody else has done so."""
    mine = select(issue.c.id, issue.c.wave).where(_is(known), _is_sending)
    row = connection.execute(mine.with_for_update(key_share=True)).one_or_none()
    if row is None or row.wave != over.number:
        return False
    waves = select(func.min(batch.c.wave)).where(batch.c.issue_id == row.id, batch.c.wave > over.number)
    number = connection.execute(waves).scalar_one()
    connection.execute(update(issue).where(issue.c.id == row.id).values(wave=number))
    note(connection, row.id, now, "digest", "wave", f"{over.readers} had it; the next ones follow")
    return True


def is_due(now: datetime) -> ColumnElement[bool]:
    """Tell whether a batch's time has come; one that would wait absurdly long had a clock that was wrong."""
    return or_(batch.c.not_before.is_(None), batch.c.not_before <= now, batch.c.not_before > now + _LONGEST_WAIT)


def _is(known: Issue) -> ColumnElement[bool]:
    return and_(issue.c.newsletter == known.newsletter, issue.c.period == known.period)


_is_sending = issue.c.state == IssueState.SENDING
