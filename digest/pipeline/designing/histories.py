"""Decides where what saves replace is found again: in git where the file is in git, else with the studio itself.

A file that is in git has both: its commits, and those saves that git could not take.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from digest.pipeline.designing.committing import Recorded, Saved, record
from digest.pipeline.designing.files import DesignFile
from digest.pipeline.designing.history import Former, former_texts, keep
from digest.pipeline.designing.repository import Change, GitSaysNoError, Repository
from digest.pipeline.designing.summing_up import message

_MOST_FILES = 200
"""Whose commits are remembered."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A change of a file that is a commit, whoever made it and wherever."""

    repository: Repository = field(repr=False, compare=False)
    change: Change

    @property
    def name(self) -> str:
        """The commit; what tells it from the others."""
        return self.change.commit

    @property
    def saved_at(self) -> datetime:
        """When its author made it; in UTC."""
        return self.change.at

    @property
    def who(self) -> str:
        """Its author."""
        return self.change.who

    @property
    def said(self) -> str:
        """The first line of its message."""
        return self.change.said

    @property
    def comes_back(self) -> bool:
        """Whether there was a text before."""
        return bool(self.change.old)

    def before(self) -> bytes:
        """Return what was there before, nothing for a new file; raise OSError."""
        return self._bytes(self.change.old)

    def after(self) -> bytes | None:
        """Return what was there then; raise OSError."""
        return self._bytes(self.change.new)

    def _bytes(self, blob: str) -> bytes:
        try:
            return self.repository.blob(blob) if blob else b""
        except GitSaysNoError as error:
            raise OSError(str(error)) from error


Earlier = Former | Committed
"""A change of a file, with what was there before."""


@dataclass(slots=True)
class Histories:
    """The histories of a project's files."""

    folder: Path
    """Where the studio keeps what is in no git."""
    repository: Repository | None = None
    _known: dict[tuple[str, str], tuple[Committed, ...]] = field(default_factory=dict)
    """By commit and place: a history is read once a commit."""

    def of(self, file: DesignFile) -> Sequence[Earlier]:
        """Return the changes of a file, newest first."""
        rows: list[Earlier] = list(former_texts(self.folder, file))
        place = 0
        for each in self._committed(file):  # in git's order, whatever the clocks of their authors said
            while place < len(rows) and rows[place].saved_at > each.saved_at:
                place += 1
            rows.insert(place, each)
            place += 1
        return tuple(rows)

    def find(self, file: DesignFile, name: str) -> Earlier | None:
        """Return the change of this name."""
        return next((each for each in self.of(file) if each.name == name), None)

    def in_git(self, file: DesignFile) -> bool:
        """Tell whether the newest commit has the file."""
        return bool(self._committed(file))

    def keep(self, file: DesignFile, data: bytes, who: str, now: datetime) -> Former:
        """Keep the bytes that are about to be replaced; raise OSError."""
        return keep(self.folder, file, data, who, now)

    def commit(
        self, file: DesignFile, before: bytes, after: bytes, kept: Former, who: str, back_to: datetime | None
    ) -> Recorded | None:
        """Let git have a save that is on disk, if the file is in git; what was kept of it goes when git has it."""
        if self.repository is None:
            return None
        texts = [each.decode("utf-8", "replace") for each in (before, after)]
        told = message(f"{file.path.parent.name}/{file.name}", texts[0], texts[1], back_to)
        recorded = record(self.repository, Saved(file, before, after, who, kept.saved_at, told))
        if recorded and recorded.commit:
            with suppress(OSError):  # then it is there twice
                kept.path.unlink(missing_ok=True)
        return recorded

    def _committed(self, file: DesignFile) -> tuple[Committed, ...]:
        if self.repository is None:
            return ()
        try:
            head = self.repository.head()
            if not head:
                return ()
            path = str(file.path.relative_to(self.repository.root))
            if (head, path) not in self._known:
                found = self.repository.changes(head, path)
                if not found or not found[0].new:  # it is not in git, or not any more
                    found = ()
                if len(self._known) >= _MOST_FILES or any(each != head for each, _ in self._known):
                    self._known.clear()
                self._known[head, path] = tuple(Committed(self.repository, each) for each in found)
        except GitSaysNoError:
            return ()  # a save tells why
        return self._known[head, path]


def text_after(changes: Sequence[Earlier], one: Earlier, now: bytes) -> bytes:
    """Return what a file said after a change; `now` is what it says today. Raise OSError."""
    said = one.after()
    if said is not None:
        return said
    place = next((at for at, each in enumerate(changes) if each.name == one.name), 0)
    if not place:
        return now
    # The first commit after it has its text, too: a save keeps what git did not know yet.
    after = changes[place - 1].after()
    return changes[place - 1].before() if after is None else after
