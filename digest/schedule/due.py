"""What an alarm does: bring every newsletter's newest due issue as far as it may go, and survive what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from digest import pipeline
from digest.app import Project
from digest.models import Finding, Level
from digest.send.outbox import Edge

_log = logging.getLogger("digest.schedule")

_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=1)


class Watch:
    """Looks after one newsletter; safe to call at any time, from any thread, and from several processes.

    The project is opened anew each time, so a changed configuration counts from the next alarm on.
    """

    def __init__(self, root: Path, slug: str, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> None:
        self._root, self._slug, self._clock, self._stopping = root, slug, clock, stopping
        self._busy = Lock()
        self._last_said = ""
        self._retry_after = timedelta(0)
        self._not_before: datetime | None = None

    def look(self) -> None:
        """Do what is due. A failure is logged and tried again later, less and less often; it never raises."""
        if self._stopping() or not self._busy.acquire(blocking=False):
            return
        now = self._clock()
        try:
            if self._not_before is not None and now < self._not_before:
                return
            self._run(now)
            self._not_before, self._retry_after = None, timedelta(0)
        except Exception as error:  # noqa: BLE001 - next week's issue must still come out
            self._retry_after = min(max(self._retry_after * 2, _FIRST_RETRY), _LONGEST_RETRY)
            self._not_before = now + self._retry_after
            self._say(logging.ERROR, f"failed: {error}; next try in {self._retry_after}", exc_info=_unexpected(error))
        finally:
            self._busy.release()

    def _run(self, now: datetime) -> None:
        with Project(self._root) as project:
            press = project.press(self._slug)
            # An alarm clock that is started on a Friday does not send last Monday's issue.
            first_seen = press.store.issues.first_seen(self._slug, now)
            edge = Edge(self._clock, stopping=self._stopping)
            max_delay = timedelta(hours=press.newsletter.max_delay_hours)
            outcome = asyncio.run(pipeline.run(press, edge, not_before=first_seen, max_delay=max_delay))
        if outcome.draft:
            for finding in (*outcome.draft.problems, *outcome.draft.findings, *outcome.audience_problems):
                self._tell(finding)
        readers = ", ".join(f"{count} {state}" for state, count in (outcome.tally or {}).items())
        self._say(logging.INFO, f"{outcome.issue.name}: {outcome.says}{f' ({readers})' if readers else ''}")

    def _tell(self, finding: Finding) -> None:
        level = logging.WARNING if finding.level is not Level.INFO else logging.INFO
        _log.log(level, "%s: %s: %s %s", self._slug, finding.place or finding.code, finding.message, finding.fix)

    def _say(self, level: int, text: str, exc_info: bool = False) -> None:
        # The clock ticks every minute; only news are worth a line.
        if text != self._last_said:
            _log.log(level, "%s: %s", self._slug, text, exc_info=exc_info)
            self._last_said = text


def _unexpected(error: Exception) -> bool:
    """Whether an error needs its traceback: ours are sentences for people."""
    from digest.errors import DigestError

    return not isinstance(error, DigestError)
