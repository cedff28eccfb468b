"""Whether the mail looks like one in an inbox: its subject, and the grey line beside it."""

from __future__ import annotations

from collections.abc import Iterator

from wcwidth import wcswidth

from digest.models import Email, Finding, Level

LONGEST_SUBJECT = 80
"""Display columns: 40 full-width characters, about what a desktop inbox shows."""


def check(email: Email) -> Iterator[Finding]:
    """Ask for a subject that is not cut off, and for a preheader."""
    if not email.subject.strip():
        yield Finding(Level.ERROR, "mail.no-subject", "The mail has no subject.", fix="Set `subject` in the newsletter")
    columns = wcswidth(email.subject)
    if columns > LONGEST_SUBJECT:
        message = f"The subject takes {columns} columns; inboxes cut it off after about {LONGEST_SUBJECT}."
        yield Finding(Level.WARNING, "mail.subject-long", message, fix="Put what matters first, or shorten `subject`")
    if not email.preheader.strip():
        message = "The mail has no preheader; inboxes would show the first words of its text instead."
        yield Finding(Level.ERROR, "mail.no-preheader", message, fix="Set `preheader` in the newsletter")
