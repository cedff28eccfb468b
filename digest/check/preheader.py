"""Whether inboxes find the preheader: it is the first text of the mail, and followed by nothing that is not meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import hidden_words, parsed, words_of
from digest.check.inboxes import columns_of
from digest.check.spots import PREHEADER, at, in_text
from digest.models import Email, Finding, Level

ENOUGH = 100
"""Display columns that fill the line of a phone's inbox; a shorter preheader needs blanks after it."""

_BLANKS = "\u2007\ufeff\u034f\u200c\u00a0\u00ad\u200b"
_OLD_BLANK = "\u034f"
_FEW = 20
_SQUEEZED = re.compile(rf"[\s{_BLANKS}]+")
_LEAKED = re.compile("[\u2007\ufeff\u034f]")
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_READ = 4_000


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look where the preheader stands, what comes after it, and whether its blanks leak into the text part."""
    wanted = _SQUEEZED.sub("", email.preheader)
    body = parsed(email.html).find("body")
    if wanted and body is not None:
        first = _SQUEEZED.sub("", "".join(str(part) for part in body.itertext()))
        hidden = hidden_words(email.html)
        if wanted not in first:
            message = "The preheader is not in the HTML, so that no inbox shows it."
            fix = "Use sheet() of _macros/document.html"
            yield Finding(Level.ERROR, "mail.preheader-missing", message, fix=fix, spot=at(body))
        elif not first.startswith(wanted):
            message = f"Inboxes show “{first[:20]}…” instead of the preheader, because it comes first in the mail."
            fix = "Put the preheader first in <body>"
            yield Finding(Level.WARNING, "mail.preheader-late", message, fix=fix, spot=at(body))
        else:
            yield from _about_blanks(email.preheader, hidden)
    leaked = _LEAKED.search(email.text)
    entity = _ENTITY.search(email.text)
    if leaked or (entity and entity[0] not in words_of(email.html).replace("\u200b", "")):  # where it may break
        what = "the invisible blanks of the preheader" if leaked else f"“{entity[0] if entity else ''}”"
        message = f"The text part holds {what}, which belongs to the HTML."
        fix, spot = "Write {{ preheader }} and plain words in email.txt", in_text((leaked or entity or " ")[0])
        yield Finding(Level.WARNING, "mail.text-leak", message, fix=fix, spot=spot)


def _about_blanks(preheader: str, hidden: str) -> Iterator[Finding]:
    blanks = [each for each in hidden[:_READ] if each in _BLANKS]
    if columns_of(preheader) >= ENOUGH:
        return
    if blanks and set(blanks) == {_OLD_BLANK}:
        message = "The blanks after the preheader no longer work: Yahoo and Apple Mail show the text that follows."
        fix = "Use &#8199;&#65279;&#847; as in _macros/preheader.html"
        yield Finding(Level.WARNING, "mail.preheader-old-blanks", message, fix=fix, spot=PREHEADER)
    elif len(blanks) < _FEW:
        message = "The preheader is short and no blanks follow it; inboxes go on with the next words of the mail."
        fix = "Write a longer `preheader`, or use preheader_text() of _macros/preheader.html"
        yield Finding(Level.WARNING, "mail.preheader-short", message, fix=fix, spot=PREHEADER)
