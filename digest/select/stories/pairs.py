"""Decides which posts are worth comparing: those that share one of their heaviest terms, so that not all pairs are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from digest.select.stories.weights import Vector

_A_FEW = 1_000
"""Posts up to which a bit more work is no matter: a month of a busy blog."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far one looks for posts like another."""

    heaviest: int
    """Terms of a post under which it is looked up."""
    many: int
    """Posts under one term from which on each is only compared with the next ones."""
    following: int
    """How many of these."""
    least: float
    """What the heaviest terms of two posts have to share, as a part of their likeness."""


_AMONG_FEW = _Reach(heaviest=14, many=40, following=16, least=0.07)
_AMONG_MANY = _Reach(heaviest=8, many=20, following=8, least=0.1)


def likely_pairs(vectors: Sequence[Vector]) -> list[tuple[int, int]]:
    """Return pairs of places `(earlier, later)` whose posts are worth comparing, in order."""
    far = _AMONG_FEW if len(vectors) <= _A_FEW else _AMONG_MANY
    under: dict[str, list[tuple[int, float]]] = {}
    for at, vector in enumerate(vectors):
        for term, weight in islice(vector.items(), far.heaviest):
            under.setdefault(term, []).append((at, weight))
    shared: dict[tuple[int, int], float] = {}
    for posts in under.values():
        reach = far.following if len(posts) > far.many else far.many
        for place, (one, weight) in enumerate(posts):
            for other, other_weight in posts[place + 1 : place + 1 + reach]:
                shared[one, other] = shared.get((one, other), 0.0) + weight * other_weight
    return sorted(pair for pair, likeness in shared.items() if likeness >= far.least)
