"""What providers tell later: written down once, beside the copy that it is about, and heeded at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, update

from digest.models import DeliveryState, EventKind, Issue, ProviderEvent
from digest.store.batches import SHOWN_STATE, follow_recipients
from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore
from digest.store.schema import issue, provider_event, reader, recipient, suppression

_COLUMNS = {
    EventKind.DELIVERED: recipient.c.delivered_at,
    EventKind.BOUNCED: recipient.c.bounced_at,
    EventKind.COMPLAINED: recipient.c.complained_at,
    EventKind.OPENED: recipient.c.opened_at,
    EventKind.CLICKED: recipient.c.clicked_at,
}
_PAGE = 2_000
_KEPT_OUT = {EventKind.BOUNCED: "bounced", EventKind.COMPLAINED: "complained"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of some events."""

    new: int = 0
    """Others had been told before."""
    unknown: int = 0
    """Of the new ones, those about an address that no issue here went to."""
    proved: tuple[tuple[str, str], ...] = ()
    """Newsletter and period of the issues of which a copy that was `unknown` is known to have been sent."""


class ProviderEvents:
    """The `provider_event` table, and what follows from it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, provider: str, events: Sequence[tuple[str, ProviderEvent]], now: datetime) -> Heard:
        """Write down what a provider tells, each with its address as it is compared, and heed it.

        A bounce for ever and a complaint keep the address out of every newsletter; who unsubscribed gets the newsletter
        of that issue no more, and none when the issue is not known. A copy that was `unknown` is `accepted` once the
        provider tells anything about it.
        """
        new = unknown = 0
        proved: dict[tuple[str, str], None] = {}
        with telling_people(), self._engine.begin() as connection:
            for identity, event in events:
                known = _recipient_of(connection, identity, event)
                if _is_new(connection, provider, identity, event, known.issue_id if known else None, now):
                    new += 1
                    unknown += known is None
                    _heed(connection, provider, identity, event, known, now)
                    if known is not None and known.state == DeliveryState.UNKNOWN:
                        _accept(connection, known, event, now)
                        proved[known.newsletter, known.period] = None
        return Heard(new, unknown, tuple(proved))

    def counts(self, known: Issue) -> Mapping[EventKind, int]:
        """Count the readers of an issue of whom each kind of thing was told."""
        columns = [func.count(column).label(str(kind)) for kind, column in _COLUMNS.items()]
        query = select(*columns).join(issue, issue.c.id == recipient.c.issue_id)
        query = query.where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)
        with telling_people(), self._engine.begin() as connection:
            row = connection.execute(query).mappings().one()
            return {kind: row[str(kind)] for kind in _COLUMNS}

    def copies(self, known: Issue) -> Iterator[Mapping[str, Any]]:
        """Yield what became of each reader's copy: its address, state, the provider's id of it, error and times."""
        query = _copies_of(known)
        last = 0
        while True:
            page = query.where(recipient.c.id > last).order_by(recipient.c.id).limit(_PAGE)
            with telling_people(), self._engine.begin() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(dict, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["id"]

    def copies_in(
        self, known: Issue, states: Collection[DeliveryState], first: int, most: int
    ) -> Sequence[Mapping[str, Any]]:
        """Return what `copies` yields for those in certain states: `most` of them, from the place `first` (0 on) on."""
        query = _copies_of(known).where(SHOWN_STATE.element.in_(states)).order_by(recipient.c.id)
        with telling_people(), self._engine.begin() as connection:
            rows = connection.execute(query.offset(first).limit(most)).mappings()
            return [dict(row) for row in rows]

    def domains(self, known: Issue) -> Mapping[str, Mapping[str, int]]:
        """Count an issue's copies by the domain of their readers: state or kind of event -> how many."""
        counts: dict[str, dict[str, int]] = {}
        for copy in self.copies(known):
            mine = counts.setdefault(copy["address"].rpartition("@")[2].lower(), {})
            for name in (copy["state"], *(str(kind) for kind in _COLUMNS if copy[str(kind)])):
                mine[name] = mine.get(name, 0) + 1
        return counts


def _copies_of(known: Issue) -> Select[Any]:
    told = [column.label(str(kind)) for kind, column in _COLUMNS.items()]
    shown = (recipient.c.id, recipient.c.address, SHOWN_STATE, recipient.c.message_id, recipient.c.error)
    query = select(*shown, recipient.c.updated_at, *told).join(issue, issue.c.id == recipient.c.issue_id)
    return query.where(issue.c.newsletter == known.newsletter, issue.c.period == known.period)


def _recipient_of(connection: Connection, identity: str, event: ProviderEvent) -> Row[Any] | None:
    """Find the copy that an event is about: in the issue that it names, else in the last one to the address."""
    copy = (recipient.c.id, recipient.c.issue_id, recipient.c.batch_id, recipient.c.state)
    query: Select[Any] = (
        select(*copy, issue.c.newsletter, issue.c.period)
        .join(reader, reader.c.id == recipient.c.reader_id)
        .join(issue, issue.c.id == recipient.c.issue_id)
        .where(reader.c.address == identity)
        .order_by(recipient.c.id.desc())
        .limit(1)
    )
    slug, _, period = event.issue.partition("/")
    if period:
        query = query.where(issue.c.newsletter == slug, issue.c.period == period)
    return connection.execute(query).one_or_none()


def _is_new(
    connection: Connection, provider: str, identity: str, event: ProviderEvent, issue_id: int | None, now: datetime
) -> bool:
    row = {
        "provider": provider,
        "event_id": event.id,
        "kind": event.kind,
        "address": identity,
        "issue_id": issue_id,
        "at": event.at or now,
        "told_at": now,
        "detail": event.detail,
    }
    written = insert_or_ignore(connection, provider_event).values(**row)
    return connection.execute(written.returning(provider_event.c.event_id)).first() is not None


def _heed(
    connection: Connection, provider: str, identity: str, event: ProviderEvent, known: Row[Any] | None, now: datetime
) -> None:
    column = _COLUMNS.get(event.kind)
    if known is not None and column is not None:
        first = update(recipient).where(recipient.c.id == known.id, column.is_(None))
        connection.execute(first.values({column: event.at or now}))
    if because := _KEPT_OUT.get(event.kind):
        out = {"address": identity, "because": because, "detail": event.detail, "who": provider, "at": now}
        connection.execute(insert_or_ignore(connection, suppression).values(**out))
    elif event.kind is EventKind.UNSUBSCRIBED:
        left = update(reader).where(reader.c.address == identity, reader.c.suppressed_because == "")
        if known is not None:
            left = left.where(reader.c.newsletter == known.newsletter)
        connection.execute(left.values(suppressed_because="unsubscribed", suppressed_at=now))


def _accept(connection: Connection, known: Row[Any], event: ProviderEvent, now: datetime) -> None:
    """Settle a copy of which nobody knew whether it was sent: the provider would tell nothing of it otherwise."""
    still = update(recipient).where(recipient.c.id == known.id, recipient.c.state == DeliveryState.UNKNOWN)
    found = {"state": DeliveryState.ACCEPTED, "message_id": event.message_id, "error": "", "updated_at": now}
    connection.execute(still.values(**found))
    follow_recipients(connection, known.batch_id)
