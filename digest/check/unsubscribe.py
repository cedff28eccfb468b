"""Whether readers can leave: with one click in their mail program, and by a link in both parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import HTML, TEXT
from digest.models import READER_TOKEN, Email, Finding, Level, Spot

_ADDRESS = re.compile(r"<(https://[^<>\s]+)>")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Look for the reader's own way out in the header, the HTML and the text."""
    headers = {name.lower(): value for name, value in email.headers}
    address = _ADDRESS.search(headers.get("list-unsubscribe", ""))
    if not address or READER_TOKEN not in address[1]:
        yield _missing(
            "header", "has no List-Unsubscribe header with the reader's own https address", "Set the public address"
        )
    if headers.get("list-unsubscribe-post", "").replace(" ", "").lower() != "list-unsubscribe=one-click":
        message = "lacks List-Unsubscribe-Post, so that Gmail and Yahoo! show no button to unsubscribe"
        yield _missing("one-click", message, "Add the header List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    links = [str(link.get("href")) for link in parsed(email.html).iter("a") if READER_TOKEN in str(link.get("href"))]
    if not links:
        yield _missing("link", "has no link to unsubscribe", "Add footer() of _macros/footer.html", HTML)
    ways_out = [link for link in links if address and link == address[1]]
    if len(ways_out) > 1:
        message = f"The mail has {len(ways_out)} links to unsubscribe; readers click the wrong one by mistake."
        yield Finding(Level.WARNING, "mail.unsubscribe-twice", message, fix="Leave the one in the foot", spot=HTML)
    if READER_TOKEN not in email.text:
        message = "has no address to unsubscribe in its text part"
        yield _missing("text", message, "Add {{ links.unsubscribe }} to email.txt", TEXT)


def _missing(what: str, message: str, fix: str, spot: Spot | None = None) -> Finding:
    return Finding(Level.ERROR, f"mail.no-unsubscribe-{what}", f"The mail {message}.", fix=fix, spot=spot)
