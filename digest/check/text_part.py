"""Whether the text part tells the same as the HTML: some phones show it alone, and spam filters compare."""

from __future__ import annotations

from collections.abc import Iterator

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import TEXT, in_text
from digest.models import READER_TOKEN, Email, Finding, Level


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Compare the web addresses of both parts, and their order."""
    if not email.text.strip():
        message = "The mail has no text part; phones that show text only would show nothing."
        yield Finding(Level.ERROR, "mail.no-text", message, fix="Write email.txt", spot=TEXT)
        return
    wanted = list(dict.fromkeys(_addresses(email)))
    lines = {line.strip().strip("<>"): number for number, line in reversed(list(enumerate(email.text.splitlines())))}
    missing = [address for address in wanted if address not in email.text]
    if missing:
        message = f"The text part lacks {len(missing)} of the links of the HTML, first {missing[0][:80]}"
        fix = "Print the same posts in email.txt"
        yield Finding(Level.ERROR, "mail.text-link-missing", message, fix=fix, spot=TEXT)
    places = [lines[address] for address in wanted if address in lines]
    if places != sorted(places):
        message = "The text part has the links in another order than the HTML."
        fix = "Loop over the same sections in email.txt"
        yield Finding(Level.WARNING, "mail.text-order", message, fix=fix, spot=TEXT)
    glued = [address for address in wanted if address in email.text and address not in lines]
    if glued:
        message = f"In the text part words stand on the line of {glued[0][:80]}, and phones may take them for its end."
        fix = "Give every address a line of its own"
        yield Finding(Level.WARNING, "mail.text-link-glued", message, fix=fix, spot=in_text(glued[0]))


def _addresses(email: Email) -> Iterator[str]:
    """Give the web addresses of the HTML but for the reader's own, which may stand anywhere."""
    for link in parsed(email.html).iter("a"):
        address = str(link.get("href") or "").strip()
        if address.startswith(("http://", "https://")) and READER_TOKEN not in address:
            yield address
