"""Readers: the token that stands for each of them in links, and who must get nothing any more."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore, know_newsletter
from digest.store.schema import reader

_PAGE = 500  # rows a statement: well below the number of parameters that a database accepts


@dataclass(frozen=True, slots=True)
class Reader:
    """What a link's token stands for."""

    newsletter: str
    address: str
    suppressed_because: str


class Readers:
    """The `reader` table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tokens(self, slug: str, addresses: Iterable[str], now: datetime) -> Mapping[str, str]:
        """Return each address's token, made once and kept for ever, so that links in old issues go on working.

        Addresses are in their normal form (`digest.send.audience.normal_form`).
        """
        known: dict[str, str] = {}
        with telling_people(), self._engine.begin() as connection:
            know_newsletter(connection, slug, now)
            for page in _pages(addresses):
                connection.execute(
                    insert_or_ignore(connection, reader),
                    [{"newsletter": slug, "address": one, "token": secrets.token_urlsafe(18)} for one in page],
                )
                query = select(reader.c.address, reader.c.token)
                rows = connection.execute(query.where(reader.c.newsletter == slug, reader.c.address.in_(page)))
                known |= {row.address: row.token for row in rows}
        return known

    def by_token(self, token: str) -> Reader | None:
        """Return the reader whom a link's token stands for, or None."""
        query = select(reader.c.newsletter, reader.c.address, reader.c.suppressed_because)
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(query.where(reader.c.token == token)).one_or_none()
        return Reader(*row) if row else None

    def suppress(self, token: str, because: str, now: datetime) -> bool:
        """Send this reader nothing any more; True if that is news, False if it was so or the token is unknown."""
        change = (
            update(reader)
            .where(reader.c.token == token, reader.c.suppressed_because == "")
            .values(suppressed_because=because, suppressed_at=now)
        )
        with telling_people(), self._engine.begin() as connection:
            return connection.execute(change).rowcount > 0


def _pages(addresses: Iterable[str]) -> Iterable[list[str]]:
    everyone = list(dict.fromkeys(addresses))
    return (everyone[start : start + _PAGE] for start in range(0, len(everyone), _PAGE))
