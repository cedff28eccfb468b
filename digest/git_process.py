"""Decides how a process of git is started and ended: it asks nobody, runs nothing that a repository brings, and ends.

Nothing of the settings of the machine or its user counts, and of the environment only what git needs to start and ssh
to find its key. What the settings of a repository say gives way to these.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

_PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SYSTEMROOT",
)
SETTINGS: Mapping[str, str] = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",  # would go on in the background
    "maintenance.auto": "false",
}
"""What every process is told, whatever it is for."""


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process of git that has these settings, and no repository yet."""
    found = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    found |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def finished(
    arguments: Sequence[str],
    variables: Mapping[str, str],
    seconds: float,
    *,
    data: bytes | None = None,
    held: int | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git with `data` on its standard input and return what became of it.

    After `seconds` git and all that it started are killed. `held` is a file that every process of git keeps open.
    Raise `FileNotFoundError` when there is no git, `OSError` when it cannot be started, and
    `subprocess.TimeoutExpired`.
    """
    command = ["git", *arguments]
    process = subprocess.Popen(  # noqa: S603 - no shell; every argument is ours or was checked
        command,
        stdin=subprocess.DEVNULL if data is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(variables),
        pass_fds=() if held is None else (held,),
        start_new_session=True,
    )
    try:
        out, said = process.communicate(data, timeout=seconds)
    finally:
        _end(process)
    return subprocess.CompletedProcess(command, process.returncode, out, said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that has not ended by itself, and all that it started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):  # it ended before it took all that it was given
                stream.close()
