"""What goes on in the background of the studio: at most one sending (or look-up) an issue at a time, each in a thread.

It outlives the request that began it. When the studio stops, what is under way is finished within a batch and nothing
new begins; when the studio dies, the store knows what has left, as after any death of `digest send`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread

from digest import pipeline
from digest.app import Project
from digest.errors import DigestError, IssueStateError
from digest.models import DeliveryState, Issue, IssueState
from digest.pipeline import Outcome
from digest.send.edge import Edge
from digest.send.outbox import PAUSED_ON_REQUEST
from digest.send.reconciling import Reconciled
from digest.studio.notices import Notice

_log = logging.getLogger("digest.studio")

Work = Callable[[Project, Edge], Notice]


class Sendings:
    """What is under way, and how what was before has ended; safe to ask from any thread."""

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self._root, self._clock = root, clock
        self._lock, self._stopping = Lock(), Event()
        self._running: dict[str, Thread] = {}
        self._ended: dict[str, Notice] = {}

    def begin(self, name: str, work: Work, over: Callable[[], None]) -> bool:
        """Do something about an issue (`weekly/2026-W47`) from now on; False when something is under way already.

        `over` is called in the thread when it has ended.
        """
        with self._lock:
            if name in self._running or self._stopping.is_set():
                return False
            self._ended.pop(name, None)
            thread = Thread(target=self._go, args=(name, work, over), name=f"sending {name}")
            self._running[name] = thread
            thread.start()
        return True

    def is_running(self, name: str) -> bool:
        """Whether something is under way about an issue."""
        with self._lock:
            return name in self._running

    def ended(self, name: str) -> Notice | None:
        """Return how the last run about an issue ended, until the next one begins."""
        with self._lock:
            return self._ended.get(name)

    def begin_nothing(self) -> None:
        """From now on begin nothing new: neither a run, nor the next batch of one."""
        self._stopping.set()

    def stop(self) -> None:
        """Begin nothing new, and wait until what is under way is written down."""
        self.begin_nothing()
        self.wait()

    def wait(self) -> None:
        """Wait until nothing is under way."""
        with self._lock:
            threads = tuple(self._running.values())
        for thread in threads:
            thread.join()

    def _go(self, name: str, work: Work, over: Callable[[], None]) -> None:
        try:
            with Project(self._root) as project:
                notice = work(project, Edge(self._clock, stopping=self._stopping.is_set))
        except DigestError as error:
            notice = Notice(good=False, detail=error.message, fix=error.fix)
        except Exception as error:  # noqa: BLE001 - the page must say so, and the terminal tell where
            _log.exception("%s: this should not have happened", name)
            notice = Notice(good=False, detail=f"the studio met an error of its own ({type(error).__name__})")
        with self._lock:
            self._ended[name] = notice
            del self._running[name]
        over()


def sending(known: Issue, who: str) -> Work:
    """Return the sending of an approved issue, or of the rest of one; who is told how runs end is told, too."""

    def send(project: Project, edge: Edge) -> Notice:
        press = project.press(known.newsletter)
        issue = _found(project, known)
        try:
            delivered, problems = asyncio.run(pipeline.send(press, issue, edge, who))
        except DigestError as error:
            if not isinstance(error, IssueStateError):  # that one is for whoever pressed the button
                letter, now = press.newsletter, edge.clock()
                asyncio.run(project.teller.tell_failure(letter, known.newsletter, error, now, about=issue))
            raise
        issue = project.store.issues.find(known.newsletter, known.period) or issue
        tally = project.store.outbox.tally(issue)
        outcome = Outcome(issue, str(issue.state), None, delivered, tally, problems)
        untold = asyncio.run(project.teller.tell(outcome, press.newsletter, edge.clock()))
        if untold:
            _log.warning("%s: %s", issue.name, "; ".join(each.message for each in untold))
        if delivered.handed_out and issue.state is IssueState.SENDING:
            return Notice(good=True, key="ended.handed_out")
        if issue.state is IssueState.SENT:
            return Notice(good=True, key="ended.sent", values={"count": tally.get(DeliveryState.ACCEPTED, 0)})
        if delivered.stopped_because == PAUSED_ON_REQUEST:
            return Notice(good=True, key="ended.paused")
        why = delivered.stopped_because or issue.reason or f"{issue.name} is {issue.state}"
        return Notice(good=False, detail=why)

    return send


def asking(known: Issue, *, resend_missing: bool) -> Work:
    """Return the question to the provider what became of the copies that are unknown."""

    def ask(project: Project, edge: Edge) -> Notice:
        def told(_: Reconciled) -> None:
            pass  # the page counts in the store

        press, issue = project.press(known.newsletter), _found(project, known)
        asked = pipeline.reconcile(press, issue, edge, resend_missing=resend_missing, progress=told)
        found, _ = asyncio.run(asked)
        if found.said:
            return Notice(good=False, detail=f"not all could be told: {found.said}")
        values = {name: getattr(found, name) for name in ("accepted", "rejected", "missing", "unclear", "too_young")}
        return Notice(good=True, key="ended.asked", values=values)

    return ask


def _found(project: Project, known: Issue) -> Issue:
    issue = project.store.issues.find(known.newsletter, known.period)
    if issue is None or issue.fingerprint != known.fingerprint:
        raise IssueStateError(f"{known.name} has changed since you looked at it", fix="look at it again, then approve")
    return issue
