"""The alarm clock: APScheduler with a memory store, rebuilt from the configuration at every start.

An alarm a newsletter rings at its due moments; where people look at an issue first, also when it is built and right
before it is due. A tick a minute finds what the alarm missed (the machine was off, the clock jumped, the configuration
changed). Both do the same idempotent thing.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.app import Project
from digest.errors import DigestError
from digest.models import Schedule
from digest.schedule.due import Watch
from digest.schedule.pulse import Pulse, Told
from digest.select import next_slot

_log = logging.getLogger("digest.schedule")

_TICK = "tick"
_THREADS = 64
"""Newsletters that can be sent at once; a thread is made only when it is needed."""
_BETWEEN_TICKS = timedelta(minutes=1)


def run_until_stopped(
    root: Path,
    slugs: list[str] | None,
    clock: Callable[[], datetime],
    stopped: threading.Event,
    told: Told = lambda _: None,
) -> None:
    """Look after the newsletters (all, or those named) until `stopped` is set; then let what is under way end.

    `told` hears at each tick what is wrong. Raise `DigestError` when the project cannot be opened at the start; later
    failures are logged and survived.
    """
    alarms = _Alarms(root, slugs, clock, stopped, Pulse(root, clock, told))
    alarms.start()
    while not stopped.wait(_BETWEEN_TICKS.total_seconds()):
        alarms.mind_the_clock()
    alarms.stop()


class _Alarms:
    def __init__(
        self,
        root: Path,
        slugs: list[str] | None,
        clock: Callable[[], datetime],
        stopped: threading.Event,
        pulse: Pulse,
    ) -> None:
        self._root, self._slugs, self._clock, self._stopped, self._pulse = root, slugs, clock, stopped, pulse
        self._watches: dict[str, Watch] = {}
        self._broken: dict[str, str] = {}
        self._ringing = threading.Lock()
        self._scheduler = BackgroundScheduler(
            # Sending takes hours: neither the tick nor another newsletter waits for a thread until it is over.
            executors={"default": ThreadPoolExecutor(_THREADS), _TICK: ThreadPoolExecutor(1)},
            # An overdue alarm rings once, however late: what it finds decides what is done. One that rings while the
            # newsletter is being looked after finds that out by itself, so it may run beside the one that is at it.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        self._scheduler.start()
        self._follow_configuration()
        every = IntervalTrigger(seconds=_BETWEEN_TICKS.total_seconds())
        self._scheduler.add_job(self._tick, every, id=_TICK, executor=_TICK, max_instances=1)
        self._ring_all()
        self._pulse.beat(self._watches)

    def stop(self) -> None:
        _log.info("stopping: what is under way is finished first")
        with self._ringing:
            # APScheduler goes through what is due once more at its end, and stumbles over it.
            self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)
        _log.info("stopped")

    def mind_the_clock(self) -> None:
        """Tick anew when the clock was set back: the alarms would all wait until it shows again what it showed."""
        tick = self._scheduler.get_job("tick")
        if tick and tick.next_run_time - datetime.now(UTC) > 2 * _BETWEEN_TICKS:
            _log.warning("the clock was set back; the alarms are set anew")
            self._scheduler.reschedule_job("tick", trigger=IntervalTrigger(seconds=_BETWEEN_TICKS.total_seconds()))
            self._tick()

    def _tick(self) -> None:
        wrong = ""
        try:
            self._follow_configuration()
        except DigestError as error:
            wrong = str(error)
            _log.error("the configuration cannot be used; the old one stays in force: %s", error)
        self._ring_all()
        self._pulse.beat(self._watches, wrong)

    def _ring_all(self) -> None:
        with self._ringing:
            if self._stopped.is_set():
                return
            for slug, watch in self._watches.items():
                self._scheduler.add_job(watch.look, id=f"now:{slug}", replace_existing=True)

    def _follow_configuration(self) -> None:
        """Make the alarms those of the configuration as it is now."""
        with Project(self._root) as project:
            if not project.newsletters:
                project.newsletter()  # says what is wrong with the first of them
            self._tell_broken(project)
            wanted = {
                slug: each for slug, each in project.newsletters.items() if not self._slugs or slug in self._slugs
            }
        for slug in self._watches.keys() - wanted.keys() - project.broken.keys():
            del self._watches[slug]
            self._scheduler.remove_job(f"due:{slug}")
            _log.info("%s: no longer configured", slug)
        for slug, newsletter in wanted.items():
            if slug not in self._watches:
                self._watches[slug] = Watch(self._root, slug, self._clock, self._stopped.is_set)
                due = next_slot(newsletter.schedule, self._clock()).due_at
                _log.info("%s: next due %s", slug, f"{due:%Y-%m-%d %H:%M %Z}")
            moments = DueMoments(newsletter.schedule, self._clock)
            self._scheduler.add_job(self._watches[slug].look, moments, id=f"due:{slug}", replace_existing=True)

    def _tell_broken(self, project: Project) -> None:
        """Tell what is wrong with a newsletter's file, once; the others go on."""
        for slug, error in project.broken.items():
            if self._broken.get(slug) != str(error):
                _log.error("%s cannot be looked after: %s", slug, error)
                if slug not in self._watches and slug in (self._slugs or project.broken):  # else its watch tells people
                    for each in asyncio.run(project.teller.tell_failure(None, slug, error, self._clock())):
                        _log.warning("%s: %s %s", slug, each.message, each.fix)
        self._broken = {slug: str(error) for slug, error in project.broken.items()}


LAST_LOOK = timedelta(seconds=30)
"""Before the due moment: time enough to build once more what people looked at."""


class DueMoments(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Rings at every moment of a schedule, whatever its rhythm: the calendar alone knows when that is.

    `clock` says what time it is meant to be; APScheduler itself goes by the machine's.
    """

    def __init__(self, schedule: Schedule, clock: Callable[[], datetime]) -> None:
        self._schedule, self._clock = schedule, clock

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the first moment after the one that rang last, at the beginning after `now`."""
        # In whole seconds, rounded down: it may ring a second late with `--as-of`, and never early.
        ahead = timedelta(seconds=(self._clock() - now) // timedelta(seconds=1))
        after = (previous_fire_time or now).astimezone(UTC) + ahead
        slot = next_slot(self._schedule, after)
        due_at = slot.due_at.astimezone(UTC)
        moments = (slot.build_at, max(slot.build_at, due_at - LAST_LOOK), due_at)
        first = min(each for each in moments if each > after).astimezone(UTC)
        return (first - ahead).astimezone(slot.due_at.tzinfo)
