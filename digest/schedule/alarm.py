"""The alarm clock: APScheduler with a memory store, rebuilt from the configuration at every start.

A cron job a newsletter rings at its time; a tick a minute finds what the cron job missed (the machine was off, the
clock jumped, the configuration changed). Both do the same idempotent thing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.app import Project
from digest.errors import DigestError
from digest.models import Newsletter
from digest.schedule.due import Watch
from digest.select import next_slot

_log = logging.getLogger("digest.schedule")

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def run_until_stopped(
    root: Path, slugs: list[str] | None, clock: Callable[[], datetime], stopped: threading.Event
) -> None:
    """Look after the newsletters (all, or those named) until `stopped` is set; then let what is under way end.

    Raise `DigestError` when the project cannot be opened at the start; later failures are logged and survived.
    """
    alarms = _Alarms(root, slugs, clock, stopped)
    alarms.start()
    stopped.wait()
    alarms.stop()


class _Alarms:
    def __init__(
        self, root: Path, slugs: list[str] | None, clock: Callable[[], datetime], stopped: threading.Event
    ) -> None:
        self._root, self._slugs, self._clock, self._stopped = root, slugs, clock, stopped
        self._watches: dict[str, Watch] = {}
        self._broken: dict[str, str] = {}
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(8)},
            # An overdue alarm rings once, however late: what it finds decides what is done.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        self._scheduler.start()
        self._follow_configuration()
        self._scheduler.add_job(self._tick, IntervalTrigger(minutes=1), id="tick")
        self._ring_all()

    def stop(self) -> None:
        _log.info("stopping: what is under way is finished first")
        self._scheduler.shutdown(wait=True)
        _log.info("stopped")

    def _tick(self) -> None:
        try:
            self._follow_configuration()
        except DigestError as error:
            _log.error("the configuration cannot be used; the old one stays in force: %s", error)
        self._ring_all()

    def _ring_all(self) -> None:
        for slug, watch in self._watches.items():
            self._scheduler.add_job(watch.look, id=f"now:{slug}", replace_existing=True)

    def _follow_configuration(self) -> None:
        """Make the alarms those of the configuration as it is now."""
        with Project(self._root) as project:
            if not project.newsletters:
                project.newsletter()  # says what is wrong with the first of them
            self._tell_broken(project.broken)
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
            self._scheduler.add_job(
                self._watches[slug].look, trigger(newsletter), id=f"due:{slug}", replace_existing=True
            )

    def _tell_broken(self, broken: Mapping[str, DigestError]) -> None:
        """Log what is wrong with a newsletter's file, once; the others go on."""
        for slug, error in broken.items():
            if self._broken.get(slug) != str(error):
                _log.error("%s cannot be looked after: %s", slug, error)
        self._broken = {slug: str(error) for slug, error in broken.items()}


def trigger(newsletter: Newsletter) -> CronTrigger:
    """Return the alarm of a newsletter: its weekday and time, in its own zone."""
    schedule = newsletter.schedule
    # By name: APScheduler counts weekdays from Monday, crontab from Sunday.
    return CronTrigger(
        day_of_week=_WEEKDAYS[schedule.weekday],
        hour=schedule.hour,
        minute=schedule.minute,
        timezone=schedule.time_zone,
    )
