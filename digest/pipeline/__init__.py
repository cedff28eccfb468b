"""The story of a week: collect > select > render > check > freeze > approve > send.

press.py    what the story needs for one newsletter, and what it tells
drafting.py  how an issue comes about: its posts, its mail, what is found about it
steps.py    the steps, each safe to repeat
saying.py   what a person says about the posts of one issue
judging.py  what is found about a mail, and where it has to be mended
importing.py  a list of readers from a file, and why a line is refused
reaching.py whether readers can be reached through the provider
reconciling.py  what became of copies that nobody answered for
welcoming.py  the mail that asks somebody from a form to confirm
running.py  all of them in a row, as far as they can go without a person
reviewing.py  an issue that people look at first: shown, made again, let go (review_times.py, noticing.py)
asking.py   who is shown it, and how (review_message.py: the words)
outside.py  what is asked of the world about a mail, when a person wants it (spamassassin.py)
stress/     whether a design holds in every awkward case
designing/  an edit of a design: tried first, refused when it breaks a mail, kept in a history
"""

from digest.pipeline.drafting import Chosen, choose, draft, drafted, sketched
from digest.pipeline.judging import placed
from digest.pipeline.press import Draft, Outcome, Press
from digest.pipeline.reconciling import reconcile, take_log
from digest.pipeline.running import run
from digest.pipeline.saying import built_again, checked, say, take_back
from digest.pipeline.steps import approve, build, describe_request, go_on, hold, send, send_proof, skip, slots_of, tend

__all__ = [
    "Chosen",
    "Draft",
    "Outcome",
    "Press",
    "approve",
    "build",
    "built_again",
    "checked",
    "choose",
    "describe_request",
    "draft",
    "drafted",
    "go_on",
    "hold",
    "placed",
    "reconcile",
    "run",
    "say",
    "send",
    "send_proof",
    "sketched",
    "skip",
    "slots_of",
    "take_back",
    "take_log",
    "tend",
]
