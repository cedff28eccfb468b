"""The real studio as a process, on a project and with a clock that stands still."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.projects import AS_OF

_PROGRAM = """
import sys
from datetime import datetime
from pathlib import Path
from digest.studio import serve

now = datetime.fromisoformat(sys.argv[2])
serve(Path(sys.argv[1]), lambda: now, newsletter=None, port=0, on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@dataclass(frozen=True)
class Studio:
    url: str
    """With the token."""
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        return self.url.partition("/?")[0]


@contextmanager
def started(project: Path) -> Iterator[Studio]:
    """Start the studio and stop it in the end."""
    command = [sys.executable, "-c", _PROGRAM, str(project), AS_OF]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield Studio(process.stdout.readline().strip(), process)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
