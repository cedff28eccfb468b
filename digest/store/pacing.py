"""When the next batch may leave: the pace is kept where all senders on all hosts see it, in the claim's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from digest.models import Later, Limits
from digest.store.issues import insert_or_ignore
from digest.store.schema import attempt, pace

_NOTHING_WENT = ("not_sent", "refused", "drafted")
"""Outcomes of requests after which the provider has nothing to send."""

_A_DAY = timedelta(days=1)
_LONGEST_WAIT = timedelta(hours=2)
"""A provider may ask for an hour at most; what lies further off was written by a clock that was wrong."""

_FREE_AT = select(pace.c.free_at).where(pace.c.provider == bindparam("of_provider"))
_FREE_AT_ALONE = _FREE_AT.with_for_update(key_share=True)
_TODAY = select(func.coalesce(func.sum(attempt.c.asked), 0)).where(
    attempt.c.started_at >= bindparam("since"), attempt.c.outcome.not_in(_NOTHING_WENT)
)


def must_wait(connection: Connection, provider: str, limits: Limits, now: datetime) -> Later | None:
    """Return until when nothing may leave through a provider; None when something may.

    Where there are limits, nobody else gets an answer until the transaction ends: two must not take the same place.
    """
    limited = limits.per_second or limits.per_day
    if limited:
        connection.execute(insert_or_ignore(connection, pace).values(provider=provider, free_at=now))
    free_at = connection.execute(_FREE_AT_ALONE if limited else _FREE_AT, {"of_provider": provider}).scalar()
    return Later(free_at) if free_at and now < free_at <= now + _LONGEST_WAIT else None


def leave(connection: Connection, provider: str, count: int, limits: Limits, now: datetime) -> Later | None:
    """Count a batch of so many readers that is about to leave, after `must_wait`; return why it must not today."""
    if limits.per_day:
        if count > limits.per_day:  # it was cut when more was allowed, and time alone does not let it leave
            much = f"a batch of {count} readers is waiting, and send.per_day allows {limits.per_day}"
            return Later(None, f"{much}: allow as many")
        today = connection.execute(_TODAY, {"since": now - _A_DAY}).scalar_one()
        if today + count > limits.per_day:
            got = f"{today} readers got mail within a day, and {limits.per_day} are allowed (send.per_day)"
            return Later(None, got)
    if limits.per_second:
        free_at = now + timedelta(seconds=count / limits.per_second)
        connection.execute(update(pace).where(pace.c.provider == provider).values(free_at=free_at))
    return None


def hold_back(connection: Connection, provider: str, until: datetime, now: datetime) -> None:
    """Let nothing leave through a provider before a moment: it said so."""
    connection.execute(insert_or_ignore(connection, pace).values(provider=provider, free_at=until))
    absurd = pace.c.free_at > now + _LONGEST_WAIT
    earlier = and_(pace.c.provider == provider, or_(pace.c.free_at < until, absurd))
    connection.execute(update(pace).where(earlier).values(free_at=until))
