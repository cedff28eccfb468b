"""The outbox: every reader of an issue, in batches, with the intent stored before a request and the answer after.

    recipient   pending > sending > accepted | rejected | unknown        pending > suppressed
                unknown > pending | accepted | abandoned                 only by `resolve`

A batch's state follows from its recipients'. No transaction is open while mail is on its way: `claim` commits before,
`record` begins after. A claim that was never recorded becomes `unknown` in `sweep` and is not sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select, update

from digest.models import Claim, Delivery, DeliveryState, Issue, IssueState, Recipient
from digest.store.batches import follow_recipients, note_claim, note_deliveries, pending_of, set_recipients, tally_of
from digest.store.connecting import telling_people
from digest.store.departure import depart
from digest.store.issues import issue_row, note
from digest.store.schema import attempt, batch, issue, reader, recipient

_LONGEST_WAIT = timedelta(hours=2)  # providers may ask for an hour at most


class Outbox:
    """The `batch`, `recipient` and `attempt` tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        known: Issue,
        posts: Sequence[str],
        audience: Sequence[Recipient] | None,
        batch_size: int,
        now: datetime,
    ) -> None:
        """Start sending an approved issue: cover its posts, write down its readers, cut the batches. All or nothing.

        `audience` has unique tokens (`Readers.tokens`). Readers who must get nothing are written down as suppressed.
        Without an audience it goes to those on the list of the store who want a section that it has.
        Raise `IssueStateError` when the issue is not approved, or when another issue meanwhile brought a post or left
        with the same number.
        """
        with telling_people(), self._engine.begin() as connection:
            depart(connection, known, posts, audience, batch_size, now)

    def claim(
        self,
        known: Issue,
        owner: str,
        now: datetime,
        lease_until: datetime,
        *,
        provider: str = "",
        repeatable: bool = False,
    ) -> Claim | None:
        """Take the next batch that may be sent now, or None (also when the issue is no longer being sent).

        What was not tried yet comes before what waits for another try. Readers suppressed since `begin` are dropped,
        unless this very provider may have the batch already and is `repeatable`: then it must get the same again.
        """
        with telling_people(), self._engine.begin() as connection:
            issue_id = _sending_issue_id(connection, known)
            if issue_id is None:
                return None
            while True:
                query = select(batch).where(batch.c.issue_id == issue_id, batch.c.state == DeliveryState.PENDING)
                query = query.where(_is_due(now)).order_by(batch.c.not_before.nulls_first(), batch.c.seq).limit(1)
                row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
                if row is None:
                    return None
                same_again = repeatable and row.may_be_sent and row.provider == provider
                pending = pending_of(connection, row.id)
                dropped = {each.id for each in pending if each.suppressed_because and not same_again}
                set_recipients(connection, list(dropped), DeliveryState.SUPPRESSED, now)
                left = [each for each in pending if each.id not in dropped]
                if left:
                    break
                follow_recipients(connection, row.id, None)
            set_recipients(connection, [each.id for each in left], DeliveryState.SENDING, now)
            claim = Claim(
                batch_id=row.id,
                seq=row.seq,
                attempt=row.attempts + 1,
                owner=owner,
                recipients=tuple(Recipient(each.address, each.name, each.token) for each in left),
                recipient_ids=tuple(each.id for each in left),
                first_attempt_at=row.first_attempt_at or now,
            )
            note_claim(connection, claim, provider, now, lease_until)
        return claim

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
        may_be_sent: bool = True,
    ) -> bool:
        """Write down the answer to a claim: one delivery a recipient, in the claim's order.

        `may_be_sent` is false when the provider certainly has nothing of the batch.

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
            connection.execute(update(batch).where(batch.c.id == claim.batch_id).values(may_be_sent=may_be_sent))
            connection.execute(
                update(attempt)
                .where(attempt.c.batch_id == claim.batch_id, attempt.c.number == claim.attempt)
                .values(ended_at=now, outcome=outcome, http_status=http_status, detail=detail[:1000])
            )
        return True

    def sweep(self, known: Issue, now: datetime, is_dead: Callable[[str], bool | None]) -> int:
        """Turn claims whose owner died into `unknown`; return how many readers that are.

        Where `is_dead` cannot know (None), an owner counts as dead when its lease is over.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            query = select(batch).where(batch.c.issue_id == row.id, batch.c.state == DeliveryState.SENDING)
            swept = 0
            for claimed in connection.execute(query.with_for_update()).all():
                dead = is_dead(claimed.owner)
                if not (claimed.lease_until <= now if dead is None else dead):
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

    def resolve(
        self,
        known: Issue,
        of: DeliveryState,
        to: DeliveryState,
        now: datetime,
        who: str,
        *,
        provider: str | None = None,
    ) -> int:
        """Decide what becomes of every reader of an issue in state `of`; return how many they were.

        `unknown` becomes `pending` when a second copy is impossible or accepted, `accepted` when they are known to have
        it, `abandoned` when nobody will know. `rejected` becomes `pending` for another try, `pending` becomes
        `abandoned` to stop. With `provider`, only batches that this provider was asked to send.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            mine = select(batch.c.id).where(batch.c.issue_id == row.id)
            if provider is not None:
                mine = mine.where(batch.c.provider == provider)
            those = and_(recipient.c.batch_id.in_(mine), recipient.c.state == of)
            batches = connection.execute(select(recipient.c.batch_id).where(those).distinct()).scalars().all()
            changed = connection.execute(update(recipient).where(those).values(state=to, updated_at=now)).rowcount
            for batch_id in batches:
                follow_recipients(connection, batch_id, None)
            if changed:
                note(connection, row.id, now, who, "resolved", f"{changed} {of} readers are now {to}")
                if to == DeliveryState.PENDING:
                    again = update(issue).where(issue.c.id == row.id)
                    connection.execute(again.values(state=IssueState.SENDING, reason="", updated_at=now))
            return changed

    def pause(self, known: Issue, reason: str, now: datetime) -> None:
        """Let nothing more of an issue leave until a person says so; nothing happens to one that is not being sent."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if row.state == IssueState.SENDING:
                change = update(issue).where(issue.c.id == row.id)
                connection.execute(change.values(state=IssueState.PAUSED, reason=reason, updated_at=now))
                note(connection, row.id, now, "digest", str(IssueState.PAUSED), reason)

    def handed_over_since(self, moment: datetime) -> int:
        """Count the readers of all issues whose copies providers were asked to send since a moment."""
        asked = (DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.UNKNOWN)
        query = select(func.count()).select_from(recipient)
        with telling_people(), self._engine.begin() as connection:
            asked_since = query.where(recipient.c.updated_at >= moment, recipient.c.state.in_(asked))
            return connection.execute(asked_since).scalar_one()

    def finish(self, known: Issue, now: datetime) -> IssueState:
        """Close an issue with nothing left to send.

        It is `sent`; `needs_review` while a reader is `unknown`, or when every single reader was rejected; `cancelled`
        when it was abandoned before anybody got it.
        """
        with telling_people(), self._engine.begin() as connection:
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

    def tally(self, known: Issue) -> Mapping[DeliveryState, int]:
        """Count an issue's readers by state; states without readers are left out."""
        with telling_people(), self._engine.begin() as connection:
            return tally_of(connection, issue_row(connection, known.newsletter, known.period).id)

    def waits_until(self, known: Issue, now: datetime) -> datetime | None:
        """Return when the first pending batch may be tried (at most `now`: at once), or None when none may."""
        query = select(func.count(), func.min(batch.c.not_before)).join(issue, issue.c.id == batch.c.issue_id)
        query = query.where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
        query = query.where(issue.c.state == IssueState.SENDING)
        pending = query.where(batch.c.state == DeliveryState.PENDING)
        with telling_people(), self._engine.begin() as connection:
            if connection.execute(pending.where(_is_due(now))).one()[0]:
                return now
            count, earliest = connection.execute(pending).one()
        return earliest if count else None

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


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Tell whether a batch's time has come; one that would wait absurdly long had a clock that was wrong."""
    return or_(batch.c.not_before.is_(None), batch.c.not_before <= now, batch.c.not_before > now + _LONGEST_WAIT)


def _sending_issue_id(connection: Connection, known: Issue) -> int | None:
    query = select(issue.c.id).where(
        issue.c.newsletter == known.newsletter, issue.c.period == known.period, issue.c.state == IssueState.SENDING
    )
    return connection.execute(query).scalar()
