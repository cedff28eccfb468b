"""Whether the mail holds what mail programs take out, and spam filters count: scripts, forms, frames."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level

_TAGS = ("script", "form", "input", "iframe", "frame", "object", "embed", "applet", "base", "audio", "video", "svg")


_FIX = "Leave it out, and link to a page instead"


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for such tags and attributes; one finding for all of them."""
    root = parsed(email.html)
    found = {f"<{element.tag}>": element for element in reversed(list(root.iter(*_TAGS)))}
    found |= {f"<{link.tag}>": link for link in root.iter("link") if link.get("href")}
    for element in root.iter():
        if isinstance(element.tag, str):
            found |= {str(name): element for name in element.attrib if str(name).lower().startswith("on")}
    if found:
        message = f"Mail programs take {', '.join(list(found)[:4])} out, and filters hold it against a mail."
        yield Finding(Level.ERROR, "mail.active-content", message, fix=_FIX, spot=at(next(iter(found.values()))))
