"""A story that several posts tell matters more than one that is told once."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 0 for a story told once, 0.5 when another post tells it, 0.75 for two others, towards 1."""
    return float(1 - 0.5 ** len(candidate.others))


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Count the others."""
    count = len(candidate.others)
    return f"{count} other {'post tells' if count == 1 else 'posts tell'} the same story" if count else ""
