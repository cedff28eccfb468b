"""Whether the headings make an outline: screen readers jump from one to the next."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level

_LEVELS = {f"h{level}": level for level in range(1, 7)}


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Ask for one h1 before all others, for no level left out, and for words in each."""
    headings = list(parsed(email.html).iter(*_LEVELS))
    levels = [_LEVELS[str(heading.tag)] for heading in headings]
    if levels and (levels[0] != 1 or levels.count(1) != 1):
        message = f"The mail has {levels.count(1)} headings of the first level (h1) and begins with an h{levels[0]}."
        fix = "Make the newsletter's name the one h1"
        yield Finding(Level.WARNING, "mail.heading-first", message, fix=fix, spot=at(headings[0]))
    for before, level, heading in zip(levels, levels[1:], headings[1:], strict=False):
        if level > before + 1:
            words = " ".join("".join(str(part) for part in heading.itertext()).split())
            message = f"The heading “{words[:40]}” is an h{level} below an h{before}: a level is left out."
            fix = f"Make it an h{before + 1}"
            yield Finding(Level.WARNING, "mail.heading-skipped", message, fix=fix, spot=at(heading))
            break
    for heading in headings:
        described = any(image.get("alt") for image in heading.iter("img"))
        if not described and not "".join(str(part) for part in heading.itertext()).strip():
            message = "A heading has no words; screen readers would announce it all the same."
            fix = "Leave it out when there is nothing to say"
            yield Finding(Level.WARNING, "mail.heading-empty", message, fix=fix, spot=at(heading))
            break
