"""Which engine brings batches to worker processes; another one is one more file beside `procrastinate.py`.

An engine only wakes: a job carries a batch's id and nothing else, and what may be sent is asked of the ledger. So a job
that is lost, late or done twice changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from digest.errors import ConfigError

NAMES = ("procrastinate",)


class Queue(Protocol):
    """An engine whose jobs lie in the ledger's own database."""

    def prepare(self, connection: Any) -> None:
        """Make or update its tables, inside the transaction that is open on the driver's `connection`."""
        ...

    def hand_out(self, connection: Any, batch_ids: Sequence[int]) -> None:
        """Enqueue a job for each, inside the transaction that is open on the driver's `connection`."""
        ...

    def waiting(self, connection: Any) -> set[int]:
        """Return the batches whose jobs nobody has taken yet."""
        ...

    async def work(
        self,
        send: Callable[[int], Awaitable[None]],
        look_around: Callable[[], Awaitable[None]],
        *,
        concurrency: int,
        stop: asyncio.Event,
    ) -> None:
        """Do jobs, so many at once, until `stop` is set; then let those under way end.

        `send` does one, `look_around` is called every minute by one of all workers. Raise `StoreError` when the
        database cannot be reached any more.
        """
        ...


def open_queue(name: str, url: str) -> Queue:
    """Return an engine by its name, for the ledger at `url`. Raise `ConfigError` when it cannot be used there."""
    if not url.startswith("postgresql"):
        raise ConfigError(
            f"send.engine = '{name}' brings batches to several hosts, and the store is on this one alone",
            fix="let the store be PostgreSQL (DIGEST_DATABASE_URL), or leave send.engine out",
        )
    try:
        from digest.store.queues.procrastinate import Procrastinate
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"send.engine = '{name}' needs a package that is not installed: {error.name}",
            fix='pip install "newsletter-digest[workers]"',
        ) from error
    return Procrastinate(url)
