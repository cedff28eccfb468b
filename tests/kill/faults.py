"""Which faults a provider makes, and how often: drawn from a seed, so that a run can be played again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with one request."""

    NONE = "none"

    # Nothing of the batch was taken.
    RESET_BEFORE = "reset before it was taken"
    TOO_MANY = "429"
    UNAVAILABLE = "503"
    NOT_THIS = "400 for the whole"
    BAD_READER = "one reader's address is bad"

    # All of the batch was taken, and the sender does not hear it.
    RESET_AFTER = "reset after it was taken"
    BAD_GATEWAY = "502"
    TOO_LATE = "an answer later than the sender waits"
    NO_HTTP = "an answer that is not HTTP"
    GARBAGE = "success with a garbage body"
    CUT = "success with half a body"


WEIGHTS: Mapping[Fault, float] = {
    Fault.NONE: 86,
    Fault.RESET_BEFORE: 2,
    Fault.TOO_MANY: 3,
    Fault.UNAVAILABLE: 1,
    Fault.NOT_THIS: 0.3,
    Fault.BAD_READER: 1,
    Fault.RESET_AFTER: 2,
    Fault.BAD_GATEWAY: 1,
    Fault.TOO_LATE: 0.7,
    Fault.NO_HTTP: 1,
    Fault.GARBAGE: 1,
    Fault.CUT: 1,
}
"""Of a hundred requests; few enough that three unclear answers in a row, which end a run, stay rare."""

NO_FAULTS: Mapping[Fault, float] = {Fault.NONE: 1}


def draw(chance: random.Random, weights: Mapping[Fault, float]) -> Fault:
    """Return what happens to the next request."""
    return chance.choices(list(weights), list(weights.values()))[0]
