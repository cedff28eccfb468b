"""Why a post ranks: one file a rule.

A module of this folder exports two pure functions:

    score(post, facts) -> float      0..1 (an author's own nudge: -1..1)
    sentence(post, facts) -> str     the same for a person, without the number

The newsletter's `[ranking.weights]` says how much each counts; a rule without a weight does not count.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Protocol, cast

from digest.models import Post, Ranking, SectionRule, Slot


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at besides the post."""

    section: SectionRule
    slot: Slot
    ranking: Ranking


class Rule(Protocol):
    """The shape of a module of this folder."""

    def score(self, post: Post, facts: Facts) -> float:
        """Return the rule's opinion of a post."""
        ...

    def sentence(self, post: Post, facts: Facts) -> str:
        """Return the reason for a person."""
        ...


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return every rule of this folder by its name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return MappingProxyType({name: cast("Rule", importlib.import_module(f"{__name__}.{name}")) for name in names})
