"""A post is worth what marketing says its section is worth."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return the weight of the post's section, 0..1."""
    return candidate.section.weight


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Name the section and the post's category."""
    section, categories = candidate.section, candidate.post.categories
    return f"section '{section.heading}' ({categories[0] if categories else 'no category'}), weight {section.weight:g}"
