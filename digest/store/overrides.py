"""What people said about the posts of one issue: who and when, what stands, and what was undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, insert, select, update

from digest.errors import IssueStateError
from digest.models import Override, OverrideKind
from digest.store.connecting import telling_people
from digest.store.issues import MAY_BE_BUILT, know_newsletter, lock_newsletter, note
from digest.store.schema import issue, override

_OPPOSITES = (OverrideKind.PIN, OverrideKind.EXCLUDE)


class Overrides:
    """The `override` table. An issue's posts can be spoken about before it is planned, and until it begins to leave."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, slug: str, period: str, post_id: str, kind: OverrideKind, value: str, who: str, now: datetime
    ) -> Override:
        """Write down what somebody says about a post; it takes the place of what was said of the same kind before.

        Pinning a post takes its exclusion back, and the other way round. Raise `IssueStateError` when the issue can no
        longer be built.
        """
        kinds = _OPPOSITES if kind in _OPPOSITES else (kind,)
        rivals = and_(_standing(slug, period), override.c.post_id == post_id, override.c.kind.in_(kinds))
        with telling_people(), self._engine.begin() as connection:
            know_newsletter(connection, slug, now)
            lock_newsletter(connection, slug)
            issue_id = _still_open(connection, slug, period)
            former = connection.execute(select(override).where(rivals).order_by(override.c.at, override.c.id)).all()
            connection.execute(update(override).where(rivals).values(undone_at=now, undone_by=who[:200]))
            said = {"post_id": post_id, "kind": kind, "value": value, "who": who[:200], "at": now}
            row = connection.execute(
                insert(override).values(newsletter=slug, period=period, **said).returning(*override.c)
            ).one()
            if issue_id is not None:
                instead = "; ".join(_words(each) for each in former)
                detail = f"{_words(row)} (instead of {instead})" if former else _words(row)
                note(connection, issue_id, now, who, "override", detail)
            return _override(row)

    def undo(self, slug: str, period: str, override_id: int | None, who: str, now: datetime) -> Override:
        """Take back what was said: by its id, or the newest that stands. What it had replaced does not come back.

        Raise `IssueStateError` when there is nothing of the kind, or the issue can no longer be built.
        """
        with telling_people(), self._engine.begin() as connection:
            lock_newsletter(connection, slug)
            issue_id = _still_open(connection, slug, period)
            said = connection.execute(select(override).where(_of(slug, period)).order_by(override.c.at, override.c.id))
            row = _to_undo(said.all(), f"{slug}/{period}", override_id)
            undone = {"undone_at": now, "undone_by": who[:200]}
            change = update(override).where(override.c.id == row.id).values(**undone).returning(*override.c)
            row = connection.execute(change).one()
            if issue_id is not None:
                note(connection, issue_id, now, who, "override undone", _words(row))
            return _override(row)

    def standing(self, slug: str, period: str) -> tuple[Override, ...]:
        """Return what holds for an issue, in the order in which it was said."""
        return self._read(_standing(slug, period))

    def history(self, slug: str, period: str) -> tuple[Override, ...]:
        """Return all that was ever said about an issue's posts, with what was undone, in the order of saying it."""
        return self._read(_of(slug, period))

    def so_far(self) -> tuple[int, int]:
        """Return two numbers that grow: one with whatever is said about any issue, one with whatever is undone."""
        with telling_people(), self._engine.begin() as connection:
            newest, undone = connection.execute(select(func.max(override.c.id), func.count(override.c.undone_at))).one()
            return newest or 0, undone

    def _read(self, those: ColumnElement[bool]) -> tuple[Override, ...]:
        query = select(override).where(those).order_by(override.c.at, override.c.id)
        with telling_people(), self._engine.begin() as connection:
            return tuple(_override(row) for row in connection.execute(query))


def _of(slug: str, period: str) -> ColumnElement[bool]:
    return and_(override.c.newsletter == slug, override.c.period == period)


def _standing(slug: str, period: str) -> ColumnElement[bool]:
    return and_(_of(slug, period), override.c.undone_at.is_(None))


def _still_open(connection: Connection, slug: str, period: str) -> int | None:
    """Return the id of the issue, locked; None while it is not planned. Raise `IssueStateError` when it is too late."""
    query = select(issue.c.id, issue.c.state).where(issue.c.newsletter == slug, issue.c.period == period)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    if row.state not in MAY_BE_BUILT:
        raise IssueStateError(f"{slug}/{period} is {row.state}; its posts can no longer be changed")
    issue_id: int = row.id
    return issue_id


def _to_undo(said: Sequence[Row[Any]], name: str, override_id: int | None) -> Row[Any]:
    """Return the one that is meant; raise `IssueStateError` when there is none, or it stands no more."""
    meant = [row for row in said if (row.undone_at is None if override_id is None else row.id == override_id)]
    if not meant and override_id is None:
        raise IssueStateError(f"nothing is overridden in {name}, so nothing can be undone")
    if not meant:
        raise IssueStateError(f"{name} has no override {override_id}")
    if meant[-1].undone_at is not None:
        raise IssueStateError(f"override {override_id} of {name} was undone by {meant[-1].undone_by} already")
    return meant[-1]


def _words(row: Row[Any]) -> str:
    return f"{row.kind} {row.post_id}: {row.value}" if row.value else f"{row.kind} {row.post_id}"


def _override(row: Row[Any]) -> Override:
    return Override(
        row.id, row.post_id, OverrideKind(row.kind), row.value, row.who, row.at, row.undone_at, row.undone_by
    )
