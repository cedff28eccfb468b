"""What people were asked about an issue before it leaves: each version once and each reminder once, whoever runs.

It is a line of the issue's history, written before anybody is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from digest.models import Issue, IssueState
from digest.store.approvals import version_of
from digest.store.connecting import telling_people
from digest.store.frozen import Frozen
from digest.store.issues import issue_row, note
from digest.store.schema import event

ASKED = "asked"
REMINDED = "reminded"

_CLOCKS_DIFFER = timedelta(hours=1)
"""What was written further in the future than this was written by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When people were asked last, and about which version."""

    at: datetime
    fingerprint: str
    """Its beginning, as histories tell it."""
    frozen: Frozen | None
    """The version; None when it is not kept."""
    told_at: datetime
    """When they were asked or reminded last."""

    def is_about(self, issue: Issue) -> bool:
        """Tell whether it was the version that the issue has now."""
        return bool(issue.fingerprint) and issue.fingerprint.startswith(self.fingerprint)


class Reviews:
    """The lines of issues' histories that say what was asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, known: Issue, now: datetime) -> Asked | None:
        """Return the last time people were asked about an issue, reminders aside; None when they never were."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            lines = _lines(connection, row.id, now)
            asked = [each for each in lines if each.what == ASKED]
            if not asked:
                return None
            version = version_of(connection, row.id, asked[-1].detail)
            return Asked(asked[-1].at, asked[-1].detail, version, lines[-1].at)

    def claim_ask(self, known: Issue, now: datetime) -> bool:
        """Note that people are about to be asked about the version that `known` has, if it still waits.

        False when it was the last that they were asked about; of two hosts that claim at once, one gets True.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if not _waits(row, known):
                return False
            asked = [each.detail for each in _lines(connection, row.id, now) if each.what == ASKED]
            version = row.fingerprint[:12]
            if asked[-1:] == [version]:
                return False
            note(connection, row.id, now, "digest", ASKED, version)
            return True

    def claim_reminder(self, known: Issue, moment: datetime, now: datetime) -> bool:
        """Note that people are about to be reminded, at `now`, as is due at `moment`, if the issue still waits.

        False when they were told anything of it since that moment, or reminded for it.
        """
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            if not _waits(row, known):
                return False
            name = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            lines = _lines(connection, row.id, now)
            if any(each.at >= moment or (each.what == REMINDED and each.detail == name) for each in lines):
                return False
            note(connection, row.id, now, "digest", REMINDED, name)
            return True


def _waits(row: Row[Any], known: Issue) -> bool:
    return bool(row.state == IssueState.FROZEN and row.fingerprint == known.fingerprint)


def _lines(connection: Connection, issue_id: int, now: datetime) -> Sequence[Any]:
    """Return what was asked, oldest first."""
    query = select(event.c.at, event.c.what, event.c.detail).where(
        event.c.issue_id == issue_id, event.c.what.in_((ASKED, REMINDED)), event.c.at <= now + _CLOCKS_DIFFER
    )
    return connection.execute(query.order_by(event.c.id)).all()
