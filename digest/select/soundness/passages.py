"""Decides how much of a text stands there before, and whether the whole text begins again after it has begun.

Sentences are compared without the marks around them. Code is not looked at: a lesson may show its program again after
every step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from digest.select.soundness.prose import without_code

_ENDS = re.compile(r"[。．！？!?\n]|\.\s")
_MARKS = " \t\r\u3000#>*_~`|-+.…:：、,，「」『』“”\"'()（）[]【】"
_TOO_SHORT = 8
"""Letters of a sentence below which saying it again is nobody's fault."""
_OPENING = 200
"""Letters at the beginning, such as the title, a byline or a first heading, that a copy may leave out."""
_LEFT_OUT = 6
"""Sentences of the first telling that a copy may leave out in one place and still be the same copy."""
_PUT_IN = 6
"""Sentences that a copy may put in, or say otherwise, in one place and still be the same copy."""
_TOLD_AGAIN = 0.2
"""From this share on, a text that tells itself again from its beginning is broken for every reader."""
_LONG_COPY = 500
"""Letters of a copy that are no refrain, however much stands before it."""
_SHORT_COPY = 60
"""Letters of a copy that may be one when it tells nearly everything that stands before it."""
_LOOPING = 2 / 3
"""From this share on, a text says its passages three times on average."""
_LONG_LOOP = 600
"""Letters said before that are no song and no table."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """How a text repeats itself; shares are counted in letters, 0 to 1."""

    said_before: float = 0.0
    """The share that stands there before."""
    in_passages: float = 0.0
    """The share that stands there before, after the same sentence as before."""
    begun_again: float = 0.0
    """The share that tells the text again from its beginning."""
    beginning: str = ""
    """The first words of what begins again, without marks around them; empty when that is nothing or a refrain."""
    letters: int = 0
    """How many letters the text has."""

    @property
    def starts_over(self) -> bool:
        """Whether the article comes to its beginning again and tells a good part of itself once more."""
        return bool(self.beginning) and self.begun_again >= _TOLD_AGAIN

    @property
    def loops(self) -> bool:
        """Whether the same passages come so often that they are most of the text."""
        return self.in_passages >= _LOOPING and self.in_passages * self.letters >= _LONG_LOOP


def repetition(body: str) -> Repetition:
    """Measure how a text, as Markdown, repeats itself; linear in its length."""
    sentences: list[str] = []
    firsts: list[int] = []
    known: dict[str, int] = {}
    pairs: set[tuple[str, str]] = set()
    said = passages = 0
    before = ""
    for written in _ENDS.split(without_code(body)):
        sentence = written.strip(_MARKS)
        if len(sentence) >= _TOO_SHORT:
            at = len(firsts)
            first = known.setdefault(sentence, at)
            if first != at:
                said += len(sentence)
                passages += len(sentence) if (before, sentence) in pairs else 0
            pairs.add((before, sentence))
            firsts.append(first)
            sentences.append(sentence)
        before = sentence or before
    sizes = [len(sentence) for sentence in sentences]
    letters = sum(sizes)
    if not said:
        return Repetition(letters=letters)
    again, source = _begun_again(firsts, sizes)
    beginning = "" if source is None else sentences[source]
    return Repetition(said / letters, passages / letters, again / letters, beginning, letters)


def repeated_share(body: str) -> float:
    """Return the share of a text, 0 to 1 by letters, whose sentences stand there before; 0 for no text."""
    return repetition(body).said_before


def _begun_again(firsts: Sequence[int], sizes: Sequence[int]) -> tuple[int, int | None]:
    """Return how many letters belong to copies of the text from its beginning, and where the first copy's source is.

    A copy follows its source in order, with little left out and little put in. None stands for refrains alone.
    """
    letters_before = [0, *accumulate(sizes)]
    total = at = 0
    source: int | None = None
    while at < len(firsts):
        start = firsts[at]
        if start == at or letters_before[start] > _OPENING:
            at += 1
            continue
        copied, last, end = sizes[at], start, at
        while (step := _next_of_copy(firsts, end, last)) is not None:
            end, last = step, firsts[step]
            copied += sizes[end]
        total += copied
        whole = copied >= max(_SHORT_COPY, 0.6 * letters_before[at])
        if source is None and (whole or copied >= _LONG_COPY):
            source = start
        at = end + 1
    return total, source


def _next_of_copy(firsts: Sequence[int], at: int, last: int) -> int | None:
    """Return the next place that goes on telling what stands behind the sentence `last`; None when the copy ends."""
    for place in range(at + 1, min(len(firsts), at + 2 + _PUT_IN)):
        if last < firsts[place] <= last + 1 + _LEFT_OUT and firsts[place] != place:
            return place
    return None
