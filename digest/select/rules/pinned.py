"""An editor pinned the post in its front matter."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 for a pinned post, else 0."""
    return 1.0 if candidate.post.pinned else 0.0


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Say so."""
    return "pinned by its author" if candidate.post.pinned else ""
