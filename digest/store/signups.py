"""Who asked to be on a list by a form, who confirmed it, and who is erased because they never did."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, select, update

from digest.models import Standing, Subscriber
from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore, know_newsletter
from digest.store.schema import reader, recipient, suppression

KEPT_FOR = timedelta(days=7)
"""So long a confirmation link works, and an unconfirmed reader is kept."""

_FORM = "form"
"""Stands in `imported_in` for who came by the form; an import that has the reader writes its own name over it."""
_PAUSE, _DAY, _A_DAY = timedelta(hours=1), timedelta(days=1), 3
_ASKED = re.compile(r"asked (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ): ")
_BETWEEN = " · "
"""Between the parts of a consent; on one line, because a list is exported with a line for each reader."""


class SignUps:
    """The rows of the `reader` table that a form brings. Addresses are compared as in `Subscribers`.

    When an address was asked stands in its row, with what the person agreed to: the bound on mails to somebody who may
    know nothing of the form has to outlive a restart.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, slug: str, identity: str, asking: Subscriber, now: datetime) -> str | None:
        """Write down that somebody asked for a newsletter; return the token for a confirmation mail, or None.

        None for who gets the newsletter already, for who bounced or complained, and for an address that was asked
        within the hour or three times within the day. Nothing that is known of a reader changes but for the evidence:
        whoever fills in the form may be somebody else.
        """
        with telling_people(), self._engine.begin() as connection:
            if _is_kept_out(connection, identity):
                return None
            know_newsletter(connection, slug, now)
            connection.execute(insert_or_ignore(connection, reader).values(**_new(slug, identity, asking, now)))
            query = select(reader).where(reader.c.newsletter == slug, reader.c.address == identity)
            row = connection.execute(query.with_for_update()).one()
            if row.suppressed_because not in {"", Standing.UNSUBSCRIBED}:
                return None
            if row.listed and row.confirmed_at and not row.suppressed_because:
                return None
            if not _may_be_asked(_times(row), now):
                return None
            changes: dict[str, Any] = {"consent": _with_evidence(row.consent, f"asked {_stamp(now)}: {asking.consent}")}
            if not row.listed:  # of a list in a file, or erased: begins anew
                changes |= {"listed": True, "imported_in": _FORM, "created_at": now, "confirmed_at": None}
                changes |= {"written": asking.address, "name": asking.name, "language": asking.language}
            elif row.imported_in == _FORM and not row.confirmed_at:
                changes["created_at"] = now
            connection.execute(update(reader).where(reader.c.id == row.id).values(**changes))
            return str(row.token)

    def confirm(self, token: str, seen_from: str, now: datetime) -> bool:
        """Put on the list who was asked within a week; True also for who is on it already. False for all others.

        It lifts an `unsubscribed` that is older than the asking, and nothing else. `seen_from` is kept as evidence.
        """
        with telling_people(), self._engine.begin() as connection:
            query = select(reader).where(reader.c.token == token, reader.c.listed).with_for_update()
            row = connection.execute(query).one_or_none()
            if row is None or _is_kept_out(connection, row.address):
                return False
            if row.confirmed_at and not row.suppressed_because:
                return True
            asked = max(_times(row), default=None)
            if asked is None or now - asked > KEPT_FOR:
                return False
            if row.suppressed_because and (
                row.suppressed_because != Standing.UNSUBSCRIBED or row.suppressed_at.replace(microsecond=0) > asked
            ):
                return False
            evidence = f"{row.consent}{_BETWEEN}confirmed {_stamp(now)} from {seen_from}"
            back = {"suppressed_because": "", "suppressed_at": None, "confirmed_at": now, "consent": evidence}
            connection.execute(update(reader).where(reader.c.id == row.id).values(**back))
            return True

    def erase_unconfirmed(self, now: datetime) -> int:
        """Erase who came by a form of any newsletter and did not confirm within a week; return how many.

        Of an address that must not be written to, or that got mail before, only the address stays.
        """
        late = and_(
            reader.c.listed,
            reader.c.imported_in == _FORM,
            reader.c.confirmed_at.is_(None),
            reader.c.created_at < now - KEPT_FOR,
        )
        got_mail = select(recipient.c.id).where(recipient.c.reader_id == reader.c.id).correlate(reader).exists()
        blank = {"listed": False, "name": "", "language": "", "sections": "", "consent": "", "imported_in": ""}
        with telling_people(), self._engine.begin() as connection:
            gone = connection.execute(delete(reader).where(late, reader.c.suppressed_because == "", ~got_mail))
            return gone.rowcount + connection.execute(update(reader).where(late).values(**blank)).rowcount


def _new(slug: str, identity: str, asking: Subscriber, now: datetime) -> dict[str, Any]:
    return {
        "newsletter": slug,
        "address": identity,
        "token": secrets.token_urlsafe(18),
        "listed": True,
        "written": asking.address,
        "name": asking.name,
        "language": asking.language,
        "created_at": now,
        "imported_in": _FORM,
    }


def _is_kept_out(connection: Connection, identity: str) -> bool:
    query = select(suppression.c.address).where(suppression.c.address == identity)
    return connection.execute(query).first() is not None


def _times(row: Row[Any]) -> list[datetime]:
    return [datetime.fromisoformat(found) for found in _ASKED.findall(row.consent)]


def _may_be_asked(times: Sequence[datetime], now: datetime) -> bool:
    return not any(now - at < _PAUSE for at in times) and sum(now - at < _DAY for at in times) < _A_DAY


def _with_evidence(consent: str, asked: str) -> str:
    """Add an asking; of those before it that nobody confirmed, as many stay as the bound of a day has to know."""
    parts = [part for part in consent.split(_BETWEEN) if part]
    settled = next((at for at in range(len(parts), 0, -1) if not _ASKED.match(parts[at - 1])), 0)
    open_ones = parts[settled:][-(_A_DAY - 1) :]
    return _BETWEEN.join([*parts[:settled], *open_ones, asked.replace(_BETWEEN, " ")])


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
