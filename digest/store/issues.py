"""Issues: one a period for ever, their frozen versions, and who moved them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from digest.errors import IssueStateError, StoreError
from digest.models import Issue, IssueState, Slot
from digest.store.connecting import telling_people
from digest.store.frozen import Frozen, pack_email, pack_findings, post_ids, unpack_email, unpack_findings
from digest.store.restorations import RESTORED, doubt_about_issue, doubt_about_slot
from digest.store.schema import content, event, issue, newsletter

UNDECIDED = (IssueState.PLANNED, IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED, IssueState.HELD)
"""States in which an issue may still be built again, held or skipped: nothing of it has left."""

LEFT = (IssueState.SENDING, IssueState.PAUSED, IssueState.SETTLING, IssueState.SENT, IssueState.NEEDS_REVIEW)
"""States in which mail of the issue has left, or may have."""

OVER = (IssueState.SENT, IssueState.SKIPPED, IssueState.EXPIRED, IssueState.CANCELLED)
"""States in which a run leaves an issue alone."""

MAY_BE_BUILT = (*UNDECIDED, IssueState.SKIPPED, IssueState.EXPIRED)
"""States from which an issue may still be built (again), so that what it shows is not settled."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an issue's history."""

    at: datetime
    who: str
    what: str
    detail: str


