"""How much of a mail's line is seen in inboxes: in those that somebody chose, else in all that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.check.inboxes import INBOXES, columns_of, seen
from digest.models import Email

_READ = 2_000
"""Characters of a line; no inbox shows as many."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is seen of one text."""

    text: str
    whole: bool
    columns: int
    """Display columns that there are; a full-width character takes two."""


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A mail's line in one inbox."""

    name: str
    """In `digest.check.inboxes`; the pages have words for it."""
    subject: Cut
    preheader: Cut
    source: str
    """Who measured it."""


def inbox_lines(email: Email, chosen: Sequence[str]) -> tuple[InboxLine, ...]:
    """Return the mail's line in each inbox."""
    return tuple(
        InboxLine(name, _cut(email.subject, inbox.subject), _cut(email.preheader, inbox.preheader), inbox.source)
        for name, inbox in INBOXES.items()
        if name in chosen or not chosen
    )


def _cut(text: str, columns: int) -> Cut:
    line = " ".join(text[:_READ].split())
    return Cut(seen(line, columns), columns_of(line) <= columns, columns)
