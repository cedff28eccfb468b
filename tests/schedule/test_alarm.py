"""`digest schedule` as a process: it rings when the calendar says so, and ends cleanly on SIGTERM."""

from __future__ import annotations

import logging
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from digest.models import EveryDays, LastWeekday, MonthlyOnDay, MonthlyOnWeekday, Rhythm, Schedule, Weekly
from digest.schedule import Watch
from digest.schedule.alarm import DueMoments, _Alarms
from digest.schedule.pulse import Pulse
from digest.select import next_slot
from tests.factories import TOKYO
from tests.projects import make_project, replace_in

RHYTHMS: list[Rhythm] = [
    *map(Weekly, range(7)),
    Weekly(0, 2, date(2026, 1, 5)),
    EveryDays(10, date(2026, 1, 5)),
    MonthlyOnDay(31),
    MonthlyOnWeekday(1, 0),
]


@pytest.mark.parametrize("rhythm", RHYTHMS, ids=str)
def test_the_alarm_rings_at_every_moment_that_the_calendar_says(rhythm: Rhythm) -> None:
    schedule = Schedule(rhythm, time(8, 30), TOKYO)
    now = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
    alarm, rings = DueMoments(schedule, lambda: now), []
    last = None
    for _ in range(3):
        last = alarm.get_next_fire_time(last, now)
        rings.append(last)
    first = next_slot(schedule, now)
    second = next_slot(schedule, first.due_at)
    assert rings == [first.due_at, second.due_at, next_slot(schedule, second.due_at).due_at]


def test_the_scheduler_takes_the_alarm() -> None:
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule = Schedule(EveryDays(1, date(2026, 1, 5)), time(8, 30), TOKYO)
    scheduler.start(paused=True)
    try:
        job = scheduler.add_job(lambda: None, DueMoments(schedule, lambda: datetime.now(UTC)))
        wait = job.next_run_time - datetime.now(UTC)
        assert timedelta(0) < wait <= timedelta(days=1)
        assert job.next_run_time.astimezone(TOKYO).time() == time(8, 30)
    finally:
        scheduler.shutdown()


@contextmanager
def started(root: Path, as_of: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "digest", "schedule", "--project", str(root), "--as-of", as_of]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stderr
    seen = ""
    for line in process.stderr:
        seen += line
        if word in line:
            return seen
    raise AssertionError(f"{word!r} never came:\n{seen}")


def test_it_sends_what_is_due_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p", readers=3)
    with started(root, "2026-01-16T12:00:00+09:00") as early:
        lines_until(early, "nothing is due yet")
        early.send_signal(signal.SIGTERM)
        lines_until(early, "stopped")
        assert early.wait(20) == 0
    with started(root, "2026-01-19T08:00:05+09:00") as late:
        seen = lines_until(late, "weekly/2026-W04: sent (3 accepted)")
        assert "next due 2026-01-26 08:00 JST" in seen
        late.send_signal(signal.SIGTERM)
        lines_until(late, "stopped")
        assert late.wait(20) == 0
    assert len(list((root / "var/outbox").rglob("*.eml"))) == 3


def test_a_wrong_configuration_at_the_start_is_an_error_and_not_a_silent_wait(tmp_path: Path) -> None:
    root = make_project(tmp_path / "p")
    replace_in(root / "config/newsletters/weekly.toml", "mon 08:00", "1 08:00")
    with started(root, "2026-01-19T08:00:05+09:00") as process:
        assert process.wait(20) == 1
        assert process.stderr
        assert "weekly.toml" in process.stderr.read()


def test_where_people_look_first_the_alarm_also_rings_at_the_build_and_right_before_the_due_moment() -> None:
    schedule = Schedule(Weekly(0), time(8), TOKYO, LastWeekday(4, time(18)), LastWeekday(4, time(19)))
    now = datetime(2026, 1, 14, tzinfo=UTC)
    alarm, last, rings = DueMoments(schedule, lambda: now), None, []
    for _ in range(4):
        last = alarm.get_next_fire_time(last, now)
        rings.append(f"{last:%m-%d %H:%M:%S %Z}")
    assert rings == ["01-16 19:00:00 JST", "01-19 07:59:30 JST", "01-19 08:00:00 JST", "01-23 19:00:00 JST"]


def test_a_rehearsal_as_of_another_moment_rings_at_its_own_due_moment() -> None:
    schedule = Schedule(Weekly(0), time(8), TOKYO)
    machine = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    meant = datetime(2026, 1, 19, 7, 59, 55, 300_000, tzinfo=TOKYO)
    alarm = DueMoments(schedule, lambda: meant)
    first = alarm.get_next_fire_time(None, machine)
    assert timedelta(seconds=4.7) <= first - machine < timedelta(seconds=6)
    assert alarm.get_next_fire_time(first, machine) - first == timedelta(weeks=1)


def test_however_many_newsletters_are_being_sent_the_tick_goes_on_and_nothing_is_complained_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    root = make_project(tmp_path / "p")
    folder = root / "config/newsletters"
    for number in range(9):
        (folder / f"n{number}.toml").write_bytes((folder / "weekly.toml").read_bytes())
    over, stopped = threading.Event(), threading.Event()
    busy, beats = queue.Queue[str](), queue.Queue[int]()

    class Busy(Watch):
        def look(self) -> None:
            if self._busy.acquire(blocking=False):
                busy.put(self._slug)
                over.wait(60)
                self._busy.release()

    class Counted(Pulse):
        def beat(self, watches: Mapping[str, Watch], wrong: str = "") -> None:
            beats.put(len(watches))

    monkeypatch.setattr("digest.schedule.alarm.Watch", Busy)
    clock = lambda: datetime(2026, 1, 16, 3, 0, tzinfo=UTC)  # noqa: E731 - one use
    alarms = _Alarms(root, None, clock, stopped, Counted(root, clock, lambda _: None))
    alarms.start()
    try:
        assert beats.get(timeout=30) == 10
        assert len({busy.get(timeout=30) for _ in range(10)}) == 10, "each of them is looked after"
        for _ in range(2):
            alarms._scheduler.modify_job("tick", next_run_time=datetime.now(UTC))
            assert beats.get(timeout=30) == 10
    finally:
        over.set()
        stopped.set()
        alarms.stop()
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
