"""The outbox: every reader of an issue, in batches, with the intent stored before a request and the answer after.

    recipient   pending > sending > accepted | rejected | unknown        pending > suppressed
                unknown > pending | accepted | abandoned                 only by `resolve`

A batch's state follows from its recipients'. No transaction is open while mail is on its way: `claim` commits before,
`record` begins after. A claim that was never recorded becomes `unknown` in `sweep` and is not sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Connection, Engine, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import IssueStateError
from digest.models import Claim, Delivery, DeliveryState, Issue, IssueState, Recipient
from digest.store.batches import follow_recipients, note_deliveries, pending_of, set_recipients, tally_of, write_batch
from digest.store.connecting import telling_people
from digest.store.issues import issue_row, note
from digest.store.schema import attempt, batch, covered_post, issue, reader, recipient


class Outbox:
    """The `batch`, `recipient` and `attempt` tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self, known: Issue, posts: Sequence[str], audience: Sequence[Recipient], batch_size: int, now: datetime
    ) -> None:
        """Start sending an approved issue: cover its posts, write down its readers, cut the batches. All or nothing.

        `audience` has unique tokens (`Readers.tokens`). Readers who must get nothing are written down as suppressed.
        Raise `IssueStateError` when the issue is not approved, or when a post went out in another issue meanwhile.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if row.state != IssueState.APPROVED or row.fingerprint != known.fingerprint:
                raise IssueStateError(f"{known.name} is {row.state}, not approved as it stands")
            connection.execute(
                update(issue).where(issue.c.id == row.id).values(state=IssueState.SENDING, updated_at=now)
            )
            note(connection, row.id, now, "digest", str(IssueState.SENDING), f"{len(audience)} readers")
            if posts:
                covering = [{"newsletter": known.newsletter, "post_id": post, "issue_id": row.id} for post in posts]
                try:
                    connection.execute(insert(covered_post), covering)
                except IntegrityError as error:
                    raise IssueStateError(
                        f"a post of {known.name} went out in another issue meanwhile",
                        fix=f"run `digest build` for {known.name} again",
                    ) from error
            pages = iter(audience)
            seq = 0
            while page := list(islice(pages, batch_size)):
                seq += 1
                write_batch(connection, row.id, seq, page, now)

    def claim(self, known: Issue, owner: str, now: datetime, lease_until: datetime) -> Claim | None:
        """Take the next batch that may be sent now, or None. Readers suppressed since `begin` are dropped from it."""
        due = and_(batch.c.state == DeliveryState.PENDING, or_(batch.c.not_before.is_(None), batch.c.not_before <= now))
        with telling_people(), self._engine.begin() as connection:
            issue_id = _sending_issue_id(connection, known)
            while True:
                query = select(batch).where(batch.c.issue_id == issue_id, due).order_by(batch.c.seq).limit(1)
                row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
                if row is None:
                    return None
                pending = pending_of(connection, row.id)
                dropped = [each.id for each in pending if each.suppressed_because]
                set_recipients(connection, dropped, DeliveryState.SUPPRESSED, now)
                left = [each for each in pending if not each.suppressed_because]
                if left:
                    break
                follow_recipients(connection, row.id, None)
            number = row.attempts + 1
            first_attempt_at = row.first_attempt_at or now
            set_recipients(connection, [each.id for each in left], DeliveryState.SENDING, now)
            connection.execute(
                update(batch)
                .where(batch.c.id == row.id)
                .values(
                    state=DeliveryState.SENDING,
                    owner=owner,
                    lease_until=lease_until,
                    attempts=number,
                    first_attempt_at=first_attempt_at,
                )
            )
            connection.execute(insert(attempt).values(batch_id=row.id, number=number, owner=owner, started_at=now))
        return Claim(
            batch_id=row.id,
            seq=row.seq,
            attempt=number,
            owner=owner,
            recipients=tuple(Recipient(each.address, each.name, each.token) for each in left),
            recipient_ids=tuple(each.id for each in left),
            first_attempt_at=first_attempt_at,
        )

    def record(
        self,
        claim: Claim,
        deliveries: Sequence[Delivery],
        now: datetime,
        *,
        outcome: str,
        detail: str = "",
        http_status: int | None = None,
        not_before: datetime | None = None,
    ) -> bool:
        """Write down the answer to a claim: one delivery a recipient, in the claim's order.

        False when a newer attempt exists, or a person has resolved the batch meanwhile: then nothing is changed.
        """
        with telling_people(), self._engine.begin() as connection:
            mine = connection.execute(
                select(batch.c.id)
                .where(
                    batch.c.id == claim.batch_id,
                    batch.c.owner == claim.owner,
                    batch.c.attempts == claim.attempt,
                    # A late answer to a swept claim is still the truth about it.
                    batch.c.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN)),
                )
                .with_for_update()
            ).scalar()
            if mine is None:
                return False
            note_deliveries(connection, claim.recipient_ids, deliveries, now)
            follow_recipients(connection, claim.batch_id, not_before)
            connection.execute(
                update(attempt)
                .where(attempt.c.batch_id == claim.batch_id, attempt.c.number == claim.attempt)
                .values(ended_at=now, outcome=outcome, http_status=http_status, detail=detail[:1000])
            )
        return True

    def sweep(self, known: Issue, now: datetime, is_dead: Callable[[str], bool]) -> int:
        """Turn claims whose owner died, or whose lease is over, into `unknown`; return how many readers that are."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            query = select(batch).where(batch.c.issue_id == row.id, batch.c.state == DeliveryState.SENDING)
            swept = 0
            for claimed in connection.execute(query.with_for_update()).all():
                if claimed.lease_until > now and not is_dead(claimed.owner):
                    continue
                lost = update(recipient).where(
                    recipient.c.batch_id == claimed.id, recipient.c.state == DeliveryState.SENDING
                )
                swept += connection.execute(
                    lost.values(
                        state=DeliveryState.UNKNOWN,
                        error="the sender stopped before it could note the answer",
                        updated_at=now,
                    )
                ).rowcount
                follow_recipients(connection, claimed.id, None)
            if swept:
                note(connection, row.id, now, "digest", "unknown", f"{swept} readers: their sender stopped half-way")
            return swept

    def resolve(self, known: Issue, to: DeliveryState, now: datetime, who: str) -> int:
        """Decide what becomes of every `unknown` reader of an issue; return how many they were.

        To `pending` when a second copy is impossible or accepted, `accepted` when they are known to have it,
        `abandoned` when nobody will know.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            unknown = and_(recipient.c.issue_id == row.id, recipient.c.state == DeliveryState.UNKNOWN)
            batches = connection.execute(select(recipient.c.batch_id).where(unknown).distinct()).scalars().all()
            changed = connection.execute(update(recipient).where(unknown).values(state=to, updated_at=now)).rowcount
            for batch_id in batches:
                follow_recipients(connection, batch_id, None)
            if changed:
                note(connection, row.id, now, who, "resolved", f"{changed} unknown readers are now {to}")
                if to == DeliveryState.PENDING and row.state == IssueState.NEEDS_REVIEW:
                    again = update(issue).where(issue.c.id == row.id)
                    connection.execute(again.values(state=IssueState.SENDING, reason="", updated_at=now))
            return changed

    def finish(self, known: Issue, now: datetime) -> IssueState:
        """Close an issue with nothing left to send: `sent`, or `needs_review` while a reader is `unknown`."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            counts = tally_of(connection, row.id)
            busy = counts.get(DeliveryState.PENDING, 0) + counts.get(DeliveryState.SENDING, 0)
            if busy or row.state not in {IssueState.SENDING, IssueState.NEEDS_REVIEW}:
                return IssueState(row.state)
            unknown = counts.get(DeliveryState.UNKNOWN, 0)
            state = IssueState.NEEDS_REVIEW if unknown else IssueState.SENT
            if state != row.state:
                reason = f"{unknown} readers may or may not have it" if unknown else ""
                change = update(issue).where(issue.c.id == row.id)
                connection.execute(change.values(state=state, reason=reason, updated_at=now))
                note(connection, row.id, now, "digest", str(state), reason)
            return state

    def tally(self, known: Issue) -> Mapping[DeliveryState, int]:
        """Count an issue's readers by state; states without readers are left out."""
        with telling_people(), self._engine.begin() as connection:
            return tally_of(connection, issue_row(connection, known.newsletter, known.period).id)

    def waits_until(self, known: Issue) -> datetime | None:
        """Return when the first pending batch may be tried (long ago: at once), or None when no batch is pending."""
        query = select(func.count(), func.min(batch.c.not_before)).join(issue, issue.c.id == batch.c.issue_id)
        query = query.where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
        with telling_people(), self._engine.begin() as connection:
            count, earliest = connection.execute(query.where(batch.c.state == DeliveryState.PENDING)).one()
        return (earliest or datetime.min.replace(tzinfo=UTC)) if count else None

    def deliveries(self, known: Issue) -> Iterator[Delivery]:
        """Yield what became of every reader's copy, in the order of the audience."""
        query = (
            select(recipient, reader.c.token)
            .join(reader, reader.c.id == recipient.c.reader_id)
            .join(issue, issue.c.id == recipient.c.issue_id)
            .where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
            .order_by(recipient.c.id)
        )
        with telling_people(), self._engine.begin() as connection:
            for row in connection.execute(query):
                yield Delivery(
                    Recipient(row.address, row.name, row.token),
                    DeliveryState(row.state),
                    row.message_id,
                    row.error,
                    row.updated_at,
                )


def _sending_issue_id(connection: Connection, known: Issue) -> int:
    row = connection.execute(
        select(issue.c.id, issue.c.state).where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
    ).one()
    if row.state != IssueState.SENDING:
        raise IssueStateError(f"{known.name} is {row.state}, not sending")
    return int(row.id)
