"""`digest worker`: sends what schedulers hand out, on as many hosts as one likes."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from digest.app import Project
from digest.cli import logs
from digest.cli.options import HERE, AsOfOption, ProjectOption, clock
from digest.cli.output import complain
from digest.cli.tracing import traced


def worker(
    project: ProjectOption = HERE,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=0, max=64, help="Requests under way at once; 0 as configured.")
    ] = 0,
    monitor_port: Annotated[
        int, typer.Option("--monitor-port", min=0, max=65535, help="Answer /healthz and /metrics there; 0 nowhere.")
    ] = 0,
    as_of: AsOfOption = None,
) -> None:
    """Send what `digest schedule` and `digest send` hand out. Needs PostgreSQL and `send.engine`.

    As many as one likes, on any host with this project. SIGTERM and Ctrl-C let the batches under way end.
    """
    from digest.monitor import watched
    from digest.schedule.worker import work_until_stopped

    with Project(project) as opened:
        logs.begin(opened, "worker")
        root, host = opened.root, opened.operator.monitor.host
    now = clock(as_of)

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        with traced(complain), watched(root, now, host, monitor_port) as told:
            await work_until_stopped(root, now, stop, concurrency, told)

    asyncio.run(work())
