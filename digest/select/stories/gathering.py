"""Gathers posts around centres: two groups become one while their centres are close, the closest first.

The closeness of centres, not of single posts, decides: a chain of posts of which each is like the next does not
become one story, and a large group with a clear subject takes a post that is like all of it a little.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from digest.select.stories.terms import Marks
from digest.select.stories.weights import Vector

_CLOSE = 0.37
"""From this cosine of their centres on, two groups tell the same story."""
_FAINT = 0.12
"""Below this cosine, two posts count as sharing nothing."""
_SECOND_SIGN = 0.1
"""The part of the closeness that must not come from names of families."""
_OTHER_VERSION = 0.7
"""What is left of the closeness when both headlines have a version of the same product, but not the same one."""
_OTHER_FIGURES = 0.7
"""What is left of it when both headlines have figures that the other post does not know, and they share no version."""


@dataclass(frozen=True, slots=True)
class About:
    """What one post is about."""

    vector: Vector
    versions: Marks
    figures: Marks


@dataclass(slots=True)
class _Group:
    """Posts with one centre, the sum of their vectors, of which only products are ever needed."""

    members: list[int]
    square: float
    versions: Marks
    figures: Marks
    shared: dict[int, tuple[float, float]] = field(default_factory=dict)
    """The product with the centre of each group nearby, and the part of it that comes from names of families."""
    merges: int = 0
    """Tells whether what was once said about the group still holds."""


def gather(posts: Sequence[About], pairs: Iterable[tuple[int, int]], families: frozenset[str]) -> list[tuple[int, ...]]:
    """Return groups of places in `posts`, each in exactly one, the most central first.

    Posts that are in no pair together count as sharing nothing.
    """
    groups = {at: _Group([at], 1.0, post.versions, post.figures) for at, post in enumerate(posts)}
    heap: list[tuple[float, int, int, int, int]] = []

    def offer(one: int, other: int) -> None:
        first, second = groups[one], groups[other]
        close = _closeness(first, second, *first.shared[other])
        if close >= _CLOSE:
            heapq.heappush(heap, (-close, one, other, first.merges, second.merges))

    for one, other in pairs:
        shared = _shared(posts[one].vector, posts[other].vector, families)
        if shared[0] >= _FAINT:
            groups[one].shared[other] = groups[other].shared[one] = shared
            if shared[0] >= _CLOSE:
                offer(one, other)
    while heap:
        _, one, other, merges, other_merges = heapq.heappop(heap)
        into, taken = groups.get(one), groups.get(other)
        if not into or not taken or (into.merges, taken.merges) != (merges, other_merges):
            continue
        del groups[other]
        _merge(into, taken, one, other)
        for neighbour in taken.shared:
            if neighbour != one:
                near = groups[neighbour].shared
                near[one] = into.shared[neighbour]
                del near[other]
        for neighbour in sorted(into.shared):
            groups[neighbour].shared[one] = into.shared[neighbour]
            offer(min(one, neighbour), max(one, neighbour))
    return [_most_central_first(group.members, posts) for _, group in sorted(groups.items())]


def _shared(one: Vector, other: Vector, families: frozenset[str]) -> tuple[float, float]:
    """Return the product of two vectors, and the part of it that comes from names of families.

    `fsum` is exact, so that the order of a set decides nothing.
    """
    both = one.keys() & other.keys()
    shared = math.fsum([one[term] * other[term] for term in both])
    of_families = both & families
    return shared, math.fsum([one[term] * other[term] for term in of_families]) if of_families else 0.0


def _closeness(one: _Group, other: _Group, shared: float, of_families: float) -> float:
    """Return the cosine of two centres; 0 where the second sign is missing."""
    lengths = math.sqrt(one.square * other.square)
    if shared < _CLOSE * lengths or shared - of_families < _SECOND_SIGN * lengths:
        return 0.0
    close = shared / lengths
    if _are_other_versions(one.versions, other.versions):
        close *= _OTHER_VERSION
    if one.figures.contradict(other.figures) and one.versions.all.isdisjoint(other.versions.all):
        close *= _OTHER_FIGURES
    return round(close, 9)


def _are_other_versions(one: Marks, other: Marks) -> bool:
    """Tell whether the headlines name other versions of one product."""
    return one.contradict(other) and not _products(one.headline).isdisjoint(_products(other.headline))


def _products(versions: Iterable[str]) -> set[str]:
    return {version.partition(" ")[0] for version in versions}


def _merge(into: _Group, taken: _Group, one: int, other: int) -> None:
    into.square += taken.square + 2 * into.shared.pop(other)[0]
    into.members += taken.members
    for neighbour, (shared, of_families) in taken.shared.items():
        if neighbour != one:
            known, known_of_families = into.shared.get(neighbour, (0.0, 0.0))
            into.shared[neighbour] = (known + shared, known_of_families + of_families)
    into.versions |= taken.versions
    into.figures |= taken.figures
    into.merges += 1


def _most_central_first(members: list[int], posts: Sequence[About]) -> tuple[int, ...]:
    if len(members) == 1:
        return (members[0],)
    total: Vector = {}
    for at in sorted(members):
        for term, weight in posts[at].vector.items():
            total[term] = total.get(term, 0.0) + weight
    closeness = {at: round(_shared(posts[at].vector, total, frozenset())[0], 9) for at in members}
    return tuple(sorted(members, key=lambda at: (-closeness[at], at)))
