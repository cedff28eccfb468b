"""An issue should not have one author only: each further post of the same one counts less."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts

AFTER_OTHERS = True


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 for the first post of its author, 0.5 for the second, a third for the next, and so on."""
    return 1 / (1 + _others(candidate, facts))


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Count the posts of the same author that are in before it."""
    others = _others(candidate, facts)
    return f"{others} before it {'is' if others == 1 else 'are'} of the same author" if others else ""


def _others(candidate: Candidate, facts: Facts) -> int:
    return facts.chosen.authors[candidate.post.author]
