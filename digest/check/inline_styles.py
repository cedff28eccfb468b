"""Whether the styles in the tags are ones that Outlook and Gmail understand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.document import style_attributes
from digest.models import Email, Finding, Level

_UNFIT = {
    re.compile(r"!\s*important", re.IGNORECASE): ("important", "Outlook ignores a style with !important in a tag"),
    re.compile(r"\bvar\(", re.IGNORECASE): ("variable", "Gmail, Outlook and Yahoo do not know var()"),
    re.compile(r"\b(rgb|hsl)a?\(", re.IGNORECASE): ("color", "Outlook knows no colours but #rrggbb"),
}
_FONT_SIZE = re.compile(r"(?:^|;)\s*font-size:\s*(\d+)px")
_LINE_HEIGHT = re.compile(r"(?:^|;)\s*line-height:\s*(\d+)px")
_READ = 8
"""Pixels; what is smaller is a spacer or hidden."""


def check(email: Email) -> Iterator[Finding]:
    """Read every style attribute; one finding a kind of mistake."""
    styles = style_attributes(email.html)
    for unfit, (code, reason) in _UNFIT.items():
        found = next((style for style in styles if unfit.search(style)), "")
        if found:
            message = f"{reason}, and “{found[:60]}” has one."
            yield Finding(Level.ERROR, f"mail.inline-{code}", message, fix="Write plain values into style.css")
    for style in styles:
        size, height = _FONT_SIZE.search(style), _LINE_HEIGHT.search(style)
        if size and height and int(size[1]) >= _READ and int(height[1]) < int(size[1]) + 2:
            message = f"Outlook would cut off letters of {size[1]} px in lines of {height[1]} px."
            yield Finding(
                Level.ERROR, "mail.line-height", message, fix="Make line-height 2 px more than font-size, at least"
            )
            return
