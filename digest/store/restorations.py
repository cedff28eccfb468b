"""What a restored store cannot know: whether an issue left after the backup was taken that became the store.

So such an issue is never sent by itself; a person who has looked at the provider lets it go.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from digest.models import IssueState
from digest.store.schema import event, restoration

RESTORED = "restored"
"""`what` of the line in an issue's history that says so."""


def doubt(name: str, taken_at: datetime, restored_at: datetime) -> str:
    """Say why an issue waits for a person."""
    return (
        f"restored from a backup of {_shown(taken_at)} (on {_shown(restored_at)}); it may have left since: look at the "
        f"provider. If it has not left: `digest build {name}` unless it is built, then `digest approve {name}`; "
        f"if it has: `digest skip {name}`"
    )


def doubt_about_slot(connection: Connection, name: str, due_at: datetime) -> str:
    """Return why an issue that is not known here may have left all the same; empty when it cannot have.

    What was due when a backup was restored may have been planned and sent after it was taken.
    """
    query = select(func.min(restoration.c.taken_at), func.max(restoration.c.restored_at))
    row = connection.execute(query.where(restoration.c.restored_at >= due_at)).one()
    return doubt(name, *row) if row[0] is not None else ""


def doubt_about_issue(connection: Connection, issue_id: int) -> str:
    """Return what the history says of a restoration, unless a person has let the issue go since; else nothing."""
    told = or_(event.c.what == RESTORED, event.c.what == IssueState.APPROVED)
    query = select(event.c.what, event.c.detail).where(and_(event.c.issue_id == issue_id, told))
    last = connection.execute(query.order_by(event.c.id.desc()).limit(1)).one_or_none()
    return str(last.detail) if last is not None and last.what == RESTORED else ""


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
