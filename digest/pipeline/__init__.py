"""The story of a week: collect > select > render > check > freeze > approve > send.

press.py    what the story needs for one newsletter, and what it tells
steps.py    the steps, each safe to repeat
running.py  all of them in a row, as far as they can go without a person
"""

from digest.pipeline.press import Draft, Outcome, Press
from digest.pipeline.running import run
from digest.pipeline.steps import approve, build, describe_request, draft, hold, send, send_proof, skip

__all__ = [
    "Draft",
    "Outcome",
    "Press",
    "approve",
    "build",
    "describe_request",
    "draft",
    "hold",
    "run",
    "send",
    "send_proof",
    "skip",
]
