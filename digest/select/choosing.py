"""Decides which candidates are in: the best first, as long as their section, their author and the issue have room.

The order is total: what a person pinned, then score, then the post that was offered later, then the id. Places that
sections keep by their `minimum` are filled by their own posts only.

Texts are read as turns come. A post is never passed over for one that is worth less, but of the many that could not
get a place with any text, only the first few hundred are read.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.models import LeftOut, Newsletter, Out, SectionRule
from digest.select.candidates import Candidate
from digest.select.rules import Chosen
from digest.select.scoring import Parts, Scoring, order, total
from digest.select.soundness import unsound

ROOM = (Out.SECTION_FULL, Out.AUTHOR_FULL, Out.ISSUE_FULL)
"""What is out for want of room may be told by its title."""
READ_AT_LEAST = 300
"""Candidates whose texts are read even when there is no room: a week's, of whom people want to know everything."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with what it is worth and what became of it."""

    candidate: Candidate
    parts: Parts
    reason: str
    rank: int
    """Its turn, from 1."""
    out: Out | None = None
    """Why it is not in; None for one that is."""
    unread: float = 0.0
    """Points that its text could add at most, if that was not read."""

    @property
    def score(self) -> float:
        """What it was worth when it was its turn."""
        return total(self.parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of all candidates."""

    judged: list[Judged]
    """In the order of their turns."""
    held: list[LeftOut]
    """Posts that no editor would send."""


def choose(newsletter: Newsletter, candidates: Sequence[Candidate], scoring: Scoring) -> Choice:
    """Judge every candidate."""
    there = Counter(each.section.key for each in candidates)
    kept = {rule.key: min(rule.minimum, there[rule.key]) for rule in newsletter.sections}
    held: list[LeftOut] = []
    while True:
        room = _Room(newsletter, kept)
        round_ = _Round(newsletter, scoring, room, candidates)
        held += round_.held
        if not any(room.kept.values()):
            return Choice(round_.judged, held)
        # An author's quota, or broken texts, left places empty that were kept: now others may have them.
        kept = {key: places - room.kept[key] for key, places in kept.items()}
        candidates = [each.candidate for each in round_.judged]


@dataclass(slots=True)
class _Turn:
    """A candidate that waits, and what is known of its worth."""

    candidate: Candidate
    parts: Parts
    asked: int = 0
    """How many of the rules that read its text have spoken."""


class _Round:
    """All candidates, one after the other."""

    def __init__(self, newsletter: Newsletter, scoring: Scoring, room: _Room, candidates: Sequence[Candidate]) -> None:
        self.judged: list[Judged] = []
        self.held: list[LeftOut] = []
        self._language = newsletter.language
        self._scoring = scoring
        self._room = room
        self._chosen = Chosen()
        self._untold = newsletter.max_more
        """How many more posts may be told by their titles."""
        self._read = sum(candidate.read for candidate in candidates)
        self._turns = [_Turn(candidate, scoring.begin(candidate)) for candidate in candidates]
        self._waiting = [(self._key(turn), place) for place, turn in enumerate(self._turns)]
        heapq.heapify(self._waiting)
        while self._waiting:
            key, place = heapq.heappop(self._waiting)
            self._next(self._turns[place], place, key[2])

    def _key(self, turn: _Turn) -> tuple[bool, int, float, float, str]:
        """Return the place in the order that a turn would have at best."""
        candidate = turn.candidate
        if candidate.others and not candidate.read:
            best = max(self._scoring.at_most(candidate), total(turn.parts) + self._scoring.unasked(turn.asked))
            return (*order(candidate, best)[:3], float("-inf"), "")
        return order(candidate, self._worth(turn))

    def _worth(self, turn: _Turn) -> float:
        return round(total(turn.parts) + self._scoring.unasked(turn.asked), 6)

    def _next(self, turn: _Turn, place: int, key: float) -> None:
        """Judge a candidate, or find out more about it and let it wait on."""
        candidate = turn.candidate
        turn.parts = self._scoring.again(candidate, turn.parts, self._chosen)
        if self._nobody_asks(candidate):
            self._judge(turn)
            return
        if candidate.others and not candidate.read:
            self._look_at(turn, place)
            return
        # What was chosen meanwhile can only have made it worth less: then others may come first.
        if self._worth(turn) < -key:
            self._wait(turn, place)
        elif turn.asked < self._scoring.questions:
            turn.parts = self._scoring.ask(candidate, turn.parts, turn.asked)
            turn.asked += 1
            self._wait(turn, place)
        elif not candidate.read:
            self._look_at(turn, place)
        else:
            self._judge(turn)

    def _nobody_asks(self, candidate: Candidate) -> bool:
        """Tell whether there is no place for a candidate, whatever its text is like."""
        if candidate.read or candidate.place or self._read < READ_AT_LEAST or self._untold > 0:
            return False
        return self._room.none or (not candidate.others and self._room.why_not(candidate) is not None)

    def _look_at(self, turn: _Turn, place: int) -> None:
        """Read the texts of a story, and hold the posts that no editor would send; another post may then tell it."""
        candidate, self._read = turn.candidate, self._read + 1
        sound = []
        for each in (candidate, *candidate.others):
            if not each.place and (why := unsound(each.post, self._language)):
                self.held.append(LeftOut(each.post, Out.UNSOUND, f"it is held: {why}"))
            else:
                sound.append(each)
        if not sound:
            return
        teller = replace(sound[0], others=tuple(sound[1:]), read=True)
        if teller.post is candidate.post and len(teller.others) == len(candidate.others):
            turn.candidate = teller
        else:
            turn = self._turns[place] = _Turn(teller, self._scoring.begin(teller))
        self._wait(turn, place)

    def _wait(self, turn: _Turn, place: int) -> None:
        heapq.heappush(self._waiting, (self._key(turn), place))

    def _judge(self, turn: _Turn) -> None:
        candidate, rank = turn.candidate, len(self.judged) + 1
        unread = self._scoring.unasked(turn.asked)
        reason = self._scoring.sentence(candidate, self._chosen, turn.asked)
        out = self._room.take(candidate)
        self.judged.append(Judged(candidate, turn.parts, reason, rank, out, unread))
        if out in ROOM:
            self._untold -= 1
        if out is None:
            post = candidate.post
            self._chosen.authors[post.author] += 1
            self._chosen.categories[post.categories[0] if post.categories else ""] += 1


class _Room:
    """The places that are left."""

    def __init__(self, newsletter: Newsletter, kept: Mapping[str, int]) -> None:
        self.kept = dict(kept)
        """Section -> places that only its own posts may have."""
        self._left = newsletter.max_posts
        self._per_author = newsletter.max_per_author
        self._authors: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()

    @property
    def none(self) -> bool:
        """Whether there is no place for anything that nobody pinned."""
        return self._left <= 0

    def take(self, candidate: Candidate) -> Out | None:
        """Give a candidate a place, or say why there is none. What a person pinned always gets one."""
        out = None if candidate.place else self.why_not(candidate)
        if out is None:
            key = candidate.section.key
            self._left -= 1
            self.kept[key] = max(0, self.kept[key] - 1)
            self._taken[key] += 1
            self._authors[candidate.post.author] += 1
        return out

    def why_not(self, candidate: Candidate) -> Out | None:
        """Return why there is no place for a candidate, or None."""
        section, author = candidate.section, candidate.post.author
        if self._taken[section.key] >= section.maximum:
            return Out.SECTION_FULL
        if self._per_author and author and self._authors[author] >= self._per_author:
            return Out.AUTHOR_FULL
        if self._left <= sum(self.kept.values()) - min(1, self.kept[section.key]):
            return Out.ISSUE_FULL
        return None


def thin_sections(judged: Sequence[Judged]) -> list[tuple[SectionRule, int]]:
    """Return the sections that have fewer posts than they should, with how many they have; not those without any."""
    chosen: Counter[str] = Counter(each.candidate.section.key for each in judged if each.out is None)
    rules = {each.candidate.section.key: each.candidate.section for each in judged}
    return [(rule, chosen[key]) for key, rule in sorted(rules.items()) if 0 < chosen[key] < rule.minimum]
