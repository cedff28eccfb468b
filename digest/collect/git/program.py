"""Decides how the git program is run: it asks nobody, runs nothing that a repository brings, and ends in time.

Nothing of the settings of the machine or its user counts, and of the environment only what git needs to start and ssh
to find its key. So there is no helper that could ask for a password, no proxy, no hook, no filter: large files kept
elsewhere (LFS) stay the small pointers that git itself holds, and submodules stay empty folders.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from digest.collect.git.addresses import Repository
from digest.collect.git.faults import Fault, GitError, what_git_said
from digest.errors import SourceError

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
_TOKEN = "DIGEST_GIT_TOKEN"  # noqa: S105 - the name of a variable
_TELLS_TOKEN = (
    f"""!tell() {{ test "$1" = get && printf 'username=%s\\npassword=%s\\n' """
    f""""${{{_TOKEN}_USER}}" "${{{_TOKEN}}}"; }}; tell"""
)
"""A credential helper of git: it gives the token to the one server it is set for, also after a redirect."""
_SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",  # would go on in the background
    "http.followRedirects": "false",  # might lead into a private network
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",  # seconds: git ends by itself, should nobody be left to stop it
    "http.userAgent": "digest (newsletter generator) git",
    "maintenance.auto": "false",
    "protocol.version": "2",
}


_OLDEST = (2, 32)
"""The first that leaves the settings of the machine and its user aside when told to (2021)."""


@dataclass(frozen=True)
class Git:
    """The git program, set up for one repository."""

    repository: Repository
    token: str = field(default="", repr=False)
    """`token` or `user:token`; told to this server only, and only when it asks."""
    reached_at: tuple[str, ...] = ()
    """Addresses of the server that were found fit; git connects to these."""
    held: int | None = None
    """A file that every process of git keeps open: the lock, which so outlives a killed parent."""

    def run(
        self, *arguments: str, seconds: float, copy: Path | None = None, more: Mapping[str, str] | None = None
    ) -> str:
        """Run git and return what it prints; raise `GitError`, and `SourceError` when there is no git.

        `copy` is the repository on the disk that it works on, `more` are variables of its environment.
        After `seconds` git and all that it started are killed.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; every argument is ours or was checked
                ["git", *arguments],  # noqa: S607 - the git of the machine, wherever it lies
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**self._environment(copy), **(more or {})},
                pass_fds=() if self.held is None else (self.held,),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise SourceError(
                "a blog in a git repository needs the git program, which is not installed",
                fix="install git, or fetch the blog yourself and give its path",
            ) from error
        except OSError as error:
            raise SourceError(
                f"the git program cannot be started: {error.strerror}", fix="check that it runs"
            ) from error
        try:
            out, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise GitError(
                Fault.SLOW, f"it took longer than {seconds:g} seconds", "try again later, or name a folder"
            ) from error
        finally:
            _end(process)
        if process.returncode:
            raise what_git_said(said.decode("utf-8", "replace"), self.repository.address, self.token)
        return out.decode("utf-8", "surrogateescape")

    def check(self) -> None:
        """Raise `SourceError` unless there is a git that knows all that is asked of it here."""
        found = re.search(r"(\d+)\.(\d+)", said := self.run("version", seconds=60))
        if not found or (int(found[1]), int(found[2])) < _OLDEST:
            raise SourceError(
                f"a blog in a git repository needs git {_OLDEST[0]}.{_OLDEST[1]} or newer; this is {said.strip()[:60]}",
                fix="install a newer git, or fetch the blog yourself and give its path",
            )

    def _environment(self, copy: Path | None) -> dict[str, str]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        settings = _SETTINGS | {
            "remote.origin.url": self.repository.address,
            "remote.origin.promisor": "true",
            "remote.origin.partialclonefilter": "blob:none",
        }
        if self.repository.scheme in {"https", "http"}:
            pins = ",".join(f"[{each}]" if ":" in each else each for each in self.reached_at)
            host = self.repository.host.strip("[]")
            if pins and ":" not in host:
                settings["http.curloptResolve"] = f"{host}:{self.repository.port}:{pins}"
            if self.token:
                user, _, token = self.token.rpartition(":")
                settings[f"credential.{self.repository.origin}.helper"] = _TELLS_TOKEN
                environment |= {_TOKEN: token, f"{_TOKEN}_USER": user or "x-access-token"}
        environment |= {
            "GIT_ALLOW_PROTOCOL": self.repository.scheme,
            "GIT_DIR": str(copy or os.devnull),  # never the repository that this program happens to run in
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=20",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (key, value) in enumerate(settings.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environment


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that has not ended by itself, and all that it started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
