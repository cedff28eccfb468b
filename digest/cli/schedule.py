"""`digest schedule`: the weekly run that nobody watches."""

from __future__ import annotations

import signal
import threading

from digest.app import Project
from digest.cli import logs
from digest.cli.options import HERE, AsOfOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import complain
from digest.cli.tracing import traced


def schedule(project: ProjectOption = HERE, newsletter: NewsletterOption = None, as_of: AsOfOption = None) -> None:
    """Stay awake and bring out every newsletter's issue when it is due. SIGTERM and Ctrl-C end it cleanly.

    With `[monitor]` it answers /healthz and /metrics; with `[reports] ping` it says outside that all is well.
    """
    from digest.monitor import watched
    from digest.schedule import run_until_stopped

    with Project(project) as opened:
        logs.begin(opened, "schedule")
        slugs = [opened.newsletter(newsletter).slug] if newsletter else None
        root, monitor = opened.root, opened.operator.monitor
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    now = clock(as_of)
    with traced(complain), watched(root, now, monitor.host, monitor.port) as told:
        run_until_stopped(root, slugs, now, stopped, told)
