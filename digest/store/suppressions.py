"""Addresses that no newsletter writes to: bounced, complained, or kept out by hand."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine, delete, select

from digest.models import Suppression
from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore
from digest.store.schema import suppression

_PAGE = 500


class Suppressions:
    """The `suppression` table. Addresses are given as they are compared (`digest.send.audience.identity`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, entry: Suppression) -> bool:
        """Keep an address out; False when it is out already: the first reason stays."""
        row = {"address": entry.address, "because": entry.because, "detail": entry.detail[:1000], "who": entry.who}
        with telling_people(), self._engine.begin() as connection:
            new = insert_or_ignore(connection, suppression).values(**row, at=entry.at)
            return connection.execute(new.returning(suppression.c.address)).first() is not None

    def lift(self, address: str) -> bool:
        """Let an address in again; False when it was not out."""
        with telling_people(), self._engine.begin() as connection:
            done = connection.execute(delete(suppression).where(suppression.c.address == address))
            return done.rowcount > 0

    def everyone(self) -> Iterator[Suppression]:
        """Yield all addresses that are kept out, sorted; a page at a time."""
        last = ""
        while True:
            query = select(suppression).where(suppression.c.address > last).order_by(suppression.c.address)
            with telling_people(), self._engine.begin() as connection:
                rows = connection.execute(query.limit(_PAGE)).all()
            yield from (Suppression(row.address, row.because, row.detail, row.who, row.at) for row in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1].address
