"""How much each term says: rare terms much, common ones nothing, and names with a long past less than their rareness.

A product's or a company's name that the blog has written again and again tells which family a post is about, not
which story.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from digest.select.stories.terms import Marks, Terms, is_name

_FAMILY_SHARE = 0.01
"""From this share of the posts on, a name is one of a family."""
_FAMILY_POSTS = 3
_FAMILY_WEIGHT = 0.6
_FEW = 3
"""Posts up to which a term is as rare as can be: a story that is told three times must not lose its own words."""
_TELLING = 2.5
"""Rareness of what tells posts apart: about one post in twelve has it; in a small blog, a few posts."""
_LONGEST = 72
"""Terms of a vector: the heaviest, which hold nearly all of its length."""

Vector = dict[str, float]
"""Terms and weights, the heaviest first; of length 1, or empty."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How rare terms are among the posts that are known, and which of them are names of families."""

    rareness: dict[str, float]
    families: frozenset[str]
    telling_from: float
    """The rareness from which on a term can tell posts apart."""

    def telling(self, marks: Marks) -> Marks:
        """Return the marks without those in the headline that many posts have."""
        return Marks(frozenset(term for term in marks.headline if self.rareness[term] >= self.telling_from), marks.all)

    def vector(self, terms: Terms) -> Vector:
        """Return what a post is about as a vector of length 1; an empty one when all its terms are everywhere."""
        rareness = self.rareness
        weighed = {term: count * rare for term, count in terms.counts.items() if (rare := rareness[term])}
        heaviest = sorted(weighed, key=weighed.__getitem__, reverse=True)[:_LONGEST]
        length = math.sqrt(math.fsum([weighed[term] ** 2 for term in heaviest]))
        return {term: weighed[term] / length for term in heaviest}


def weigh(known: Collection[Terms]) -> Weights:
    """Learn from the terms of many posts, the ones to be compared among them."""
    seen: Counter[str] = Counter()
    for terms in known:
        seen.update(terms.counts.keys())
    small = set[str]().union(*(terms.small for terms in known))
    often = max(_FAMILY_POSTS, _FAMILY_SHARE * len(known))
    families = frozenset(term for term, posts in seen.items() if posts >= often and _is_family(term, small))
    logs = _Logs(len(known))
    rareness = {term: logs[posts] for term, posts in seen.items()}
    for term in families:
        rareness[term] *= _FAMILY_WEIGHT
    return Weights(rareness, families, min(_TELLING, logs[_FEW]))


def _is_family(term: str, small: Collection[str]) -> bool:
    return is_name(term) and term not in small


class _Logs(dict[int, float]):
    """Rareness by the number of posts that have a term, worked out once for each number."""

    def __init__(self, known: int) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, posts: int) -> float:
        value = self[posts] = math.log(max(1.0, (self._known + 1) / (max(posts, _FEW) + 1)))
        return value
