"""`digest schedule`: the weekly run that nobody watches."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, NewsletterOption, ProjectOption, clock


def schedule(project: ProjectOption = HERE, newsletter: NewsletterOption = None, as_of: AsOfOption = None) -> None:
    """Stay awake and bring out every newsletter's issue when it is due. SIGTERM and Ctrl-C end it cleanly."""
    from digest.schedule import run_until_stopped

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it would tell of every tick
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell every address, and a webhook's is a secret
    with Project(project) as opened:
        slugs = [opened.newsletter(newsletter).slug] if newsletter else None
        root = opened.root
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    run_until_stopped(root, slugs, clock(as_of), stopped)
