"""Jobs by Procrastinate, in the ledger's own PostgreSQL: handed out in the ledger's transaction, or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict
from sqlalchemy import make_url

from digest.errors import StoreError
from digest.store.remote import PATIENCE

_QUEUE = "digest"
_SEND, _LOOK_AROUND = "digest.send", "digest.look_around"
_EVERY_MINUTE = "* * * * *"
_FIRST = 10
"""Before the batches: it may be what lets them leave."""
_HEARTBEAT_SECONDS = 20.0
"""Of a worker that is idle; what became of its claims is told by the ledger's leases, and not by this."""


class Procrastinate:
    """The engine of that name; see `Queue`."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self._conninfo = plain.render_as_string(hide_password=False)
        # What it has to say is said in our words, once: as a `StoreError`, or of a job by whoever does it.
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._patience = {key: value for key, value in PATIENCE.items() if key not in plain.query}

    def prepare(self, connection: Any) -> None:
        """Make its tables, or bring those that we made up to the installed version."""
        files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        newest = files[-1].stem
        there, mark = connection.execute(
            "SELECT to_regclass('procrastinate_jobs') IS NOT NULL,"
            " obj_description(to_regclass('procrastinate_jobs')::oid, 'pg_class')"
        ).fetchone()
        if there and not mark:
            return  # another program's, which keeps them up to date
        if there and mark >= newest:
            return
        for statement in [SchemaManager.get_schema()] if not there else _since(files, mark):
            connection.execute(statement)
        connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{newest}'")

    def hand_out(self, connection: Any, batch_ids: Sequence[int]) -> None:
        """Enqueue a job for each batch."""
        if batch_ids:
            app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
            defer = app.configure_task(_SEND, queue=_QUEUE, connection=connection)
            jobs: list[JSONDict] = [{"batch_id": each} for each in batch_ids]
            defer.batch_defer(*jobs)

    def waiting(self, connection: Any) -> set[int]:
        """Return the batches whose jobs are still to be done."""
        query = "SELECT (args->>'batch_id')::int FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s"
        return {batch_id for (batch_id,) in connection.execute(query, (_SEND,))}

    async def work(
        self,
        send: Callable[[int], Awaitable[None]],
        look_around: Callable[[], Awaitable[None]],
        *,
        concurrency: int,
        stop: asyncio.Event,
    ) -> None:
        """Do jobs until `stop` is set."""
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self._conninfo, kwargs=self._patience, min_size=1)
        )

        @app.task(name=_SEND, queue=_QUEUE)
        async def _send(batch_id: int) -> None:
            await send(batch_id)

        @app.periodic(cron=_EVERY_MINUTE)
        @app.task(name=_LOOK_AROUND, queue=_QUEUE, priority=_FIRST, queueing_lock=_LOOK_AROUND)
        async def _look_around(timestamp: int) -> None:  # noqa: ARG001 - the engine calls it by this name
            await look_around()

        try:
            async with app.open_async():
                options: dict[str, Any] = {
                    "queues": [_QUEUE],
                    "concurrency": concurrency,
                    "install_signal_handlers": False,
                    "delete_jobs": "always",  # what happened stands in the ledger
                    "update_heartbeat_interval": _HEARTBEAT_SECONDS,
                }
                working = asyncio.create_task(app.run_worker_async(**options))
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
                stopped.cancel()
                if not working.done():
                    working.cancel()  # it lets its jobs end, then is cancelled
                await asyncio.gather(working, return_exceptions=True)
                if not working.cancelled() and (error := working.exception()):
                    raise error
                if not stop.is_set():
                    raise StoreError("the workers' queue came to an end: its database went away")
        except (exceptions.ConnectorException, psycopg.Error, OSError) as error:
            raise StoreError(f"the workers' queue cannot be reached: {type(error).__name__}") from error


def _since(files: Sequence[Path], mark: str) -> list[Any]:
    return [file.read_text(encoding="utf-8") for file in files if file.stem > mark]
