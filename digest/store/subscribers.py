"""The list of readers that the digest keeps itself: who is on it, who agreed and how, and who must get nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from digest.models import Standing, Subscriber
from digest.store.connecting import telling_people
from digest.store.issues import know_newsletter
from digest.store.schema import reader, suppression

_PAGE = 500  # rows a statement: well below the number of parameters that a database accepts

KNOWN, TWICE = "known", "twice"
"""What `take` answers for an address that is on the list, and for one that an earlier line of the import had."""


def may_get(slug: str) -> ColumnElement[bool]:
    """Return what is true for a row of `reader` that gets the newsletter; join nothing to it."""
    kept_out = select(suppression.c.address).where(suppression.c.address == reader.c.address).correlate(reader).exists()
    return and_(
        reader.c.newsletter == slug,
        reader.c.listed,
        reader.c.confirmed_at.is_not(None),
        reader.c.suppressed_because == "",
        ~kept_out,
    )


class Subscribers:
    """The listed rows of the `reader` table. An address is compared as `digest.send.audience.identity` writes it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, slug: str, page: Sequence[tuple[str, Subscriber]], now: datetime, run: str) -> Sequence[str]:
        """Put a page of an import on the list; `run` names the import, the same for all its pages.

        Each entry has the address as it is compared beside it. Returns for each what came of it: nothing when it is
        new, `known` when it was there (what the import says of it is kept, the rest stays), `twice`, or why the
        address must get nothing: nobody is brought back by an import.
        """
        told: list[str] = []
        with telling_people(), self._engine.begin() as connection:
            know_newsletter(connection, slug, now)
            for start in range(0, len(page), _PAGE):
                told += _take(connection, slug, page[start : start + _PAGE], now, run)
        return told

    def count(self, slug: str) -> int:
        """Return how many readers get the newsletter."""
        with telling_people(), self._engine.begin() as connection:
            return connection.execute(select(func.count()).select_from(reader).where(may_get(slug))).scalar_one()

    def standings(self, slug: str) -> dict[Standing, int]:
        """Count the readers on the list by whether they get the newsletter."""
        because = func.coalesce(suppression.c.because, func.nullif(reader.c.suppressed_because, ""))
        query = select(because, reader.c.confirmed_at.is_not(None), func.count()).select_from(_with_suppressions())
        query = query.where(reader.c.newsletter == slug, reader.c.listed).group_by(
            because, reader.c.confirmed_at.is_not(None)
        )
        counts = dict.fromkeys(Standing, 0)
        with telling_people(), self._engine.begin() as connection:
            for why, confirmed, count in connection.execute(query):
                counts[_standing(why, confirmed=confirmed)] += count
        return counts

    def first(self, slug: str, count: int) -> tuple[Subscriber, ...]:
        """Return the first readers who get the newsletter."""
        query = _everything().where(may_get(slug)).order_by(reader.c.id).limit(count)
        with telling_people(), self._engine.begin() as connection:
            return tuple(_subscriber(row) for row in connection.execute(query))

    def everyone(self, slug: str) -> Iterator[Subscriber]:
        """Yield all who are or were on the list, in the order in which they came; a page at a time."""
        last = 0
        while True:
            query = _everything().where(reader.c.newsletter == slug, reader.c.listed, reader.c.id > last)
            with telling_people(), self._engine.begin() as connection:
                rows = connection.execute(query.order_by(reader.c.id).limit(_PAGE)).all()
            yield from map(_subscriber, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1].id

    def find(self, slug: str, identity: str) -> Subscriber | None:
        """Return a reader of the list by the address as it is compared."""
        query = _everything().where(reader.c.newsletter == slug, reader.c.listed, reader.c.address == identity)
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        return _subscriber(row) if row else None

    def choose(self, token: str, *, name: str, language: str, sections: Sequence[str]) -> bool:
        """Keep what a reader wants; no sections stand for all. False when nobody on a list has the token."""
        change = update(reader).where(reader.c.token == token, reader.c.listed)
        with telling_people(), self._engine.begin() as connection:
            chosen = change.values(name=name, language=language, sections=_packed(sections))
            return connection.execute(chosen).rowcount > 0

    def come_back(self, token: str, how: str) -> bool:
        """Let a reader who unsubscribed get the newsletter again; `how` is added to the consent.

        Only a choice of the reader's own is taken back: False for a bounce, a complaint, and for who is not out.
        """
        gone = and_(reader.c.token == token, reader.c.listed, reader.c.suppressed_because == Standing.UNSUBSCRIBED)
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(select(reader).where(gone).with_for_update()).one_or_none()
            if row is None:
                return False
            back = {"suppressed_because": "", "suppressed_at": None, "consent": f"{row.consent} · {how}".strip(" ·")}
            connection.execute(update(reader).where(reader.c.id == row.id).values(**back))
            return True

    def forget(self, slug: str, identity: str, now: datetime) -> bool:
        """Erase what is known of a reader but for the address, which must not be written to again by mistake.

        False when nobody on the list has the address.
        """
        change = update(reader).where(reader.c.newsletter == slug, reader.c.address == identity, reader.c.listed)
        erased: dict[str, Any] = {"name": "", "language": "", "sections": "", "consent": "", "listed": False}
        gone = {"suppressed_because": Standing.UNSUBSCRIBED, "suppressed_at": now, "confirmed_at": None}
        with telling_people(), self._engine.begin() as connection:
            return connection.execute(change.values(**erased, **gone)).rowcount > 0


