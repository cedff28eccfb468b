"""All steps, by the name that a form says."""

from __future__ import annotations

from collections.abc import Mapping

from digest.studio.acts import Step, deciding, saying, settling

STEPS: Mapping[str, Step] = {
    "build": deciding.build,
    "approve": deciding.approve,
    "hold": deciding.hold,
    "skip": deciding.skip,
    "proof": settling.proof,
    "settle": settling.settle,
    "pin": saying.pin,
    "exclude": saying.exclude,
    "order": saying.order,
    "move": saying.move,
    "title": saying.title,
    "excerpt": saying.excerpt,
    "undo": saying.undo,
}
