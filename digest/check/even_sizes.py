"""Whether sizes of type are even: Outlook draws hairlines between the cells of odd ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.css import value_of
from digest.check.demands import Demands
from digest.check.document import style_attributes
from digest.check.spots import in_styles
from digest.models import Email, Finding, Level

_READ = 8
"""Pixels; what is smaller is a spacer or hidden."""
_PIXELS = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)px")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Read font-size and line-height of every tag."""
    odd: dict[str, None] = {}
    for style in dict.fromkeys(style_attributes(email.html)):
        for name in ("font-size", "line-height"):
            found = _PIXELS.fullmatch(value_of(style, name)) if name in style else None
            if found and float(found[1]) >= _READ and float(found[1]) % 2:
                odd.setdefault(f"{name}: {found[0]}")
    if odd:
        message = f"Outlook draws thin lines between cells with odd sizes, and the mail has {', '.join(list(odd)[:4])}."
        fix = "Use even numbers in style.css"
        yield Finding(Level.WARNING, "mail.odd-size", message, fix=fix, spot=in_styles(next(iter(odd))))
