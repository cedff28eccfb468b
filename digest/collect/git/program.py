"""Decides how the git program is set up to read a repository: what it may reach, and who is told the token.

There is no helper that could ask for a password, no proxy, no hook, no filter: large files kept elsewhere (LFS) stay
the small pointers that git itself holds, and submodules stay empty folders.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from digest.collect.git.addresses import Repository
from digest.collect.git.faults import Fault, GitError, what_git_said
from digest.errors import SourceError
from digest.git_process import SETTINGS, environment, finished

_TOKEN = "DIGEST_GIT_TOKEN"  # noqa: S105 - the name of a variable
_TELLS_TOKEN = (
    f"""!tell() {{ test "$1" = get && printf 'username=%s\\npassword=%s\\n' """
    f""""${{{_TOKEN}_USER}}" "${{{_TOKEN}}}"; }}; tell"""
)
"""A credential helper of git: it gives the token to the one server it is set for, also after a redirect."""
_SETTINGS = {
    **SETTINGS,
    "http.followRedirects": "false",  # might lead into a private network
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",  # seconds: git ends by itself, should nobody be left to stop it
    "http.userAgent": "digest (newsletter generator) git",
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
            process = finished(arguments, {**self._environment(copy), **(more or {})}, seconds, held=self.held)
        except FileNotFoundError as error:
            raise SourceError(
                "a blog in a git repository needs the git program, which is not installed",
                fix="install git, or fetch the blog yourself and give its path",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise GitError(
                Fault.SLOW, f"it took longer than {seconds:g} seconds", "try again later, or name a folder"
            ) from error
        except OSError as error:
            raise SourceError(
                f"the git program cannot be started: {error.strerror}", fix="check that it runs"
            ) from error
        if process.returncode:
            raise what_git_said(process.stderr.decode("utf-8", "replace"), self.repository.address, self.token)
        return process.stdout.decode("utf-8", "surrogateescape")

    def check(self) -> None:
        """Raise `SourceError` unless there is a git that knows all that is asked of it here."""
        found = re.search(r"(\d+)\.(\d+)", said := self.run("version", seconds=60))
        if not found or (int(found[1]), int(found[2])) < _OLDEST:
            raise SourceError(
                f"a blog in a git repository needs git {_OLDEST[0]}.{_OLDEST[1]} or newer; this is {said.strip()[:60]}",
                fix="install a newer git, or fetch the blog yourself and give its path",
            )

    def _environment(self, copy: Path | None) -> dict[str, str]:
        secret: dict[str, str] = {}
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
                secret = {_TOKEN: token, f"{_TOKEN}_USER": user or "x-access-token"}
        return (
            environment(settings)
            | secret
            | {
                "GIT_ALLOW_PROTOCOL": self.repository.scheme,
                "GIT_DIR": str(copy or os.devnull),  # never the repository that this program happens to run in
                "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=20",
            }
        )
