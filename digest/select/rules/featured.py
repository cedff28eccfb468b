"""The blog itself makes much of the post: `featured: true` in its front matter."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 for a featured post, else 0."""
    return 1.0 if candidate.post.featured else 0.0


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Say so."""
    return "featured on the blog" if candidate.post.featured else ""
