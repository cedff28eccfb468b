"""A post should take about as long to read as the newsletter's readers like to spend on one."""

from __future__ import annotations

import math

from digest.select.candidates import Candidate
from digest.select.reading_time import reading_minutes
from digest.select.rules import Facts

READS_TEXT = True


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 at `reading_minutes`, half of it at twice or half as long, 0 for a post without words."""
    minutes = reading_minutes(candidate.post.body)
    return 1 / (1 + abs(math.log2(minutes / facts.ranking.reading_minutes))) if minutes else 0.0


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Tell the time."""
    return f"{reading_minutes(candidate.post.body)} min to read ({facts.ranking.reading_minutes} wanted)"
