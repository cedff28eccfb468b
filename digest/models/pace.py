"""How fast mail may leave, whoever sends it, and that something has to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows, of all processes on all hosts together."""

    per_second: float = 0
    """Readers a second on average; 0 for as fast as it goes."""
    per_day: int = 0
    """Readers of all newsletters in any 24 hours; 0 for no limit."""
    max_rejected_share: float = 0.2
    """Of those who were answered; above it the issue is paused."""


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Later:
    """Why a batch that could leave must not leave now."""

    until: datetime | None
    """None when it is not for this run to wait for."""
    because: str = ""
    """For a person; empty for the ordinary pace."""
