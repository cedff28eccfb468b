"""How a mail is run through SpamAssassin: on this machine, without the network, and not for ever."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

PROGRAM = "spamassassin"
SECONDS = 30.0
"""A cold start takes 2 to 4."""
_LONGEST_REPORT = 4_000_000
"""Bytes: the mail comes back with the report."""


def scan(message: bytes, seconds: float = SECONDS) -> str | None:
    """Return what `spamassassin -L -t` prints about a mail (RFC 5322 bytes); None when it is not installed.

    Raises TimeoutError after `seconds`, with the program and all that it started ended, and OSError when it cannot be
    run or fails.
    """
    program = shutil.which(PROGRAM)
    if not program:
        return None
    # -L: no network; -t: print the report of a clean mail, too; -x: leave the home directory alone.
    with tempfile.TemporaryDirectory(prefix="digest-spam-") as folder, Path(folder, "report").open("w+b") as report:
        with subprocess.Popen(  # noqa: S603 - a fixed program, no shell, nothing of the mail in its arguments
            [program, "-L", "-t", "-x"],
            stdin=subprocess.PIPE,
            stdout=report,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "LC_ALL": "C"},
            start_new_session=True,
        ) as process:
            try:
                process.communicate(message, timeout=seconds)
            except subprocess.TimeoutExpired:
                raise TimeoutError(f"{PROGRAM} took longer than {seconds:g} s") from None
            except BrokenPipeError:
                process.wait()
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            raise OSError(f"{PROGRAM} ended with {process.returncode}")
        report.seek(0)
        return report.read(_LONGEST_REPORT).decode("utf-8", errors="replace")
