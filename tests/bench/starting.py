"""How long commands take to start, as whole processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.timing import side_by_side, tell
from tests.projects import AS_OF, make_project


def measure(folder: Path) -> None:
    """Time the commands that a person waits for."""
    project = make_project(folder / "project", readers=10)

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=False).returncode

    timed = ("--project", str(project), "--as-of", AS_OF)
    medians = side_by_side(
        {
            "digest --version": run("-m", "digest", "--version"),
            "python alone": run("-c", "pass"),
            "digest collect": run("-m", "digest", "collect", *timed),
            "digest check": run("-m", "digest", "check", *timed),
        }
    )
    tell("Starting, as whole processes", medians, ("digest --version", "python alone"))