class Issues:
    """The `issue`, `content`, `event` and `newsletter` tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def first_seen(self, slug: str, now: datetime) -> datetime:
        """Return when this store first heard of a newsletter; `now` if it has not, or only in a rehearsed future."""
        with telling_people(), self._engine.begin() as connection:
            know_newsletter(connection, slug, now)
            later = newsletter.c.first_seen_at > now
            connection.execute(update(newsletter).where(newsletter.c.slug == slug, later).values(first_seen_at=now))
            query = select(newsletter.c.first_seen_at).where(newsletter.c.slug == slug)
            first_seen_at: datetime = connection.execute(query).scalar_one()
            return first_seen_at

    def plan(self, slug: str, slot: Slot, now: datetime) -> Issue:
        """Return the issue of a slot, made now if there is none; of two that race, both get the same one.

        The slot's window is written down, over a former one as long as the issue may still be built. It is held when a
        backup was restored after it was due: it may have left before that.
        """
        # In UTC, as it is stored: a midnight that a clock change repeats equals no moment of another zone.
        start, end = slot.window.start.astimezone(UTC), slot.window.end.astimezone(UTC)
        window = {"window_start": start, "window_end": end}
        with telling_people(), self._engine.begin() as connection:
            know_newsletter(connection, slug, now)
            doubt = doubt_about_slot(connection, f"{slug}/{slot.period}", slot.due_at)
            made = connection.execute(
                insert_or_ignore(connection, issue)
                .values(
                    newsletter=slug,
                    period=slot.period,
                    due_at=slot.due_at,
                    state=IssueState.HELD if doubt else IssueState.PLANNED,
                    reason=doubt,
                    updated_at=now,
                    **window,
                )
                .returning(issue.c.id)
            ).scalar()
            row = issue_row(connection, slug, slot.period)
            if made:
                note(connection, row.id, now, "digest", RESTORED if doubt else "planned", doubt)
            elif row.state in MAY_BE_BUILT and (row.window_start, row.window_end) != (start, end):
                connection.execute(update(issue).where(issue.c.id == row.id).values(**window))
            return issue_of(row)

    def find(self, slug: str, period: str) -> Issue | None:
        """Return an issue, or None when the store never heard of it."""
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(_where(slug, period)).one_or_none()
            return issue_of(row) if row else None

    def latest(self, slug: str | None = None, limit: int = 20) -> Sequence[Issue]:
        """Return the newest issues of one newsletter or of all, newest first."""
        query = select(issue).order_by(issue.c.due_at.desc(), issue.c.newsletter).limit(limit)
        if slug is not None:
            query = query.where(issue.c.newsletter == slug)
        with telling_people(), self._engine.begin() as connection:
            return [issue_of(row) for row in connection.execute(query)]

    def unfinished(self, slug: str, before: datetime) -> Sequence[Issue]:
        """Return the issues due before a moment that are not over: neither sent nor given up. Oldest first."""
        query = (
            select(issue)
            .where(issue.c.newsletter == slug, issue.c.due_at < before, issue.c.state.not_in(OVER))
            .order_by(issue.c.due_at)
        )
        with telling_people(), self._engine.begin() as connection:
            return [issue_of(row) for row in connection.execute(query)]

    def being_sent(self) -> Sequence[Issue]:
        """Return the issues of all newsletters that are on their way, oldest first."""
        query = select(issue).where(issue.c.state == IssueState.SENDING).order_by(issue.c.due_at)
        with telling_people(), self._engine.begin() as connection:
            return [issue_of(row) for row in connection.execute(query)]

    def next_number(self, slug: str, slot: Slot) -> int:
        """Return the number that readers see on the slot's issue: one more than the highest that has left."""
        query = select(func.max(issue.c.number)).where(
            issue.c.newsletter == slug, issue.c.period != slot.period, issue.c.state.in_(LEFT)
        )
        with telling_people(), self._engine.begin() as connection:
            return (connection.execute(query).scalar() or 0) + 1

    def save(self, known: Issue, number: int, frozen: Frozen, state: IssueState, now: datetime) -> Issue:
        """Store a version of an issue and make it the current one, in `state` (draft or frozen).

        An approval of the very same bytes stands; any other is void. Raise `IssueStateError` when the issue has begun
        to leave, or is no longer in the state that `known` has: somebody decided about it meanwhile.
        """
        fingerprint = frozen.email.fingerprint
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if row.state not in MAY_BE_BUILT:
                raise IssueStateError(f"{known.name} is {row.state}; it can no longer be built")
            if row.state != known.state:
                raise IssueStateError(f"{known.name} became {row.state} while it was being built")
            _write_content(connection, row.id, frozen, now)
            stands = row.fingerprint == fingerprint and row.state == IssueState.APPROVED
            held = row.state == IssueState.HELD
            changes: dict[str, Any] = {
                "number": number,
                "subject": frozen.email.subject,
                "fingerprint": fingerprint,
                "updated_at": now,
            }
            # Taken up again: it may have been before, and have left, when a backup was restored since.
            beside = row.state in {IssueState.SKIPPED, IssueState.EXPIRED}
            doubt = doubt_about_issue(connection, row.id) if beside else ""
            if not stands and not held:
                changes |= {"state": IssueState.HELD if doubt else state, "approved_by": "", "reason": doubt}
            connection.execute(update(issue).where(issue.c.id == row.id).values(**changes))
            if row.fingerprint != fingerprint:
                detail = "changed; the approval is void" if row.approved_by and not stands else ""
                note(connection, row.id, now, "digest", str(state), f"{fingerprint[:12]} {detail}".strip())
            return issue_of(issue_row(connection, known.newsletter, known.period))

    def frozen(self, known: Issue) -> Frozen | None:
        """Return the current version of an issue, or None while it has none."""
        query = select(content).join(
            issue, and_(issue.c.id == content.c.issue_id, issue.c.fingerprint == content.c.fingerprint)
        )
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(
                query.where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
            ).one_or_none()
        if row is None:
            return None
        email, selection = unpack_email(row.email), json.loads(row.selection)
        if email.fingerprint != row.fingerprint:
            raise StoreError(
                f"the stored mail of {known.name} is not the one with the fingerprint {row.fingerprint[:12]}",
                fix=f"restore the store, or run `digest build {known.name}`",
            )
        return Frozen(email, selection, unpack_findings(row.findings), post_ids(selection))

    def move(
        self,
        known: Issue,
        to: IssueState,
        *,
        allowed: Sequence[IssueState],
        now: datetime,
        who: str = "digest",
        reason: str = "",
        fingerprint: str | None = None,
    ) -> Issue:
        """Move an issue to another state, if it is still in one of `allowed` and still has `fingerprint`.

        Raise `IssueStateError` with what it is instead: somebody else was faster, or it is not the step's turn.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if row.state not in allowed:
                because = f" ({row.reason})" if row.reason else ""
                raise IssueStateError(f"{known.name} is {row.state}{because}, so it cannot become {to}")
            if fingerprint is not None and row.fingerprint != fingerprint:
                raise IssueStateError(
                    f"{known.name} has changed since you looked at it (now {row.fingerprint[:12]})",
                    fix="look at it again, then approve",
                )
            connection.execute(
                update(issue)
                .where(issue.c.id == row.id)
                .values(
                    state=to,
                    reason=reason,
                    updated_at=now,
                    approved_by={IssueState.APPROVED: who[:200], IssueState.FROZEN: ""}.get(to, row.approved_by),
                )
            )
            note(connection, row.id, now, who, str(to), reason or (fingerprint or "")[:12])
            return issue_of(issue_row(connection, known.newsletter, known.period))

    def events(self, known: Issue) -> Sequence[Event]:
        """Return what happened to an issue, oldest first."""
        query = select(event.c.at, event.c.who, event.c.what, event.c.detail).order_by(event.c.id)
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            return [Event(*line) for line in connection.execute(query.where(event.c.issue_id == row.id))]


def _write_content(connection: Connection, issue_id: int, frozen: Frozen, now: datetime) -> None:
    """Store a version; of one that is there already, the same bytes stay, with what was found out this time."""
    told = {
        "selection": json.dumps(frozen.selection, ensure_ascii=False),
        "findings": pack_findings(frozen.findings),
    }
    key = {"issue_id": issue_id, "fingerprint": frozen.email.fingerprint}
    row = {**key, **told, "email": pack_email(frozen.email), "created_at": now}
    made = connection.execute(insert_or_ignore(connection, content).values(**row).returning(content.c.issue_id))
    if made.scalar() is None:
        same = and_(*(content.c[name] == value for name, value in key.items()))
        connection.execute(update(content).where(same).values(**told))


def insert_or_ignore(connection: Connection, table: Any) -> Any:
    """Return an INSERT that does nothing where a unique row exists already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def know_newsletter(connection: Connection, slug: str, now: datetime) -> None:
    """Remember when a newsletter was first heard of; rows of other tables refer to it."""
    connection.execute(insert_or_ignore(connection, newsletter).values(slug=slug, first_seen_at=now))


