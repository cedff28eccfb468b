"""The author's own nudge: `newsletter: {weight: 0.5}` in the front matter."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return the front matter's weight, held to -1..1."""
    return max(-1.0, min(1.0, candidate.post.weight))


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Repeat the author's number."""
    return f"its author gave it weight {candidate.post.weight:+g}" if candidate.post.weight else ""
