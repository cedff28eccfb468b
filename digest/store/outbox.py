"""The outbox: every reader of an issue, in batches, with the intent stored before a request and the answer after.

    recipient   pending > accepted | rejected | unknown        pending > suppressed
                unknown > pending | accepted | abandoned       by `repeat`, `settle` or `resolve`

While a request is under way its batch is `sending`; otherwise a batch's state follows from its recipients'. No
transaction is open while mail is on its way: `claim` commits before, `record` begins after. A claim that was never
recorded becomes `unknown` in `sweep` and is not sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from digest.models import (
    NO_LIMITS,
    Claim,
    Delivery,
    DeliveryState,
    Ended,
    Issue,
    IssueState,
    Later,
    Limits,
    Recipient,
    Wave,
)
from digest.store import settling
from digest.store.batches import SHOWN_STATE, note_ended, tally_of
from digest.store.claiming import next_is_due, open_next_wave, take_next, wave_over
from digest.store.connecting import telling_people
from digest.store.cutting import Cut
from digest.store.departure import depart
from digest.store.handing_out import hand_out, is_busy, stretch_of
from digest.store.issues import issue_row, note
from digest.store.queues import Queue
from digest.store.schema import issue, reader, recipient


class Outbox:
    """The `batch`, `recipient` and `attempt` tables."""

    def __init__(self, engine: Engine, queue: Queue | None = None) -> None:
        self._engine, self._queue = engine, queue

    @property
    def has_workers(self) -> bool:
        """Whether what may leave is brought to worker processes, and not sent by who began it."""
        return self._queue is not None

    def begin(
        self,
        known: Issue,
        posts: Sequence[str],
        audience: Sequence[Recipient] | None,
        batch_size: int,
        now: datetime,
        *,
        seeds: Sequence[Recipient] = (),
        first_share: float = 0,
        who: str = "digest",
    ) -> None:
        """Start sending an approved issue: cover its posts, write down its readers, cut the batches. All or nothing.

        `audience` has unique tokens (`Readers.tokens`). Readers who must get nothing are written down as suppressed.
        Without an audience it goes to those on the list of the store who want a section that it has. `seeds` (with
        tokens, too) are the first wave, `first_share` (above 0, below 1) of the readers the next, chosen by chance.
        `who` said so: the digest itself, or a person. Raise `IssueStateError` when the issue is not approved, or when
        another issue meanwhile brought a post or left with the same number.
        """
        with telling_people(), self._engine.begin() as connection:
            depart(connection, known, posts, audience, Cut(batch_size, tuple(seeds), first_share), now, who)
            self._hand_out(connection, known, now)

    def claim(
        self,
        known: Issue,
        owner: str,
        now: datetime,
        lease_until: datetime,
        *,
        provider: str = "",
        repeatable_since: datetime | None = None,
        after: Ended | None = None,
        limits: Limits = NO_LIMITS,
        within: range | None = None,
    ) -> Claim | Later | None:
        """Take the next batch that may be sent now, or None (also when the issue is no longer being sent).

        `Later` when there is one, and the pace of the provider or `limits` do not let it leave: they are held to by all
        who send through `provider`, on any host. `within` are the numbers of the batches that it may be.

        With `after`, what became of the owner's last claim is recorded in the same transaction.

        What was not tried yet comes before what waits for another try. Readers suppressed since `begin` are dropped. A
        batch that a provider may have already is given again only to this very provider, whole, and when it was first
        tried since `repeatable_since`: what comes later would no longer be known as a repeat, and becomes `unknown`.
        """
        with telling_people(), self._engine.begin() as connection:
            if after is not None:
                note_ended(connection, after)
            return take_next(connection, known, owner, now, lease_until, provider, repeatable_since, limits, within)

    def record(self, ended: Ended) -> bool:
        """Write down what became of a claim.

        False when a newer attempt exists, or a person has resolved the batch meanwhile: then nothing is changed.
        """
        with telling_people(), self._engine.begin() as connection:
            return note_ended(connection, ended)

    def sweep(self, known: Issue, now: datetime, is_dead: Callable[[str], bool | None]) -> int:
        """Turn claims whose owner died into `unknown`; return how many readers that are.

        Where `is_dead` cannot know (None), an owner counts as dead when its lease is over.
        """
        with telling_people(), self._engine.begin() as connection:
            return settling.sweep(connection, known, now, is_dead)

    def repeat(self, known: Issue, provider: str, since: datetime, now: datetime) -> int:
        """Let unclear batches be sent again whose repeat the provider knows as such; return how many readers that is.

        Only those that it was first asked for since a moment, and of which no reader is settled: the rest of a batch
        would be another request.
        """
        with telling_people(), self._engine.begin() as connection:
            return settling.repeat(connection, known, provider, since, now)

    def resolve(self, known: Issue, of: DeliveryState, to: DeliveryState, now: datetime, who: str) -> int:
        """Decide what becomes of every reader of an issue in state `of`; return how many they were.

        `unknown` becomes `pending` when a second copy is accepted, `accepted` when they are known to have it,
        `abandoned` when nobody will know. `rejected` becomes `pending` for another try, `pending` becomes `abandoned`
        to stop.
        """
        with telling_people(), self._engine.begin() as connection:
            return settling.resolve(connection, known, of, to, now, who)

    def unclear(self, known: Issue, provider: str | None, before: datetime | None) -> Sequence[Claim]:
        """Return the unknown readers by batch: of one provider or of all, and unknown since before a moment or not."""
        with telling_people(), self._engine.begin() as connection:
            return settling.unclear(connection, known, provider, before)

    def settle(
        self, known: Issue, claim: Claim, deliveries: Sequence[Delivery], now: datetime, *, draft_id: str = ""
    ) -> bool:
        """Write down what a look-up found out about some unknown readers.

        A reader who is still unknown stays so; who is `pending` certainly has nothing. False when the batch has been
        tried again meanwhile: then nothing is changed.
        """
        with telling_people(), self._engine.begin() as connection:
            return settling.settle(connection, known, claim, deliveries, draft_id, now)

    def pause(self, known: Issue, reason: str, now: datetime) -> None:
        """Let nothing more of an issue leave until a person says so; nothing happens to one that is not being sent."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if row.state == IssueState.SENDING:
                change = update(issue).where(issue.c.id == row.id)
                connection.execute(change.values(state=IssueState.PAUSED, reason=reason, updated_at=now))
                note(connection, row.id, now, "digest", str(IssueState.PAUSED), reason)

    def finish(self, known: Issue, now: datetime) -> IssueState:
        """Close an issue with nothing left to send.

        It is `sent`; `needs_review` while a reader is `unknown`, or when every single reader was rejected; `cancelled`
        when it was abandoned before anybody got it.
        """
        with telling_people(), self._engine.begin() as connection:
            return settling.close(connection, known, now)

    def tally(self, known: Issue) -> Mapping[DeliveryState, int]:
        """Count an issue's readers by state; states without readers are left out."""
        with telling_people(), self._engine.begin() as connection:
            return tally_of(connection, issue_row(connection, known.newsletter, known.period).id)

    def waits_until(self, known: Issue, now: datetime) -> datetime | None:
        """Return when the first pending batch may be tried (at most `now`: at once), or None when none may."""
        with telling_people(), self._engine.begin() as connection:
            return next_is_due(connection, known, now)

    def wave_over(self, known: Issue) -> Wave | None:
        """Return how the open wave went, when all its readers were tried and another wave waits; else None."""
        with telling_people(), self._engine.begin() as connection:
            return wave_over(connection, known)

    def open_next_wave(self, known: Issue, over: Wave, now: datetime) -> bool:
        """Let the wave after `over` leave; False when that was done already, or the issue is not being sent."""
        with telling_people(), self._engine.begin() as connection:
            opened = open_next_wave(connection, known, over, now)
            if opened:
                self._hand_out(connection, known, now)
            return opened

    def hand_out(self, known: Issue, now: datetime) -> int:
        """Tell workers of what may leave and they do not know of yet; return the number of jobs."""
        with telling_people(), self._engine.begin() as connection:
            return self._hand_out(connection, known, now)

    def stretch_of(self, batch_id: int) -> tuple[Issue, range] | None:
        """Return the issue of a batch that was handed out, and the numbers of those that are to be sent with it."""
        with telling_people(), self._engine.begin() as connection:
            return stretch_of(connection, batch_id)

    def is_busy(self, known: Issue) -> bool:
        """Tell whether something of an issue's open waves is still to be sent, or is under way."""
        with telling_people(), self._engine.begin() as connection:
            return is_busy(connection, known)

    def _hand_out(self, connection: Connection, known: Issue, now: datetime) -> int:
        if self._queue is None:
            return 0
        return hand_out(connection, issue_row(connection, known.newsletter, known.period).id, self._queue, now)

    def deliveries(self, known: Issue) -> Iterator[Delivery]:
        """Yield what became of every reader's copy, in the order of the audience."""
        query = (
            select(recipient.c.address, recipient.c.name, reader.c.token, SHOWN_STATE)
            .add_columns(recipient.c.message_id, recipient.c.error, recipient.c.updated_at)
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
