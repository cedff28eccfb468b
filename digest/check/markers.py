"""Whether anything was left that should have been filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from digest.check.demands import Demands
from digest.check.document import parsed, visible, words_of
from digest.check.spots import HTML, PREHEADER, SUBJECT, TEXT, at
from digest.models import READER_TOKEN, Email, Finding, Level, Spot

_MARKER = re.compile(r"\{\{|\{%|\{#|%7B%7B|%7b%7b")
"""Posts may be about templates: where one says such a thing itself, the renderer parts it so that it is none any more.

In an address it writes `%7B%7b`, which no editor does that encodes a placeholder.
"""
_FOREIGN = re.compile(r"\*\|\w+\|\*|%%\w+%%|\$\{\w+\}|<%=|&lt;%=|%\(\w+\)s|(?<![\w%])%[sd](?!\w)")
"""Marks of other mailing systems and languages."""
_FILLER = re.compile(r"lorem ipsum|ダミーテキスト|ここに(?:本文|テキスト|文章)(?:が入|を入)", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]*")
_AROUND = 30


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for template markers, and for the stand-in of a reader's token outside of an address."""
    places = (
        ("subject", email.subject, SUBJECT),
        ("preheader", email.preheader, PREHEADER),
        ("HTML", visible(email.html), HTML),
        ("text part", email.text, TEXT),
        ("name of the sender", email.sender.name, None),
    )
    for where, text, spot in places:
        marker = _MARKER.search(text)
        if marker:
            seen = " ".join(text[marker.start() : marker.end() + _AROUND].split())
            message = f"The {where} still holds a template marker: “{seen}”."
            fix, place = "Look for a { too many or a quoted {{ in the template", spot and replace(spot, quote=seen)
            yield Finding(Level.ERROR, "mail.unrendered", message, fix=fix, spot=place)
        if _has_bare_token(text):
            message = f"The {where} holds the stand-in of a reader's token outside of an address; readers would see it."
            fix = "Use links.unsubscribe as a whole"
            yield Finding(Level.ERROR, "mail.token-outside-address", message, fix=fix, spot=spot)
    yield from _leftovers(email)


def _leftovers(email: Email) -> Iterator[Finding]:
    """Look for what is wrong in an address, and only likely so in a text: posts may be about templates."""
    for link in parsed(email.html).iter("a"):
        address = str(link.get("href") or "")
        found = _FOREIGN.search(address)
        if found:
            message = f"A link still holds a marker, “{found[0]}”: {address[:80]}"
            fix = "Give it the address itself"
            yield Finding(Level.ERROR, "mail.unrendered-link", message, fix=fix, spot=at(link, address))
            break
    words = f"{email.subject}\n{email.preheader}\n{words_of(email.html)}"
    found = _FOREIGN.search(words)
    if found:
        message = f"“{found[0]}” looks like a marker that another mailing system fills in; nobody fills it in here."
        spot = Spot(quote=found[0])
        yield Finding(Level.WARNING, "mail.foreign-marker", message, fix="Write the words themselves", spot=spot)
    found = _FILLER.search(words)
    if found:
        message = f"The mail holds filler text: “{found[0]}”."
        spot = Spot(quote=found[0])
        yield Finding(Level.WARNING, "mail.filler", message, fix="Write the text that is meant", spot=spot)


def _has_bare_token(text: str) -> bool:
    """Tell whether a token stands anywhere but inside of a web address."""
    return READER_TOKEN in _WEB_ADDRESS.sub(" ", text)
