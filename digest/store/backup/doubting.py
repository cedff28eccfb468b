"""What the issues of a backup become once it is the store: whatever may have left since is left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update

from digest.models import DeliveryState, Issue, IssueState
from digest.store.batches import end_claim
from digest.store.issues import UNDECIDED, note
from digest.store.restorations import RESTORED, doubt
from digest.store.schema import batch, issue, recipient
from digest.store.settling import close

_BEGUN = (IssueState.SENDING, IssueState.PAUSED, IssueState.SETTLING, IssueState.NEEDS_REVIEW)
_TAKEN_UP = (IssueState.SKIPPED, IssueState.EXPIRED)
"""States that an issue can leave again; `Issues.save` reads its history then."""
_SAID = "the store was restored from a backup: it may have been sent since"


@dataclass(slots=True)
class Doubts:
    """What waits for a person after a restoration."""

    held: list[str] = field(default_factory=list)
    """Names of issues that may have left as a whole."""
    unclear: dict[str, int] = field(default_factory=dict)
    """Issue that had begun to leave -> readers of whom nobody knows whether they have it."""


def leave_to_people(connection: Connection, taken_at: datetime, now: datetime, who: str) -> Doubts:
    """Hold every issue that may have left since the backup, and tell so in its history."""
    doubts = Doubts()
    states = (*UNDECIDED, *_BEGUN, *_TAKEN_UP)
    rows = connection.execute(select(issue).where(issue.c.state.in_(states)).order_by(issue.c.due_at)).all()
    # What was asked for is no longer known to be all that was asked for: no request is the same as before.
    connection.execute(update(batch).where(batch.c.state == DeliveryState.UNKNOWN).values(asked=0))
    for row in rows:
        name = f"{row.newsletter}/{row.period}"
        if row.state in _BEGUN:
            told = _begun(connection, row, name, taken_at, now, doubts)
        else:
            told = doubt(name, taken_at, now)
            if row.state in UNDECIDED:
                doubts.held.append(name)
                before = f" (before that: {row.reason})" if row.reason and RESTORED not in row.reason else ""
                # Not `updated_at`: that tells what somebody said about its posts after it was built.
                held = {"state": IssueState.HELD, "reason": told + before, "approved_by": ""}
                connection.execute(update(issue).where(issue.c.id == row.id).values(**held))
        note(connection, row.id, now, who, RESTORED, told)
    return doubts


def _begun(connection: Connection, row: Row[Any], name: str, taken_at: datetime, now: datetime, doubts: Doubts) -> str:
    """Let nothing more of an issue leave that had begun to; return what to tell of it."""
    _doubt_copies(connection, row.id, taken_at, now)
    those = select(func.count()).where(recipient.c.issue_id == row.id, recipient.c.state == DeliveryState.UNKNOWN)
    unclear = connection.execute(those).scalar_one()
    if not unclear:
        told = f"restored from a backup of {taken_at:%Y-%m-%d %H:%M} UTC; nothing of it was left to send"
        known = Issue(row.newsletter, row.period, row.number, IssueState(row.state), row.due_at)
        close(connection, known, now)
        return told
    doubts.unclear[name] = unclear
    told = (
        f"restored from a backup of {taken_at:%Y-%m-%d %H:%M} UTC: {unclear} readers may have got it since; ask the "
        f"provider with `digest reconcile {name}`, then decide with `digest send {name} --unknown …`"
    )
    review = {"state": IssueState.NEEDS_REVIEW, "reason": told, "updated_at": now}
    connection.execute(update(issue).where(issue.c.id == row.id).values(**review))
    return told


def _doubt_copies(connection: Connection, issue_id: int, taken_at: datetime, now: datetime) -> None:
    """Turn what was still to be sent into `unknown`: nobody can know whether it was."""
    open_states = (DeliveryState.PENDING, DeliveryState.SENDING)
    batches: Sequence[int] = (
        connection.execute(select(batch.c.id).where(batch.c.issue_id == issue_id, batch.c.state.in_(open_states)))
        .scalars()
        .all()
    )
    copies = update(recipient).where(recipient.c.issue_id == issue_id, recipient.c.state == DeliveryState.PENDING)
    connection.execute(copies.values(state=DeliveryState.UNKNOWN, error=_SAID, updated_at=now))
    asked = select(func.max(batch.c.provider)).where(batch.c.issue_id == issue_id).scalar_subquery()
    mine = (batch.c.issue_id == issue_id, batch.c.state.in_(open_states))
    change = {
        "may_be_sent": True,
        "asked": 0,  # so that no repeat takes it for the very same request
        "first_attempt_at": func.coalesce(batch.c.first_attempt_at, taken_at),
        # Whom the others of the issue went to, so that it can be asked about these.
        "provider": case((batch.c.provider == "", func.coalesce(asked, "")), else_=batch.c.provider),
    }
    connection.execute(update(batch).where(*mine).values(**change))
    for each in batches:
        end_claim(connection, each, None)
