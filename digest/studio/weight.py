"""How heavy each part of a mail is, and in which of them Gmail cuts it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from digest.render import Part

_ROOM = 1.06
"""The line of a light mail still stands inside of the drawing."""


@dataclass(frozen=True, slots=True)
class Heavy:
    """One part."""

    kind: str
    """Its key, without the name of a section."""
    label: str
    size: int
    """Bytes."""
    across: float
    """Where it begins, in hundredths of the drawing."""
    width: float
    cut: str
    """`within` where Gmail cuts, `after` below that; empty for what is seen."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All parts, from top to bottom."""

    parts: tuple[Heavy, ...]
    line: float
    """Where Gmail cuts, in hundredths of the drawing."""


def weights(parts: Sequence[Part], clip: int) -> Weights | None:
    """Return the weight of the parts of a mail; None when they are not known. `clip` is Gmail's limit in bytes."""
    if not parts:
        return None
    ends = list(accumulate(part.size for part in parts))
    whole = max(ends[-1], clip * _ROOM)
    found = [
        Heavy(
            part.key.partition(":")[0],
            part.label,
            part.size,
            100 * (end - part.size) / whole,
            100 * part.size / whole,
            "" if end <= clip else "after" if end - part.size >= clip else "within",
        )
        for part, end in zip(parts, ends, strict=True)
    ]
    return Weights(tuple(found), 100 * clip / whole)
