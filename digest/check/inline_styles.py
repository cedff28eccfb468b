"""Whether the styles in the tags are ones that Outlook and Gmail understand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.css import value_of
from digest.check.demands import Demands
from digest.check.document import parsed, style_attributes
from digest.check.spots import HTML, at, in_styles
from digest.models import Email, Finding, Level

_UNFIT = {
    re.compile(r"!\s*important", re.IGNORECASE): ("important", "Outlook ignores a style with !important in a tag"),
    re.compile(r"\bvar\(", re.IGNORECASE): ("variable", "Gmail, Outlook and Yahoo do not know var()"),
    re.compile(r"\b(rgb|hsl)a?\(", re.IGNORECASE): ("color", "Outlook knows no colours but #rrggbb"),
}
_PIXELS = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)px")
_TIMES = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)(%|em)?")
_READ = 8
"""Pixels; what is smaller is a spacer or hidden."""


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Read every style attribute; one finding a kind of mistake."""
    styles = style_attributes(email.html)
    tags = [element for element in parsed(email.html).iter("*") if element.get("style")]
    for unfit, (code, reason) in _UNFIT.items():
        found = next(((tag, wrong) for tag in tags if (wrong := unfit.search(str(tag.get("style"))))), None)
        if found:
            message = f"{reason}, and “{str(found[0].get('style'))[:60]}” has one."
            fix, spot = "Write plain values into style.css", at(found[0], found[1][0])
            yield Finding(Level.ERROR, f"mail.inline-{code}", message, fix=fix, spot=spot)
    for style in dict.fromkeys(styles):
        size = _PIXELS.fullmatch(value_of(style, "font-size")) if "line-height" in style else None
        height = _height(value_of(style, "line-height"), float(size[1])) if size else None
        if size and height is not None and float(size[1]) >= _READ and height < float(size[1]) + 2:
            message = f"Outlook would cut off letters of {size[1]} px in lines of {height:g} px."
            fix = "Make line-height 2 px more than font-size, at least"
            spot = in_styles(f"line-height: {value_of(style, 'line-height')}")
            yield Finding(Level.ERROR, "mail.line-height", message, fix=fix, spot=spot)
            break
    if any("line-height" in style for style in styles) and "mso-line-height-rule" not in email.html:
        message = "Outlook takes every line-height for the least it may use, and spreads the lines."
        fix = "Use head() of _macros/document.html, or write mso-line-height-rule: exactly into style.css"
        yield Finding(Level.WARNING, "mail.line-height-rule", message, fix=fix, spot=HTML)


def _height(value: str, size: float) -> float | None:
    """Return a line-height in pixels; None for one that is not told in numbers."""
    pixels, times = _PIXELS.fullmatch(value), _TIMES.fullmatch(value)
    if pixels:
        return float(pixels[1])
    return float(times[1]) * size / (100 if times[2] == "%" else 1) if times else None
