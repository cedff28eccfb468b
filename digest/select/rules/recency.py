"""News grow old: a post counts half after each half-life before the cut-off."""

from __future__ import annotations

from digest.models import Post
from digest.select.rules import Facts


def score(post: Post, facts: Facts) -> float:
    """Return 1 at the cut-off, 0.5 one half-life earlier, and so on."""
    return float(0.5 ** (_age_days(post, facts) / facts.ranking.half_life_days))


def sentence(post: Post, facts: Facts) -> str:
    """Tell the age at the cut-off."""
    return f"{_age_days(post, facts):.1f} days old at the cut-off"


def _age_days(post: Post, facts: Facts) -> float:
    return max(0.0, (facts.slot.window.end - post.offered_at).total_seconds() / 86_400)
