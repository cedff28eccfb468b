"""Why a post ranks: one file a rule.

A module of this folder exports two pure functions:

    score(candidate, facts) -> float     0..1 (an author's own nudge: -1..1)
    sentence(candidate, facts) -> str    the same for a person, without the number

The newsletter's `[ranking.weights]` says how much each counts; a rule without a weight does not count. A dotted name
there, such as `our_rules.partners`, is a module of the user's own with the same two functions.

A rule that looks at `facts.chosen` also says `AFTER_OTHERS = True`, and its score must not rise while posts are chosen.
One that reads `candidate.post.body` says `READS_TEXT = True` instead: it is asked last, and only of posts that could
still get a place; it must not look at `facts.chosen` or `candidate.also`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Protocol, cast

from digest.errors import ConfigError
from digest.models import Ranking, Slot
from digest.select.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the posts that are in so far have brought."""

    authors: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at besides the candidate."""

    slot: Slot
    ranking: Ranking
    chosen: Chosen = field(default_factory=Chosen)


class Rule(Protocol):
    """The shape of a module of this folder."""

    def score(self, candidate: Candidate, facts: Facts) -> float:
        """Return the rule's opinion of a post."""
        ...

    def sentence(self, candidate: Candidate, facts: Facts) -> str:
        """Return the reason for a person; nothing where there is nothing to say."""
        ...


@cache
def built_in() -> tuple[str, ...]:
    """Return the names of this folder's rules, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def rules_of(ranking: Ranking) -> Mapping[str, Rule]:
    """Return the rules that count, by name in alphabetical order; raise `ConfigError` for one that cannot be used."""
    return MappingProxyType({name: rule_named(name) for name, weight in sorted(ranking.weights.items()) if weight})


@cache
def rule_named(name: str) -> Rule:
    """Return a rule of this folder, or a module by its dotted name; raise `ConfigError`."""
    module = name if "." in name else f"{__name__}.{name}"
    fix = "name a module with the functions score(candidate, facts) and sentence(candidate, facts)"
    try:
        rule = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # whatever the user's own code does when it is loaded
        raise ConfigError(f"the ranking rule '{name}' cannot be loaded: {error}", fix=fix) from error
    for function in ("score", "sentence"):
        if not callable(getattr(rule, function, None)):
            raise ConfigError(f"the ranking rule '{name}' has no function '{function}'", fix=fix)
    return cast("Rule", rule)
