"""A post whose text repeats itself or breaks off is worth less than a whole one."""

from __future__ import annotations

from functools import lru_cache

from digest.select.candidates import Candidate
from digest.select.rules import Facts
from digest.select.soundness import cut_off, repeated_share

READS_TEXT = True


def score(candidate: Candidate, facts: Facts) -> float:
    """Return 1 for a whole text, less by the share that stands there twice, and half when it breaks off."""
    share, ends_early = _faults(candidate.post.body)
    return (1 - share) * (0.5 if ends_early else 1.0)


def sentence(candidate: Candidate, facts: Facts) -> str:
    """Say what is wrong, if something is."""
    share, ends_early = _faults(candidate.post.body)
    said = [f"{share:.0%} of its text repeats itself"] if share >= 0.05 else []
    said += ["it breaks off"] if ends_early else []
    return " and ".join(said)


@lru_cache(maxsize=1_000)  # score and sentence ask alike
def _faults(body: str) -> tuple[float, bool]:
    return repeated_share(body), cut_off(body)
