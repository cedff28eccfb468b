"""`digest worker`: sends what schedulers hand out, on as many hosts as one likes."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, ProjectOption, clock


def worker(
    project: ProjectOption = HERE,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=0, max=64, help="Requests under way at once; 0 as configured.")
    ] = 0,
    as_of: AsOfOption = None,
) -> None:
    """Send what `digest schedule` and `digest send` hand out. Needs PostgreSQL and `send.engine`.

    As many as one likes, on any host with this project. SIGTERM and Ctrl-C let the batches under way end.
    """
    from digest.schedule.worker import work_until_stopped

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell every address
    with Project(project) as opened:
        root = opened.root

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work_until_stopped(root, clock(as_of), stop, concurrency)

    asyncio.run(work())
