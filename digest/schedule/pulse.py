"""What a scheduler tells of itself at each tick: that it is there, what is wrong, and outside that all is well."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from digest.app import Project
from digest.errors import DigestError
from digest.pipeline.overdue import overdue
from digest.schedule.due import Watch
from digest.store import Store

_log = logging.getLogger("digest.schedule")

_BETWEEN_PINGS = timedelta(minutes=5)
_QUIET = timedelta(minutes=10)
"""A worker writes itself down every minute; a host that starts anew is back by then."""

Told = Callable[[Sequence[str]], None]
"""Hears at each tick what is wrong, one sentence each."""


class Pulse:
    """The pulse of one scheduler."""

    def __init__(self, root: Path, clock: Callable[[], datetime], told: Told) -> None:
        self._root, self._clock, self._told = root, clock, told
        self._name = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self._started_at = clock()
        self._pinged_at: datetime | None = None
        self._untold = ""

    def beat(self, watches: Mapping[str, Watch], wrong: str = "") -> None:
        """Write down that this scheduler looks, and ping while all is well. It never raises.

        `wrong` is what is wrong with the configuration as a whole.
        """
        now = self._clock()
        found = [wrong] if wrong else []
        try:
            with Project(self._root) as project:
                found += [f"{slug}: {error}" for slug, error in project.broken.items()]
                detail = ", ".join(watches)
                project.store.processes.seen(self._name, "schedule", self._started_at, now, detail)
                letters = {slug: each for slug, each in project.newsletters.items() if slug in watches}
                found += filter(None, (overdue(letter, project.store, now) for letter in letters.values()))
                found += [f"{slug}: {watch.trouble}" for slug, watch in watches.items() if watch.trouble]
                found += _without_workers(project.store, now)
                if not found and all(watch.has_looked for watch in watches.values()):
                    self._ping(project, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to hear of it
            found.append(str(error) if isinstance(error, DigestError) else type(error).__name__)
        self._told(tuple(dict.fromkeys(found)))

    def _ping(self, project: Project, now: datetime) -> None:
        # A ping in the future was made by a clock that was wrong.
        if self._pinged_at and timedelta(0) <= now - self._pinged_at < _BETWEEN_PINGS:
            return
        if ping := project.ping:
            self._pinged_at = now
            trouble = asyncio.run(ping.go())
            if trouble and trouble != self._untold:
                _log.warning("the ping did not get through: %s (see [reports] in config/digest.toml)", trouble)
            self._untold = trouble


def _without_workers(store: Store, now: datetime) -> list[str]:
    """Return a sentence for each issue that is handed out while nobody is there to send it."""
    if not store.outbox.has_workers or any(each.kind == "worker" for each in store.processes.alive(now - _QUIET)):
        return []
    said = "is handed out, and no worker is there: start `digest worker`"
    return [f"{issue.name} {said}" for issue in store.issues.being_sent()]
