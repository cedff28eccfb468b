"""What people were already told about an issue: each thing once, whoever runs, and however often."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Engine, exists, func, select

from digest.models import Issue
from digest.store.connecting import telling_people
from digest.store.issues import OVER, issue_row, note
from digest.store.schema import event, issue

REPORTED = "reported"


class Reported:
    """The lines of issues' histories that say what was reported."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, known: Issue, things: Sequence[str], now: datetime, *, anew_after: Collection[str] = ()) -> bool:
        """Note what is about to be told of an issue that is stored; False when all of it was told before.

        Of two hosts that ask at once, one gets True. What was told before something of `anew_after` happened (`what`
        of an event) counts no more: the issue went on in between, and came to the same end again.
        """
        query = select(event.c.what, event.c.detail).where(event.c.what.in_((REPORTED, *anew_after)))
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            told: set[str] = set()
            for what, detail in connection.execute(query.where(event.c.issue_id == row.id).order_by(event.c.id)):
                told = told | {detail} if what == REPORTED else set()
            news = [thing for thing in dict.fromkeys(things) if thing not in told]
            for thing in news:
                note(connection, row.id, now, "digest", REPORTED, thing)
            return bool(news)

    def unheard(self, slug: str, now: datetime) -> Sequence[str]:
        """Return the periods of due issues that came to an end which nobody was told, oldest first.

        What ended before the first report of the newsletter is none of them: reports were not wanted then.
        """
        mine = event.c.issue_id == issue.c.id
        first = (
            select(func.min(event.c.id))
            .where(event.c.what == REPORTED, event.c.issue_id.in_(select(issue.c.id).where(issue.c.newsletter == slug)))
            .scalar_subquery()
        )
        told = exists().where(mine, event.c.what == REPORTED, event.c.detail.startswith(issue.c.state))
        ended = exists().where(mine, event.c.what == issue.c.state, event.c.id > first)
        query = select(issue.c.period).where(
            issue.c.newsletter == slug, issue.c.due_at <= now, issue.c.state.in_(OVER), ended, ~told
        )
        with telling_people(), self._engine.begin() as connection:
            return connection.execute(query.order_by(issue.c.due_at)).scalars().all()

    def failed(self, known: Issue, trouble: str, now: datetime) -> None:
        """Note that one way of telling failed."""
        with telling_people(), self._engine.begin() as connection:
            row = issue_row(connection, known.newsletter, known.period)
            note(connection, row.id, now, "digest", "not reported", trouble)
