"""Which batches workers are told of: one of each stretch in which something may leave, and it stands for them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from digest.models import DeliveryState, Issue, IssueState
from digest.store.claiming import is_due
from digest.store.connecting import one_at_a_time, telling_people
from digest.store.issues import issue_of
from digest.store.queues import Queue
from digest.store.schema import batch, issue

_STRETCH = 10
"""Batches that a job is for: bringing a job to a worker then costs a batch next to nothing."""


def prepare(engine: Engine, queue: Queue) -> None:
    """Make or update the tables of an engine, beside the ledger's."""
    with telling_people(), engine.begin() as connection:
        one_at_a_time(connection)
        queue.prepare(connection.connection.dbapi_connection)


def hand_out(connection: Connection, issue_id: int, queue: Queue, now: datetime) -> int:
    """Tell the workers of what may leave and they do not know of yet, when the transaction ends; return the jobs."""
    driver = connection.connection.dbapi_connection
    known = queue.waiting(driver)
    new = [batch_id for batch_id in _that_may_leave(connection, issue_id, now) if batch_id not in known]
    queue.hand_out(driver, new)
    return len(new)


def _that_may_leave(connection: Connection, issue_id: int, now: datetime) -> Sequence[int]:
    """Return the first batch of each stretch that has something to send."""
    query = (
        select(func.min(batch.c.id))
        .join(issue, issue.c.id == batch.c.issue_id)
        .where(issue.c.id == issue_id, issue.c.state == IssueState.SENDING, batch.c.wave <= issue.c.wave)
        .where(batch.c.state == DeliveryState.PENDING, is_due(now))
        .group_by((batch.c.seq - 1) // _STRETCH)
        .order_by(func.min(batch.c.id))
    )
    return connection.execute(query).scalars().all()


def stretch_of(connection: Connection, batch_id: int) -> tuple[Issue, range] | None:
    """Return the issue of a batch, and the numbers of the batches that a job for it is about; None for no batch."""
    query = select(batch.c.seq, issue).join(issue, issue.c.id == batch.c.issue_id).where(batch.c.id == batch_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    start = (row.seq - 1) // _STRETCH * _STRETCH + 1
    return issue_of(row), range(start, start + _STRETCH)


def is_busy(connection: Connection, known: Issue) -> bool:
    """Tell whether workers still have something of an issue to send, or are sending it, in the waves that are open."""
    query = (
        select(batch.c.id)
        .join(issue, issue.c.id == batch.c.issue_id)
        .where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
        .where(issue.c.state == IssueState.SENDING, batch.c.wave <= issue.c.wave)
        .where(batch.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)))
        .limit(1)
    )
    return connection.execute(query).scalar() is not None