def lock_newsletter(connection: Connection, slug: str) -> None:
    """Let nobody else decide about this newsletter until the transaction ends; taken before any lock on an issue."""
    # SQLite's transactions are alone anyway. Rows that refer to the newsletter can still be written.
    query = select(newsletter.c.slug).where(newsletter.c.slug == slug)
    connection.execute(query.with_for_update(key_share=True))


def _where(slug: str, period: str) -> Any:
    return select(issue).where(issue.c.newsletter == slug, issue.c.period == period)


def issue_row(connection: Connection, slug: str, period: str) -> Row[Any]:
    """Return an issue's row, locked until the transaction ends."""
    query = _where(slug, period)
    # PostgreSQL would let two transactions read the same state and both move it. Rows that refer to it can be written.
    return connection.execute(query.with_for_update(key_share=True)).one()


def issue_of(row: Row[Any]) -> Issue:
    """Return the issue that a row of the table stands for."""
    return Issue(
        newsletter=row.newsletter,
        period=row.period,
        number=row.number,
        state=IssueState(row.state),
        due_at=row.due_at,
        subject=row.subject,
        fingerprint=row.fingerprint,
        reason=row.reason,
        approved_by=row.approved_by,
        updated_at=row.updated_at,
    )


def note(connection: Connection, issue_id: int, now: datetime, who: str, what: str, detail: str) -> None:
    """Add a line to an issue's history."""
    connection.execute(insert(event).values(issue_id=issue_id, at=now, who=who[:200], what=what, detail=detail))
