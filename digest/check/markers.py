"""Whether anything was left that should have been filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed, visible, words_of
from digest.models import READER_TOKEN, Email, Finding, Level

_MARKER = re.compile(r"\{\{|\{%|\{#|%7[Bb]%7[Bb]")
_FOREIGN = re.compile(r"\*\|\w+\|\*|%%\w+%%|\$\{\w+\}|<%=|&lt;%=|%\(\w+\)s|(?<![\w%])%[sd](?!\w)")
"""Marks of other mailing systems and languages."""
_FILLER = re.compile(r"lorem ipsum|ダミーテキスト|ここに(?:本文|テキスト|文章)(?:が入|を入)", re.IGNORECASE)
_WEB = re.compile(r"https?://")
_ADDRESS_END = re.compile(r"[\s\"'<>]")
_AROUND = 30
_LONGEST_ADDRESS = 2_000


def check(email: Email, _: Demands) -> Iterator[Finding]:
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
        if _has_bare_token(text):
            message = f"The {where} holds the stand-in of a reader's token outside of an address; readers would see it."
            yield Finding(Level.ERROR, "mail.token-outside-address", message, fix="Use links.unsubscribe as a whole")
    yield from _leftovers(email)


def _leftovers(email: Email) -> Iterator[Finding]:
    """Look for what is wrong in an address, and only likely so in a text: posts may be about templates."""
    for link in parsed(email.html).iter("a"):
        address = str(link.get("href") or "")
        found = _FOREIGN.search(address)
        if found:
            message = f"A link still holds a marker, “{found[0]}”: {address[:80]}"
            yield Finding(Level.ERROR, "mail.unrendered-link", message, fix="Give it the address itself")
            break
    words = f"{email.subject}\n{email.preheader}\n{words_of(email.html)}"
    found = _FOREIGN.search(words)
    if found:
        message = f"“{found[0]}” looks like a marker that another mailing system fills in; nobody fills it in here."
        yield Finding(Level.WARNING, "mail.foreign-marker", message, fix="Write the words themselves")
    found = _FILLER.search(words)
    if found:
        message = f"The mail holds filler text: “{found[0]}”."
        yield Finding(Level.WARNING, "mail.filler", message, fix="Write the text that is meant")


def _has_bare_token(text: str) -> bool:
    """Tell whether a token stands anywhere but inside of a web address."""
    place = text.find(READER_TOKEN)
    while place >= 0:
        before = text[max(place - _LONGEST_ADDRESS, 0) : place]
        start = max((found.end() for found in _ADDRESS_END.finditer(before)), default=0)
        if not _WEB.search(before, start):
            return True
        place = text.find(READER_TOKEN, place + 1)
    return False
