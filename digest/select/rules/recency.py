"""News grow old: a post counts half after each half-life before the cut-off."""

from __future__ import annotations

from digest.select.candidates import Candidate
from digest.select.rules import Facts


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 at the cut-off, 0.5 one half-life earlier, and so on."""
    return float(0.5 ** (_age_days(candidate, facts) / facts.ranking.half_life_days))


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Tell the age at the cut-off."""
    return f"{_age_days(candidate, facts):.1f} days old at the cut-off"


def _age_days(candidate: Candidate, facts: Facts) -> float:
    # Not by subtraction: of two times in one zone, Python subtracts what the clock shows, whatever day it was changed.
    return max(0.0, (facts.slot.window.end.timestamp() - candidate.post.offered_at.timestamp()) / 86_400)
