"""Whether a long-running process still does what it is there for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from digest.app import Project
from digest.errors import DigestError
from digest.send.detail import without_addresses

_LONGEST_SILENCE = 180.0
"""Seconds: it ticks every minute, so two ticks may be late."""


class Health:
    """Knows when the process last looked around, and what it found to be wrong."""

    def __init__(self, root: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        self._root, self._seconds = root, seconds
        self._ticked_at = seconds()
        self._wrong: tuple[str, ...] = ()

    def ticked(self, wrong: Sequence[str]) -> None:
        """Note that the process looked around, and what is wrong with what it looks after."""
        self._ticked_at, self._wrong = self._seconds(), tuple(wrong)

    def now(self) -> tuple[int, dict[str, Any]]:
        """Return an HTTP status with `{status, seconds_since_tick, wrong, troubles}`.

        `wrong` makes it 503: nobody looks, or the store cannot be read. `troubles` do not: a newsletter that fails is
        not mended by starting the process again.
        """
        silence = self._seconds() - self._ticked_at
        wrong = [f"nothing was looked at for {silence:.0f} seconds"] if silence > _LONGEST_SILENCE else []
        try:
            with Project(self._root) as project:
                project.store.figures.last_seen()
        except Exception as error:  # noqa: BLE001 - whoever asks has to get an answer
            wrong.append(str(error) if isinstance(error, DigestError) else type(error).__name__)
        said = {
            "status": "failing" if wrong else "ok",
            "seconds_since_tick": round(silence, 1),
            "wrong": [without_addresses(each) for each in wrong],
            "troubles": [without_addresses(each) for each in self._wrong if each not in wrong],
        }
        return 503 if wrong else 200, said
