"""A small sending whose store gives out half-way, and what is asked of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.command import digest
from tests.kill.dialects import SendGrid
from tests.kill.faults import NO_FAULTS
from tests.kill.sink import Sink
from tests.projects import ISSUE, make_project

READERS = 60
BATCH = 2
AT_ONCE = 2
"""Requests under way, as shipped (`send.concurrency`)."""
KEY = {"SENDGRID_API_KEY": "a-key-for-a-server-on-loopback"}


@contextmanager
def flawless_sink() -> Iterator[Sink]:
    """A provider without faults of its own."""
    sink = Sink(SendGrid(), seed=1)
    sink.weights = NO_FAULTS
    try:
        yield sink
    finally:
        sink.close()


def project_for(sink: Sink, folder: Path) -> Path:
    lines = ('kind = "sendgrid"', 'api_key = "env:SENDGRID_API_KEY"', f'base_url = "{sink.url}"')
    return make_project(folder, provider="\n".join((*lines, f"batch_limit = {BATCH}")), readers=READERS)


def history(project: Path) -> dict[str, Any]:
    told = digest(project, "history", ISSUE, "--json", "--recipients")
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found
