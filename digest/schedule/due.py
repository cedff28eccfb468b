"""What an alarm does: bring every newsletter's newest due issue as far as it may go, and survive what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from digest import pipeline
from digest.app import Project
from digest.errors import DigestError
from digest.models import Finding, Level
from digest.pipeline import Outcome
from digest.pipeline.noticing import Noticing
from digest.send.edge import Edge
from digest.send.slots import STOPPED_ON_REQUEST
from digest.tracing import a_run, about, stage

_log = logging.getLogger("digest.schedule")

_FIRST_RETRY = timedelta(minutes=1)
_RETRY_A_PROVIDER = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(hours=1)
_DAY_IS_OVER = "(send.per_day)"


class Watch:
    """Looks after one newsletter; safe to call at any time, from any thread, and from several processes.

    The project is opened anew each time, so a changed configuration counts from the next alarm on.
    """

    def __init__(self, root: Path, slug: str, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> None:
        self._root, self._slug, self._clock, self._stopping = root, slug, clock, stopping
        self._busy = Lock()
        self._told: set[str] = set()
        self._failure = ""
        self._pause = timedelta(0)
        self._not_before: datetime | None = None
        self._noticing = Noticing()
        self.has_looked = False
        """Whether it knows yet how the newsletter is."""
        self.trouble = ""
        """Why the last try failed; empty while all goes as it should."""

    def look(self) -> None:
        """Do what is due. A failure is logged and tried again later, less and less often; it never raises."""
        if self._stopping() or not self._busy.acquire(blocking=False):
            return
        try:
            with a_run(self._slug):
                self._try(self._clock())
        finally:
            self.has_looked = True
            self._busy.release()

    def _try(self, now: datetime) -> None:
        try:
            if not self._must_wait(now):
                with stage("run", newsletter=self._slug):
                    self._run(now)
        except Exception as error:  # noqa: BLE001 - next week's issue must still come out
            pause = self._wait(now, _FIRST_RETRY)
            self.trouble = str(error) if isinstance(error, DigestError) else type(error).__name__
            self._say([(logging.ERROR, f"failed: {error}; next try in {pause}", "")])
            self._tell_failure(error, now)
            if not isinstance(error, DigestError):  # ours are sentences for people; this one is a bug
                _log.exception("%s: this should not have happened", self._slug)

    def _run(self, now: datetime) -> None:
        with Project(self._root) as project:
            press = project.press(self._slug)
            # An alarm clock that is started on a Friday does not send last Monday's issue.
            first_seen = press.store.issues.first_seen(self._slug, now)
            edge = Edge(self._clock, stopping=self._stopping)
            max_delay = timedelta(hours=press.newsletter.max_delay_hours)
            outcomes = asyncio.run(
                pipeline.run(press, edge, not_before=first_seen, max_delay=max_delay, noticing=self._noticing)
            )
            self._failure = ""
            for outcome in outcomes:
                self._warn(outcome.untold)
                self._warn(asyncio.run(project.teller.tell(outcome, press.newsletter, self._clock())))
            self._warn(asyncio.run(project.teller.tell_missed(press.newsletter, self._clock())))
        said = [line for outcome in outcomes for line in _lines(outcome)]
        stops = {outcome.delivered.stopped_because for outcome in outcomes if outcome.delivered} - {
            "",
            STOPPED_ON_REQUEST,
        }
        if stops:
            pause = self._wait(now, _RETRY_A_PROVIDER)
            said.append((logging.ERROR, f"stopped: {'; '.join(sorted(stops))}; next try in {pause}", ""))
        else:
            self._pause, self._not_before = timedelta(0), None
        # That a day's readers are all written to is as it should be.
        self.trouble = "; ".join(sorted(each for each in stops if not each.endswith(_DAY_IS_OVER)))
        self._say(said, is_whole=any(outcome.draft for outcome in outcomes))

    def _tell_failure(self, error: Exception, now: datetime) -> None:
        # The store remembers what people were told, but it may be the store that fails.
        if str(error) == self._failure:
            return
        self._failure = str(error)
        with suppress(Exception), Project(self._root) as project:  # a broken digest.toml names no way to tell anybody
            letter = project.newsletters.get(self._slug)
            self._warn(asyncio.run(project.teller.tell_failure(letter, self._slug, error, now)))

    def _warn(self, findings: Sequence[Finding]) -> None:
        for each in findings:
            _log.warning("%s: %s %s", self._slug, each.message, each.fix)

    def _must_wait(self, now: datetime) -> bool:
        # A moment further away than any pause was set by a clock that was wrong.
        return self._not_before is not None and now < self._not_before <= now + _LONGEST_RETRY

    def _wait(self, now: datetime, first: timedelta) -> timedelta:
        self._pause = min(max(self._pause * 2, first), _LONGEST_RETRY)
        self._not_before = now + self._pause
        return self._pause

    def _say(self, lines: list[_Line], *, is_whole: bool = True) -> None:
        # The clock ticks every minute; only news are worth a line. Where nothing was built, what was found is still so.
        for level, text, issue in lines:
            if text not in self._told:
                with about(issue=issue):
                    _log.log(level, "%s: %s", self._slug, text)
        self._told = {text for _, text, _ in lines} | (set() if is_whole else self._told)


_Line = tuple[int, str, str]
"""Level, text, and the issue that it is about, if any."""


def _lines(outcome: Outcome) -> list[_Line]:
    """Return what the log says of an issue. Readers' addresses do not belong there: their lines in the list do."""
    draft = outcome.draft
    findings = (*draft.problems, *draft.findings) if draft else ()
    lines = [(_level(each), f"{each.place or each.code}: {each.message} {each.fix}".strip()) for each in findings]
    lines += [(_level(each), f"{each.place}: {each.code}; {each.fix}") for each in outcome.audience_problems]
    readers = ", ".join(f"{count} {state}" for state, count in (outcome.tally or {}).items())
    lines.append((logging.INFO, f"{outcome.issue.name}: {outcome.says}{f' ({readers})' if readers else ''}"))
    return [(level, text, outcome.issue.name) for level, text in lines]


def _level(finding: Finding) -> int:
    return logging.INFO if finding.level is Level.INFO else logging.WARNING
