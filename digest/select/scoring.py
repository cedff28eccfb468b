"""Decides what a candidate is worth: the sum of what the newsletter's rules say, each by its weight.

To read a text costs more than all else, so rules that read it are asked last, one by one, and only while the post
could still come first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from digest.errors import ConfigError, DigestError
from digest.models import Ranking, Slot
from digest.select.candidates import Candidate
from digest.select.rules import Chosen, Facts, rules_of

Parts = Mapping[str, float]
"""Rule name -> its part of the score, already weighted, in alphabetical order; zeros are not named."""


class Scoring:
    """The rules that count, ready to be asked."""

    def __init__(self, ranking: Ranking, slot: Slot) -> None:
        self._ranking = ranking
        self._slot = slot
        self._rules = rules_of(ranking)
        self._of_text = tuple(name for name, rule in self._rules.items() if getattr(rule, "READS_TEXT", False))
        self._at_once = tuple(name for name in self._rules if name not in self._of_text)
        self._after_others = tuple(name for name in self._at_once if getattr(self._rules[name], "AFTER_OTHERS", False))
        self._unasked = [
            sum(abs(ranking.weights[name]) for name in self._of_text[asked:]) for asked in range(len(self._of_text) + 1)
        ]
        self._nothing_chosen = Facts(slot, ranking)
        self._begun: dict[tuple[str, str, int], Parts] = {}
        self._read: dict[tuple[str, str, str], Parts] = {}

    @property
    def questions(self) -> int:
        """How many rules read the text."""
        return len(self._of_text)

    def begin(self, candidate: Candidate) -> Parts:
        """Return what the rules that do not read the text give a candidate beside which nothing is chosen yet."""
        key = (candidate.post.id, candidate.section.key, len(candidate.others))
        if key not in self._begun:
            self._begun[key] = self._ask(candidate, self._nothing_chosen, self._at_once)
        return self._begun[key]

    def ask(self, candidate: Candidate, parts: Parts, asked: int) -> Parts:
        """Return the parts with that of the next rule which reads the text, when so many were asked already."""
        name = self._of_text[asked]
        key = (name, candidate.post.id, candidate.section.key)
        if key not in self._read:
            self._read[key] = self._ask(candidate, self._nothing_chosen, [name])
        return _joined(parts, self._read[key])

    def unasked(self, asked: int) -> float:
        """Return what the rules that read the text can add at most, when so many of them were asked already."""
        return self._unasked[asked]

    def at_most(self, story: Candidate) -> float:
        """Return what a story of several posts can be worth, whichever of them is fit to tell it."""
        members = (story, *story.others)
        tellers = (replace(each, others=members[place + 1 :]) for place, each in enumerate(members))
        return max(total(self.begin(teller)) for teller in tellers) + self._unasked[0]

    def again(self, candidate: Candidate, parts: Parts, chosen: Chosen) -> Parts:
        """Return the parts with those renewed that depend on the posts chosen so far."""
        if not self._after_others:
            return parts
        kept = {name: part for name, part in parts.items() if name not in self._after_others}
        return _joined(kept, self._ask(candidate, Facts(self._slot, self._ranking, chosen), self._after_others))

    def sentence(self, candidate: Candidate, chosen: Chosen, asked: int) -> str:
        """Return in words what the rules found, the weightiest first, when so many of those that read were asked."""
        facts = Facts(self._slot, self._ranking, chosen)
        unasked = self._of_text[asked:]
        said = []
        name = ""
        try:
            for name in sorted(self._rules, key=lambda each: (-self._ranking.weights[each], each)):
                if name not in unasked and (text := self._rules[name].sentence(candidate, facts)):
                    said.append(str(text))
        except DigestError:
            raise
        except Exception as error:  # whatever the user's own code does
            raise _failed(name, candidate, error) from error
        return "; ".join((*said, *candidate.remarks))

    def _ask(self, candidate: Candidate, facts: Facts, names: Iterable[str]) -> Parts:
        """Return the opinions of some rules, held to -1..1; raise `ConfigError` when one of the user's own has none."""
        parts = {}
        name = ""
        try:
            for name in names:
                score = self._rules[name].score(candidate, facts)
                if not -1.0 <= score <= 1.0:
                    score = _held(score)
                if part := round(self._ranking.weights[name] * score, 6):
                    parts[name] = part
        except DigestError:
            raise
        except Exception as error:  # whatever the user's own code does
            raise _failed(name, candidate, error) from error
        return parts


def total(parts: Parts) -> float:
    """Return the score."""
    return round(sum(parts.values()), 6)


def order(candidate: Candidate, score: float) -> tuple[bool, int, float, float, str]:
    """Return the key of the total order: pinned to the issue by a person, then score, then the later post, then id."""
    post = candidate.post
    return (candidate.place == 0, candidate.place, -score, -post.offered_at.timestamp(), post.id)


def _joined(parts: Parts, more: Parts) -> Parts:
    return dict(sorted({**parts, **more}.items()))


def _held(score: float) -> float:
    if not math.isfinite(score):
        raise ValueError(f"its score is {score}")
    return max(-1.0, min(1.0, score))


def _failed(name: str, candidate: Candidate, error: Exception) -> ConfigError:
    return ConfigError(
        f"the ranking rule '{name}' fails on {candidate.post.id}: {type(error).__name__}: {error}",
        fix="mend it, or take it out of [ranking.weights]",
    )
