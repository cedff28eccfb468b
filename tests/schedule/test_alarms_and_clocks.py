"""The real scheduler under a clock that is moved: its alarms ring over both clock changes, and ticks find the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.schedulers.background import BackgroundScheduler

from digest.models import Schedule, Weekly
from digest.schedule.alarm import DueMoments, _Alarms
from digest.schedule.pulse import Pulse
from tests.projects import make_project

NIGHTLY = Schedule(Weekly(6), time(2, 30), ZoneInfo("Europe/Berlin"))
SPRING = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
"""03:30 in summer time: 02:30 does not exist on that Sunday."""
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""The first of the two 02:30."""
PATIENCE_SECONDS = 20


class Bell:
    """Counts its rings, at the moments that the moved clock shows."""

    def __init__(self) -> None:
        self.rings: list[datetime] = []
        self._rung = threading.Semaphore(0)

    def ring(self) -> None:
        self.rings.append(datetime.now(UTC).replace(second=0, microsecond=0))
        self._rung.release()

    def wait(self) -> None:
        assert self._rung.acquire(timeout=PATIENCE_SECONDS), "it never rang"


@contextmanager
def ringing(job: Callable[[], None], trigger: object) -> Iterator[BackgroundScheduler]:
    scheduler = BackgroundScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
    )
    scheduler.add_job(job, trigger)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown()


@pytest.mark.parametrize("moment", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_on_the_sunday_of_a_clock_change_it_rings_once(moment: datetime) -> None:
    bell = Bell()
    with (
        time_machine.travel(moment - timedelta(hours=2), tick=True) as clock,
        ringing(bell.ring, DueMoments(NIGHTLY, lambda: datetime.now(UTC))) as alarms,
    ):
        clock.move_to(moment + timedelta(seconds=1))
        alarms.wakeup()
        bell.wait()
        clock.move_to(moment + timedelta(hours=1, seconds=1))  # in autumn, the clock on the wall shows 02:30 again
        alarms.wakeup()
        clock.move_to(moment + timedelta(days=7, hours=1, seconds=1))
        alarms.wakeup()
        bell.wait()
    assert [each.date() for each in bell.rings] == [moment.date(), (moment + timedelta(days=7)).date()]


def test_an_alarm_that_the_clock_jumped_over_rings_late_and_once() -> None:
    bell = Bell()
    with (
        time_machine.travel(SPRING - timedelta(hours=2), tick=True) as clock,
        ringing(bell.ring, DueMoments(NIGHTLY, lambda: datetime.now(UTC))) as alarms,
    ):
        clock.move_to(SPRING + timedelta(days=15))
        alarms.wakeup()
        bell.wait()
        alarms.wakeup()
    assert len(bell.rings) == 1


def test_after_the_clock_is_set_back_the_alarms_are_set_anew(tmp_path: Path) -> None:
    """APScheduler keeps the next moment of each alarm: a clock that was a day ahead would silence them for a day."""
    root = make_project(tmp_path / "p", readers=1)
    stopped = threading.Event()
    with time_machine.travel(AUTUMN, tick=True) as clock:
        alarms = _Alarms(root, None, lambda: datetime.now(UTC), stopped, Pulse(root, lambda: datetime.now(UTC), print))
        clock.shift(timedelta(days=1))
        alarms.start()
        try:
            alarms.mind_the_clock()
            assert _waits(alarms) > timedelta(seconds=30)
            clock.shift(timedelta(days=-1))
            assert _waits(alarms) > timedelta(hours=23)
            alarms.mind_the_clock()
            assert _waits(alarms) <= timedelta(minutes=1)
            due = alarms._scheduler.get_job("due:weekly").next_run_time
            assert due == datetime(2026, 10, 25, 23, tzinfo=UTC), "the Monday that the day ahead had passed over"
        finally:
            alarms.stop()


def _waits(alarms: _Alarms) -> timedelta:
    wait: timedelta = alarms._scheduler.get_job("tick").next_run_time - datetime.now(UTC)
    return wait