def _take(
    connection: Connection, slug: str, page: Sequence[tuple[str, Subscriber]], now: datetime, run: str
) -> list[str]:
    addresses = list(dict.fromkeys(address for address, _ in page))
    query = select(reader).where(reader.c.newsletter == slug, reader.c.address.in_(addresses))
    known = {row.address: row for row in connection.execute(query.with_for_update())}
    out = select(suppression.c.address, suppression.c.because).where(suppression.c.address.in_(addresses))
    kept_out = {row.address: row.because for row in connection.execute(out)}
    told, new, changed, seen = [], [], [], set()
    for address, each in page:
        row = known.get(address)
        if address in seen or (row is not None and row.imported_in == run):
            told.append(TWICE)
            continue
        seen.add(address)
        if why := kept_out.get(address) or (row.suppressed_because if row is not None else ""):
            told.append(why)
        elif row is None:
            told.append("")
            new.append(
                {
                    "newsletter": slug,
                    "address": address,
                    "token": secrets.token_urlsafe(18),
                    **_new(each, now),
                    "imported_in": run,
                }
            )
        else:
            told.append(KNOWN if row.listed else "")
            changed.append({"of_reader": row.id, **_merged(row, each, now), "imported_in": run})
    if new:
        connection.execute(insert(reader), new)
    if changed:
        connection.execute(update(reader).where(reader.c.id == bindparam("of_reader")), changed)
    return told


def _new(each: Subscriber, now: datetime) -> dict[str, Any]:
    return {
        "suppressed_because": "",
        "listed": True,
        "written": each.address,
        "name": each.name,
        "language": each.language,
        "sections": _packed(each.sections),
        "created_at": each.created_at or now,
        "confirmed_at": each.confirmed_at,
        "consent": each.consent,
    }


def _merged(row: Row[Any], each: Subscriber, now: datetime) -> dict[str, Any]:
    """Return what a known reader becomes: the import's words where it has some; consent is never taken back."""
    return {
        "listed": True,
        "written": each.address,
        "name": each.name or row.name,
        "language": each.language or row.language,
        "sections": _packed(each.sections) or row.sections,
        "created_at": row.created_at or each.created_at or now,
        "confirmed_at": row.confirmed_at or each.confirmed_at,
        "consent": row.consent or each.consent,
    }


def _packed(sections: Sequence[str]) -> str:
    return f" {' '.join(sections)} " if sections else ""


def _with_suppressions() -> Any:
    return reader.outerjoin(suppression, suppression.c.address == reader.c.address)


def _everything() -> Select[Any]:
    query = select(reader, suppression.c.because.label("out_because"), suppression.c.at.label("out_at"))
    return query.select_from(_with_suppressions())


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        address=row.written,
        name=row.name,
        language=row.language,
        sections=tuple(row.sections.split()),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        consent=row.consent,
        token=row.token,
        suppressed_because=row.out_because or row.suppressed_because,
        suppressed_at=row.out_at or row.suppressed_at,
    )


def _standing(why: str | None, *, confirmed: bool) -> Standing:
    if why:
        return Standing.UNSUBSCRIBED if why == Standing.UNSUBSCRIBED else Standing.SUPPRESSED
    return Standing.SUBSCRIBED if confirmed else Standing.UNCONFIRMED
