"""`digest schedule` as a process: it rings by name of the weekday, and ends cleanly on SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger

from digest.models import WeeklySchedule
from digest.schedule.alarm import trigger
from digest.select import next_slot
from tests.factories import TOKYO, make_newsletter
from tests.projects import make_project, replace_in


@pytest.mark.parametrize("weekday", range(7))
def test_the_alarm_rings_at_the_moment_that_the_calendar_says(weekday: int) -> None:
    newsletter = make_newsletter(schedule=WeeklySchedule(weekday, 8, 30, TOKYO))
    now = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
    rings: CronTrigger = trigger(newsletter)
    assert rings.get_next_fire_time(None, now) == next_slot(newsletter.schedule, now).due_at


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
