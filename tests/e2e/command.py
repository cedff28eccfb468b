"""The real `digest` command as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.projects import AS_OF

_TIMELESS = {"history", "export", "list", "show", "lift", "suppressed"}
"""Commands that ask for no moment: they tell what is, or undo what was."""


def digest(project: Path, *arguments: str, as_of: str = AS_OF, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a project at the moment of the example issue."""
    timed = () if _TIMELESS & set(arguments[:2]) else ("--as-of", as_of)
    command = [sys.executable, "-m", "digest", *arguments, "--project", str(project), *timed]
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=120)


def digest_json(project: Path, *arguments: str, exit_code: int | None = None, **options: str) -> Any:
    """Run a command with --json and return what it said."""
    done = digest(project, *arguments, "--json", **options)
    assert exit_code is None or done.returncode == exit_code, done.stdout + done.stderr
    return json.loads(done.stdout)
