"""How the newsletters are doing in a few numbers, for whoever watches: read only, and never in a sender's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from digest.models import DeliveryState, IssueState
from digest.store.batches import tally_of
from digest.store.connecting import ONLY_READS, telling_people
from digest.store.issues import LEFT, OVER
from digest.store.schema import batch, issue, process, recipient

_NEVER_UNKNOWN = (DeliveryState.ACCEPTED, DeliveryState.REJECTED, DeliveryState.SUPPRESSED, DeliveryState.ABANDONED)
"""States of a batch that has no unknown reader: unclear ones win over these."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of one newsletter."""

    last_success_at: datetime | None
    """When an issue was sent to its end."""
    state: IssueState | None
    """Of the newest issue; None when there is none."""
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    """Readers of the newest issue of which anything has left."""
    batches: Mapping[DeliveryState, int] = field(default_factory=dict)
    """Of all issues that are not over."""
    unknown: int = 0
    """Readers of issues that are not over of whom nobody knows whether they have them."""


class Figures:
    """What is read when somebody asks for metrics."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(**{ONLY_READS: True})

    def of(self, slug: str) -> Figure:
        """Return the numbers of a newsletter. The readers of one issue are counted: a second for a million."""
        mine = issue.c.newsletter == slug
        with telling_people(), self._engine.begin() as connection:
            newest = select(issue.c.state).where(mine).order_by(issue.c.due_at.desc()).limit(1)
            sent = select(func.max(issue.c.updated_at)).where(mine, issue.c.state == IssueState.SENT)
            left = select(issue.c.id).where(mine, issue.c.state.in_(LEFT)).order_by(issue.c.due_at.desc()).limit(1)
            state, number = connection.execute(newest).scalar(), connection.execute(left).scalar()
            return Figure(
                connection.execute(sent).scalar(),
                IssueState(state) if state else None,
                tally_of(connection, number) if number else {},
                *_going(connection, select(issue.c.id).where(mine, issue.c.state.not_in(OVER))),
            )

    def last_seen(self) -> Mapping[str, datetime]:
        """Return when a process of each kind was last seen."""
        query = select(process.c.kind, func.max(process.c.seen_at)).group_by(process.c.kind)
        with telling_people(), self._engine.begin() as connection:
            return {kind: at for kind, at in connection.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def _going(connection: Connection, those: Any) -> tuple[Mapping[DeliveryState, int], int]:
    """Count batches by state, and unknown readers, of the issues in a query."""
    counted = select(batch.c.state, func.count()).where(batch.c.issue_id.in_(those)).group_by(batch.c.state)
    batches = {DeliveryState(state): count for state, count in connection.execute(counted)}
    # Only where a request was made: of a million readers who wait, none is looked at.
    tried = select(batch.c.id).where(
        batch.c.issue_id.in_(those), batch.c.attempts > 0, batch.c.state.not_in(_NEVER_UNKNOWN)
    )
    unknown = select(func.count()).where(recipient.c.batch_id.in_(tried), recipient.c.state == DeliveryState.UNKNOWN)
    return batches, connection.execute(unknown).scalar_one()
