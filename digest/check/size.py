"""Whether the mail is small enough to be shown whole: Gmail cuts off what is longer."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.spots import HTML
from digest.models import Email, Finding, Level

LIMIT = 100_000
"""Bytes of decoded HTML; Gmail clips at about 102,000, and takes the styles of the rest away too."""
COMFORTABLE = 80_000
"""Providers lengthen links and add their own."""

_FIX = "Show fewer posts (max_posts), or shorter excerpts (excerpt_columns)"


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Weigh the HTML as it is sent."""
    size = len(email.html.encode(errors="replace"))
    if size >= LIMIT:
        message = f"The mail has {size:,} bytes of HTML; Gmail would cut it off before the end."
        yield Finding(Level.ERROR, "mail.too-large", message, fix=_FIX, spot=HTML)
    elif size >= COMFORTABLE:
        message = f"The mail has {size:,} bytes of HTML; from {LIMIT:,} on Gmail would cut it off."
        yield Finding(Level.WARNING, "mail.large", message, fix=_FIX, spot=HTML)
