"""Whether the text part can be read in a narrow window: no endless lines, no line that begins with a full stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from digest.check.demands import Demands
from digest.check.inboxes import columns_of
from digest.check.spots import in_text
from digest.models import Email, Finding, Level

LONGEST = 78
"""Display columns, as RFC 5322 advises for characters. An address may be longer: it must not be broken."""

_ADDRESS = re.compile(r"https?://\S+")
_NEVER_FIRST = re.compile(r"[、。，．」』）】！？ー々]")
_SHOWN = 40


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Measure each line by display width; one finding a kind."""
    lines = email.text.splitlines()
    long = [line for line in lines if len(line) > LONGEST // 2 and _is_too_long(line)]
    if long:
        message = f"{len(long)} lines of the text part are wider than {LONGEST} columns, first “{long[0][:_SHOWN]}…”."
        fix = "Put |wrap after the words in email.txt"
        yield Finding(Level.WARNING, "mail.text-wide", message, fix=fix, spot=in_text(long[0]))
    for before, line in pairwise(lines):
        runs_on = _NEVER_FIRST.match(before.rstrip()[-1:])  # nothing but such signs: it had to break somewhere
        if before.strip() and not runs_on and _NEVER_FIRST.match(line.lstrip()):
            message = f"A line of the text part begins with “{line.lstrip()[0]}”, which belongs to the line before."
            fix = "Wrap it with |wrap in email.txt"
            yield Finding(Level.WARNING, "mail.text-kinsoku", message, fix=fix, spot=in_text(line))
            break


def _is_too_long(line: str) -> bool:
    rest = _ADDRESS.sub("", line)
    unbroken = max((part for part in rest.split()), key=len, default="")
    if unbroken.isascii() and len(unbroken) > LONGEST:
        return False  # one word: there is nowhere to break it
    return columns_of(rest[: LONGEST * 4]) > LONGEST
