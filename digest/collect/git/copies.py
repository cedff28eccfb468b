"""Decides what lies on the disk of a repository, and how one state of its files takes the place of another.

state.json          which of the others count; replaced in one step, so that a killed run changes nothing
files-<mark>/       the files of the folder at one commit, without git's own
files-<mark>.index  git's list of them, by which it is seen whether one was lost or changed
objects-<mark>.git  what was fetched, so that the next fetch brings only what is new
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

_OURS = re.compile(r"(?:files|objects)-[0-9a-f]{12}(?:\.git|\.index(?:\.lock)?)?|state\.json\.new")
_MARK = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class State:
    """What was fetched, whence, and when it was last known to be the newest."""

    address: str
    branch: str
    folder: str
    commit: str
    files: str
    """The mark of the files."""
    objects: str
    """The mark of the objects."""
    checked_at: datetime
    before: str = ""
    """The mark of the files that these took the place of: somebody may be reading them still."""
    first_bytes: int = 0
    """What the objects took when they were fetched for the first time."""


@dataclass(frozen=True, slots=True)
class Copies:
    """The folder `place`, of which all belongs to one blog."""

    place: Path

    def files(self, mark: str) -> Path:
        """Return where the files of a state lie."""
        return self.place / f"files-{mark}"

    def index(self, mark: str) -> Path:
        """Return where git's list of these files lies."""
        return self.place / f"files-{mark}.index"

    def objects(self, mark: str) -> Path:
        """Return where the repository of a state lies."""
        return self.place / f"objects-{mark}.git"

    def held(self, mark: str) -> tuple[int, int]:
        """Return how many packs and bytes of objects lie in a repository; each fetch brings packs of its own."""
        packs = [*(self.objects(mark) / "objects" / "pack").glob("*.pack")]
        return len(packs), sum(pack.stat().st_size for pack in packs)

    def state(self) -> State | None:
        """Return the state that counts; None when there is none, or what tells it is spoilt."""
        try:
            said = json.loads((self.place / "state.json").read_text("utf-8"))
            state = State(**said | {"checked_at": datetime.fromisoformat(said["checked_at"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        texts = {key: value for key, value in asdict(state).items() if key not in {"checked_at", "first_bytes"}}
        if not all(isinstance(value, str) for value in texts.values()) or type(state.first_bytes) is not int:
            return None
        marks = (state.files, state.objects, *filter(None, [state.before]))
        there = all(map(_MARK.fullmatch, marks)) and state.checked_at.tzinfo and self.files(state.files).is_dir()
        return state if there else None

    def switch(self, state: State) -> None:
        """Let a state count from now on, and delete what neither it nor whoever reads the one before needs."""
        new = self.place / "state.json.new"
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(state), file, default=datetime.isoformat)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.place / "state.json")
        self.tidy(state)

    def tidy(self, state: State | None) -> None:
        """Delete all but a state and the files of the one before it, as attempts leave it behind that fail."""
        needed: set[Path] = set()
        if state:
            needed = {self.files(state.files), self.index(state.files), self.files(state.before)}
            needed.add(self.objects(state.objects))
        for path in self.place.iterdir():
            if path in needed or not _OURS.fullmatch(path.name):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def new_mark(taken: Callable[[str], bool] = lambda _: False) -> str:
    """Return a name that nothing has yet."""
    while taken(mark := secrets.token_hex(6)):
        pass
    return mark
