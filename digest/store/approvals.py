"""Which version of an issue somebody approved last, to tell what has changed since."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from digest.models import Issue, IssueState
from digest.store.connecting import telling_people
from digest.store.frozen import Frozen, post_ids, unpack_email, unpack_findings
from digest.store.schema import content, event, issue


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval, with the version that it was for."""

    at: datetime
    who: str
    frozen: Frozen


class Approvals:
    """Reads the `event` and `content` tables; nothing is written here."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, known: Issue) -> Approval | None:
        """Return the last approval of an issue, or None when there was none, or its version is not kept."""
        mine = (issue.c.newsletter == known.newsletter, issue.c.period == known.period)
        said = (
            select(event.c.at, event.c.who, event.c.detail, event.c.issue_id)
            .join(issue, issue.c.id == event.c.issue_id)
            .where(*mine, event.c.what == IssueState.APPROVED)
            .order_by(event.c.id.desc())
            .limit(1)
        )
        with telling_people(), self._engine.begin() as connection:
            line = connection.execute(said).one_or_none()
            if line is None or not line.detail:
                return None
            frozen = version_of(connection, line.issue_id, line.detail)
        return Approval(line.at, line.who, frozen) if frozen else None


def version_of(connection: Connection, issue_id: int, fingerprint: str) -> Frozen | None:
    """Return the version of an issue whose fingerprint begins so; None when it is not kept."""
    mine = content.c.issue_id == issue_id
    version = select(content).where(mine, content.c.fingerprint.startswith(fingerprint, autoescape=True))
    row = connection.execute(version.limit(1)).one_or_none()
    if row is None:
        return None
    selection = json.loads(row.selection)
    return Frozen(unpack_email(row.email), selection, unpack_findings(row.findings), post_ids(selection))
