"""Whether buttons look like buttons in Outlook too, which knows no padding of a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.css import value_of
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.links import label_of
from digest.check.spots import at
from digest.models import Email, Finding, Level

_NOT_ZERO = re.compile(r"[1-9]")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look at links that are padded blocks: the cell around them, or the link, must say the padding to Outlook."""
    for link in parsed(email.html).iter("a"):
        style = str(link.get("style") or "")
        padded = _NOT_ZERO.search(value_of(style, "padding")) and "block" in value_of(style, "display")
        if not padded:
            continue
        cell = next(link.iterancestors("td"), None)
        told = "mso-padding-alt" in style or (cell is not None and "mso-padding-alt" in str(cell.get("style") or ""))
        if not told:
            message = f"Outlook would show the button “{label_of(link)[:40]}” without any room around its words."
            fix = "Use button() of _macros/button.html, or give its td mso-padding-alt"
            yield Finding(Level.WARNING, "mail.button-outlook", message, fix=fix, spot=at(link))
            return
