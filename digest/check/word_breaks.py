"""Whether the mail counts on ways of breaking lines that its readers' programs do not know, or take amiss."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.css import value_of
from digest.check.demands import Demands
from digest.check.document import parsed, style_attributes
from digest.check.spots import at, in_styles
from digest.models import Email, Finding, Level, Spot

_STYLES = {
    "word-break": ("word-break", "Gmail then breaks words after every 30 characters", "Take it out"),
    "overflow-wrap": ("overflow-wrap", "Gmail and Outlook do not know it", "Put |breakable after the words"),
    "word-wrap": ("overflow-wrap", "Gmail and Outlook do not know it", "Put |breakable after the words"),
}
_TAGS = {
    "wbr": ("wbr", "Outlook and some of Gmail's apps lose it", "Put |breakable after the words"),
    "ruby": ("ruby", "most mail programs print the reading behind the word", "Put the reading in brackets"),
}
_HARMLESS = {"", "normal", "initial", "inherit"}


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look through styles and tags; one finding a kind."""
    found: dict[str, tuple[str, str, str]] = {}
    spots: dict[str, Spot] = {}
    for style in style_attributes(email.html):
        for name, told in _STYLES.items():
            if name in style and value_of(style, name).lower() not in _HARMLESS:
                found.setdefault(told[0], told)
                spots.setdefault(told[0], in_styles(f"{name}: {value_of(style, name)}"))
    for element in parsed(email.html).iter(*_TAGS):
        found.setdefault(str(element.tag), _TAGS[str(element.tag)])
        spots.setdefault(str(element.tag), at(element))
    for kind, (name, reason, fix) in sorted(found.items()):
        message = f"The mail breaks lines with {name}; {reason}."
        yield Finding(Level.WARNING, f"mail.break-{kind}", message, fix=fix, spot=spots[kind])
