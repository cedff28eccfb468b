"""The readers of an issue, written down in batches, and the batches in waves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, and_, case, func, insert, literal, or_, select

from digest.models import DeliveryState, Recipient
from digest.store.batches import follow_recipients
from digest.store.instant import Instant
from digest.store.schema import batch, reader, recipient, suppression
from digest.store.subscribers import may_get

_PAGE = 500  # rows a statement: well below the number of parameters that a database accepts


@dataclass(frozen=True, slots=True)
class Cut:
    """How the readers of an issue are divided."""

    batch_size: int
    seeds: tuple[Recipient, ...] = ()
    """The first wave; with tokens."""
    first_share: float = 0
    """Of the other readers, those who are the next wave; 0 when all of them are one."""

    def first(self, count: int) -> int:
        """Return how many of so many readers get it before the rest; 0 when all get it at once."""
        some = math.ceil(count * self.first_share)
        return some if some < count else 0


def write_audience(
    connection: Connection, issue_id: int, audience: Sequence[Recipient], cut: Cut, now: datetime
) -> int:
    """Write the batches and recipients for the seeds and the given readers; return how many."""
    seq, wave = _write_wave(connection, issue_id, cut.seeds, cut.batch_size, 1, 0, now)
    seeds = {each.token for each in cut.seeds}
    others = [each for each in audience if each.token not in seeds]
    first = cut.first(len(others))
    if first:
        others.sort(key=lambda each: each.token)  # by chance, and the same again: tokens are random
    seq, wave = _write_wave(connection, issue_id, others[:first], cut.batch_size, seq, wave, now)
    _write_wave(connection, issue_id, others[first:], cut.batch_size, seq, wave, now)
    return len(seeds) + len(others)


def write_list(
    connection: Connection, issue_id: int, slug: str, sections: Sequence[str], cut: Cut, now: datetime
) -> int:
    """Write those for the seeds and for all on the list who may get an issue with these sections; return how many.

    In the database itself: a million readers never come into this process.
    """
    begun, wave = _write_wave(connection, issue_id, cut.seeds, cut.batch_size, 1, 0, now)
    wants = or_(reader.c.sections == "", *(reader.c.sections.contains(f" {key} ", autoescape=True) for key in sections))
    is_seed = reader.c.token.in_([each.token for each in cut.seeds])
    those = select(reader.c.id, reader.c.written, reader.c.name, reader.c.token).where(may_get(slug), wants, ~is_seed)
    count = connection.execute(select(func.count()).select_from(those.subquery())).scalar_one()
    first, size = cut.first(count), cut.batch_size
    of_first, of_rest = -(-first // size), -(-(count - first) // size)
    last = begun + of_first + of_rest
    for start in range(begun, last, _PAGE):
        rows = [
            {
                "issue_id": issue_id,
                "seq": seq,
                "state": DeliveryState.PENDING,
                "wave": wave + bool(first and seq >= begun + of_first),
            }
            for seq in range(start, min(start + _PAGE, last))
        ]
        connection.execute(insert(batch), rows)
    chosen = those.subquery()
    # By chance where a part of them goes first, and the same again: tokens are random.
    order = chosen.c.token if first else chosen.c.id
    placed = select(chosen, (func.row_number().over(order_by=order) - 1).label("place")).subquery()
    seq = case(
        (placed.c.place < first, placed.c.place // literal(size, Integer)),
        else_=of_first + (placed.c.place - first) // literal(size, Integer),
    )
    pairs = select(
        literal(issue_id, Integer),
        batch.c.id,
        placed.c.id,
        placed.c.written,
        placed.c.name,
        literal(str(DeliveryState.PENDING)),
        literal(now, Instant),
    ).join(batch, and_(batch.c.issue_id == issue_id, batch.c.seq == seq + begun))
    names = ["issue_id", "batch_id", "reader_id", "address", "name", "state", "updated_at"]
    connection.execute(insert(recipient).from_select(names, pairs.order_by(placed.c.id)))
    return len(cut.seeds) + count


def _write_wave(
    connection: Connection,
    issue_id: int,
    readers: Sequence[Recipient],
    batch_size: int,
    seq: int,
    wave: int,
    now: datetime,
) -> tuple[int, int]:
    """Write the batches of one wave; return the numbers of the next batch and the next wave."""
    for start in range(0, len(readers), batch_size):
        _write_batch(connection, issue_id, seq, wave, readers[start : start + batch_size], now)
        seq += 1
    return seq, wave + bool(readers)


def _write_batch(
    connection: Connection, issue_id: int, seq: int, wave: int, page: Sequence[Recipient], now: datetime
) -> None:
    """Write one batch and its recipients; those who must get nothing are suppressed at once."""
    row = {"issue_id": issue_id, "seq": seq, "wave": wave, "state": DeliveryState.PENDING}
    batch_id = connection.execute(insert(batch).values(**row).returning(batch.c.id)).scalar_one()
    for start in range(0, len(page), _PAGE):
        part = page[start : start + _PAGE]
        because = func.coalesce(suppression.c.because, reader.c.suppressed_because).label("suppressed_because")
        query = select(reader.c.token, reader.c.id, because)
        query = query.outerjoin(suppression, suppression.c.address == reader.c.address)
        rows = connection.execute(query.where(reader.c.token.in_([each.token for each in part])))
        readers = {row.token: row for row in rows}
        connection.execute(
            insert(recipient),
            [
                {
                    "issue_id": issue_id,
                    "batch_id": batch_id,
                    "reader_id": readers[each.token].id,
                    "address": each.address,
                    "name": each.name,
                    "state": DeliveryState.SUPPRESSED
                    if readers[each.token].suppressed_because
                    else DeliveryState.PENDING,
                    "updated_at": now,
                }
                for each in part
            ],
        )
    follow_recipients(connection, batch_id)
