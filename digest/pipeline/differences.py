"""What is different between two texts, as a person reads it: a few lines around each change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_AROUND = 2
_MOST = 4_000
"""Lines of a text; comparing takes time that grows with the square."""


@dataclass(frozen=True, slots=True)
class DifferentLine:
    """One line of what is shown."""

    kind: Literal["same", "removed", "added", "gap"]
    text: str = ""
    number: int = 0
    """Of the line in the newer text; in the older one for what was removed."""


def differences(older: str, newer: str) -> tuple[DifferentLine, ...] | None:
    """Return what was removed and added, with lines around it; None for texts that are too long to be compared."""
    before, after = older.splitlines(), newer.splitlines()
    if max(len(before), len(after)) > _MOST:
        return None
    return tuple(_lines(before, after))


def _lines(before: list[str], after: list[str]) -> Iterator[DifferentLine]:
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(_AROUND)
    for number, group in enumerate(groups):
        if number:
            yield DifferentLine("gap")
        for kind, start, end, new_start, new_end in group:
            if kind == "equal":
                yield from (DifferentLine("same", after[at], at + 1) for at in range(new_start, new_end))
                continue
            yield from (DifferentLine("removed", before[at], at + 1) for at in range(start, end))
            yield from (DifferentLine("added", after[at], at + 1) for at in range(new_start, new_end))
