"""Decides what a blog in a git repository says: a copy is brought up to date, then read like any other folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digest.collect.git.checkout import Checkout
from digest.collect.memory import FORGETFUL, Memory
from digest.models import Collection, Secret

if TYPE_CHECKING:
    from digest.collect import Source


@dataclass(frozen=True)
class Wanted:
    """The options of a source in git, besides those of the blog's own kind."""

    git: str
    """The repository's address: `https://…`, `ssh://…` or `git@host:path`."""
    branch: str = ""
    """Else the one that the repository itself names."""
    folder: str = ""
    """The blog's folder within the repository; else all of it."""
    token: Secret | None = None
    """`env:NAME`: opens a private repository over https."""
    allow_private: bool = False
    """Also ask machines of a private network, over http too, and read `file://…`."""


@dataclass(frozen=True)
class Repository:
    """A blog whose folder lies in a git repository."""

    name: str
    wanted: Wanted
    place: Path
    """Where the copy is kept."""
    open_folder: Callable[[Path], Source] = field(compare=False)
    """Makes the source that reads the copy's folder."""

    def __post_init__(self) -> None:
        self._checkout()

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Bring the copy up to date and read it; when that fails, the last good state is read, which is said.

        Raise `SourceError` when there is no state at all to read, and as the blog's own kind does.
        """
        folder, findings = self._checkout().update(now)
        collection = self.open_folder(folder).read(now, since, memory)
        return replace(collection, problems=(*findings, *collection.problems))

    def watched(self) -> Sequence[Path]:
        """Return nothing: the copy changes only when it is read."""
        return ()

    def _checkout(self) -> Checkout:
        wanted, token = self.wanted, self.wanted.token
        return Checkout(
            wanted.git,
            wanted.branch,
            wanted.folder,
            self.place,
            token=token.value if token else "",
            allow_private=wanted.allow_private,
        )
