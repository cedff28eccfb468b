"""The real studio for a team, as a process on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.projects import AS_OF
from tests.studio.starting import Studio

_COMMAND = ["preview", "--no-open", "--port", "0", "--as-of", AS_OF]


@contextmanager
def started_for_a_team(project: Path) -> Iterator[Studio]:
    """Start it by its command, and stop it in the end."""
    program = "import sys; from digest.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, *_COMMAND, "--project", str(project)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield Studio(line.partition(" at ")[2].partition(" (")[0].rstrip("/"), process)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
