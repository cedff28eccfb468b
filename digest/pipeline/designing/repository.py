"""Decides how git is asked about the project's own folder: nothing that the repository brings is run, nothing leaves.

All of it is plumbing: no hook, no filter, no signing program, no editor and no pager is started, whatever the settings
of the repository say; no server is asked, and no file of the work tree is written.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.git_process import SETTINGS, environment, finished

MOST = 50
"""Commits of one file that are listed."""
_SECONDS = 20.0
_SETTINGS = {
    **SETTINGS,
    "color.ui": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "log.follow": "false",  # a former name of the file has other bytes at its place
    "log.mailmap": "false",
    "log.showRoot": "true",
    "log.showSignature": "false",  # would start the signing program of the repository's choice
    "protocol.allow": "never",  # a part that was not fetched is not fetched now
    "safe.bareRepository": "explicit",
}
_VARIABLES = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_NO_OBJECT = re.compile("0+")


class GitSaysNoError(Exception):
    """Git did not do what it was asked for; never leaves `designing`.

    `why` is one of the words that pages have sentences for (`git.<why>`), `detail` what git itself said.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why
        self.detail = _CONTROL.sub(" ", detail).strip()[:300]


@dataclass(frozen=True, slots=True)
class Change:
    """One commit's change of a file."""

    commit: str
    who: str
    """Its author."""
    at: datetime
    """Of the author; in UTC."""
    said: str
    """The first line of its message."""
    old: str
    """The object that holds the text before; empty when there was none."""
    new: str
    """The object that holds the text after; empty when the file was taken out."""


@dataclass(frozen=True)
class Repository:
    """The git repository in whose work tree a project lies, if it does."""

    root: Path
    """Of the project."""

    def ask(self, *arguments: str, data: bytes | None = None, more: Mapping[str, str] | None = None) -> bytes:
        """Run git in the project's folder and return what it prints; raise `GitSaysNoError`."""
        # --literal-pathspecs: a name with a star is a name
        command = ["--literal-pathspecs", "-C", str(self.root), *arguments]
        try:
            ended = finished(command, {**environment(_SETTINGS), **_VARIABLES, **(more or {})}, _SECONDS, data=data)
        except FileNotFoundError as error:
            raise GitSaysNoError("absent") from error
        except subprocess.TimeoutExpired as error:
            raise GitSaysNoError("slow") from error
        except OSError as error:
            raise GitSaysNoError("failed", error.strerror or str(error)) from error
        if ended.returncode:
            raise _meant(ended.stderr.decode("utf-8", "replace"))
        return ended.stdout

    def line(self, *arguments: str, more: Mapping[str, str] | None = None) -> str:
        """Return the one line that git prints; raise `GitSaysNoError`."""
        return os.fsdecode(self.ask(*arguments, more=more)).removesuffix("\n")

    def head(self) -> str:
        """Return the commit that is checked out; empty when there is none. Raise `GitSaysNoError`."""
        try:
            return self.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except GitSaysNoError as error:
            if error.why == "failed" and not error.detail:
                return ""
            raise

    def blob(self, name: str) -> bytes:
        """Return the bytes of an object; raise `GitSaysNoError`."""
        return self.ask("cat-file", "blob", name)

    def changes(self, head: str, path: str) -> Sequence[Change]:
        """Return the newest commits up to `head` that changed a file (from the project's folder), newest first.

        Raise `GitSaysNoError`.
        """
        printed = self.ask(
            "log", "-z", "--format=%H%x00%an%x00%at%x00%s", "--raw", "--no-abbrev", "--no-renames",
            "--diff-merges=first-parent", "--no-ext-diff", "--no-textconv", "--no-show-signature",
            f"--max-count={MOST}", head, "--", path,
        )  # fmt: skip
        return tuple(_changes(printed.decode("utf-8", "replace").split("\0")))


def _changes(pieces: Sequence[str]) -> Iterator[Change]:
    at = 0
    while at + 3 < len(pieces):
        commit, who, seconds, said = pieces[at : at + 4]
        at += 4
        if at + 1 < len(pieces) and pieces[at].startswith("\n:"):
            _, _, old, new, _ = pieces[at].removeprefix("\n:").split(" ")
            at += 2
            moment = datetime.fromtimestamp(int(seconds), UTC)
            yield Change(commit, _CONTROL.sub(" ", who), moment, _CONTROL.sub(" ", said), _object(old), _object(new))


def _object(name: str) -> str:
    return "" if _NO_OBJECT.fullmatch(name) else name


_MEANINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"not a git repository|must be run in a work tree|cannot use bare", "outside"),
        (r"dubious ownership", "owner"),
        (r"\.lock': File exists|Another git process", "locked"),
        (r"ident name|empty ident|disallowed characters", "name"),
        (r"cannot lock ref|but expected", "moved"),
        (r"Permission denied|insufficient permission|Read-only file system", "unwritable"),
    )
)


def _meant(said: str) -> GitSaysNoError:
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    detail = lines[0] if lines else ""
    return GitSaysNoError(next((why for pattern, why in _MEANINGS if pattern.search(said)), "failed"), detail)
