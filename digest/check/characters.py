"""Whether the mail holds characters that nobody can see: a single one makes Gmail clip it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from digest.check.demands import Demands
from digest.check.spots import HTML, PREHEADER, SUBJECT, TEXT
from digest.models import Email, Finding, Level

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CONTROL_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_AROUND = 12


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for control characters in both parts and in the lines of the inbox."""
    places = (
        ("subject", email.subject, _CONTROL_IN_A_LINE, SUBJECT),
        ("preheader", email.preheader, _CONTROL_IN_A_LINE, PREHEADER),
        ("HTML", email.html, _CONTROL, HTML),
        ("text part", email.text, _CONTROL, TEXT),
    )
    for where, text, unfit, spot in places:
        found = unfit.search(text)
        if found:
            near = unfit.sub("", text[max(found.start() - _AROUND, 0) : found.end() + _AROUND])
            name = unicodedata.name(found[0], f"U+{ord(found[0]):04X}")
            yield Finding(
                Level.ERROR,
                "mail.control-character",
                f"The {where} holds an invisible control character ({name}) near “{' '.join(near.split())}”.",
                fix="Type the words around it again: it came along with a paste",
                spot=replace(spot, quote=" ".join(near.split())),
            )
