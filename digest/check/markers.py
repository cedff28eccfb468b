"""Whether anything was left that should have been filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.document import visible
from digest.models import READER_TOKEN, Email, Finding, Level

_MARKER = re.compile(r"\{\{|\{%|\{#|%7[Bb]%7[Bb]")
_ADDRESS_WITH_TOKEN = re.compile(rf"https?://[^\s\"'<>]*{READER_TOKEN}")
_AROUND = 30


def check(email: Email) -> Iterator[Finding]:
    """Look for template markers, and for the stand-in of a reader's token outside of an address."""
    places = {
        "subject": email.subject,
        "preheader": email.preheader,
        "HTML": visible(email.html),
        "text part": email.text,
    }
    for where, text in places.items():
        marker = _MARKER.search(text)
        if marker:
            seen = " ".join(text[marker.start() : marker.end() + _AROUND].split())
            message = f"The {where} still holds a template marker: “{seen}”."
            yield Finding(
                Level.ERROR, "mail.unrendered", message, fix="Look for a { too many or a quoted {{ in the template"
            )
        if READER_TOKEN in _ADDRESS_WITH_TOKEN.sub("", text):
            message = f"The {where} holds the stand-in of a reader's token outside of an address; readers would see it."
            yield Finding(Level.ERROR, "mail.token-outside-address", message, fix="Use links.unsubscribe as a whole")
