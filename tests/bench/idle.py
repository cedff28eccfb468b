"""What schedulers cost that have nothing to do: two of them over one store, two newsletters each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.projects import make_project

_MINUTES = 3
_DAY_OF_REST = "2026-01-14T12:00:00+09:00"


def measure(folder: Path) -> None:
    """Let them tick for some minutes after they have started, and tell their share of one core."""
    project = make_project(folder)
    newsletters = project / "config/newsletters"
    shutil.copy(newsletters / "weekly.toml", newsletters / "second.toml")
    program = (sys.executable, "-m", "digest", "schedule", "--project", str(project), "--as-of", _DAY_OF_REST)
    running = [subprocess.Popen(program, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        time.sleep(20)  # the start is no idling
        before = sum(cpu_seconds(each.pid) for each in running)
        time.sleep(60 * _MINUTES)
        spent = sum(cpu_seconds(each.pid) for each in running) - before
    finally:
        for each in running:
            each.send_signal(signal.SIGTERM)
            each.wait()
    share = spent / (60 * _MINUTES)
    print(f"\nTwo idle schedulers over one store: {spent:.2f} s of CPU in {_MINUTES} minutes, {share:.2%} of a core")


def cpu_seconds(pid: int) -> float:
    """Return the processor's seconds that a process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
