"""Whether the mail looks like one in an inbox: its subject, and the grey line beside it."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.inboxes import INBOXES, columns_of, seen
from digest.check.spots import PREHEADER, SUBJECT
from digest.models import Email, Finding, Level

LONGEST_SUBJECT = 80
"""Display columns: 40 full-width characters, more than any inbox shows in one line."""

_READ = 2_000
"""Characters of a subject; what is longer is too long."""


def check(email: Email, demands: Demands) -> Iterator[Finding]:
    """Ask for a subject and a preheader, and tell what inboxes leave of them."""
    subject = " ".join(email.subject.split())[:_READ]
    if not subject:
        message = "The mail has no subject."
        yield Finding(Level.ERROR, "mail.no-subject", message, fix="Set `subject` in the newsletter", spot=SUBJECT)
    columns = columns_of(subject)
    narrowest = next(iter(INBOXES.values()))
    if columns > LONGEST_SUBJECT:
        message = (
            f"The subject takes {columns} columns; inboxes cut it off after about {LONGEST_SUBJECT} and earlier. "
            f"{narrowest.title} shows “{seen(subject, narrowest.subject)}”."
        )
        fix = "Put what matters first, or shorten `subject`"
        yield Finding(Level.WARNING, "mail.subject-long", message, fix=fix, spot=SUBJECT)
    if not email.preheader.strip():
        message = "The mail has no preheader; inboxes would show the first words of its text instead."
        fix = "Set `preheader` in the newsletter"
        yield Finding(Level.ERROR, "mail.no-preheader", message, fix=fix, spot=PREHEADER)
    elif _key(email.preheader) == _key(subject):
        message = "The preheader only repeats the subject, so that inboxes show the same line twice."
        fix = "Let `preheader` tell something more"
        yield Finding(Level.WARNING, "mail.preheader-repeats", message, fix=fix, spot=PREHEADER)
    yield from _cuts(subject, email.preheader[:_READ], demands)


def _cuts(subject: str, preheader: str, demands: Demands) -> Iterator[Finding]:
    """Quote what is seen, for the inboxes that somebody wants to hear about."""
    cut = [
        f"{inbox.title} shows “{seen(subject, inbox.subject)}” and “{seen(preheader, inbox.preheader)}”"
        for name, inbox in INBOXES.items()
        if name in demands.inboxes and columns_of(subject) > inbox.subject
    ]
    if cut:
        message = f"Some inboxes cut the subject: {'; '.join(cut)}."
        fix = "Let what matters stand in what is seen"
        yield Finding(Level.INFO, "mail.subject-cut", message, fix=fix, spot=SUBJECT)


def _key(text: str) -> str:
    return "".join(text.split()).casefold()
