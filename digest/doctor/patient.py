"""Who is examined, and what several examinations need: asked once, whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Generic, TypeVar

from digest.app import Project
from digest.send.key_checks import KeyCheck, check_key
from digest.store import Store
from digest.store.soundness import Sound

T = TypeVar("T")


class Once(Generic[T]):
    """Asks when it is first needed, and keeps the answer, or the error; others wait for it."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask, self._lock = ask, RLock()
        self._answers: list[T] = []
        self._error: Exception | None = None

    def __call__(self) -> T:
        """Return the answer; raise what asking raised."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if not self._answers:
                try:
                    self._answers.append(self._ask())
                except Exception as error:
                    self._error = error
                    raise
            return self._answers[0]


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """An answer, and when it came by this machine's clock."""

    answer: T
    at: datetime


@dataclass(slots=True)
class Patient:
    """A project and the moment."""

    project: Project
    now: datetime
    offline: bool = False
    store: Once[Store] = field(init=False)
    sound: Once[Timed[Sound]] = field(init=False)
    """What the database says of itself."""
    key: Once[Timed[KeyCheck | None]] = field(init=False)
    """What the provider answered to the harmless question; None when it was not asked."""

    def __post_init__(self) -> None:
        self.store = Once(lambda: self.project.store)
        self.sound = Once(self._ask_the_store)
        self.key = Once(self._ask_the_provider)

    def _ask_the_store(self) -> Timed[Sound]:
        examined = self.store().soundness.examine()
        return Timed(examined, datetime.now(UTC))

    def _ask_the_provider(self) -> Timed[KeyCheck | None]:
        answer = None if self.offline else asyncio.run(check_key(self.project.provider))
        return Timed(answer, datetime.now(UTC))
