"""Which version of an issue somebody approved last, to tell what has changed since."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

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
            version = select(content).where(
                content.c.issue_id == line.issue_id, content.c.fingerprint.startswith(line.detail, autoescape=True)
            )
            row = connection.execute(version.limit(1)).one_or_none()
        if row is None:
            return None
        selection = json.loads(row.selection)
        frozen = Frozen(unpack_email(row.email), selection, unpack_findings(row.findings), post_ids(selection))
        return Approval(line.at, line.who, frozen)
