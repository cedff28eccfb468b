"""Decides what a source keeps from one reading to the next, so that a blog's history is not parsed every week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class Memory(Protocol):
    """What one source wrote down when it was last read: key -> text.

    It may be empty, old or spoilt at any time; whoever reads an entry checks it, and does without when it is wrong.
    """

    def recall(self) -> Mapping[str, str]:
        """Return every entry."""
        ...

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        """Write entries, over older ones with the same key, and delete others."""
        ...


class Forgetful:
    """Remembers nothing: every reading is the first."""

    def recall(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        """Do nothing."""


FORGETFUL = Forgetful()
