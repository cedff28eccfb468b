"""Whether images are shown at the right size, and make sense when they are not shown at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.links import is_local
from digest.check.spots import at
from digest.models import Email, Finding, Level, Spot

WIDEST = 600
_EMBEDDED = re.compile(r"url\(\s{0,9}[\"']?data:", re.IGNORECASE)
NOT_SHOWN = {".webp": "Outlook", ".avif": "Outlook and Gmail", ".svg": "Gmail"}
"""Endings of formats, and who is blind to them."""


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Ask of every image for an address, a format, a width and a description.

    How many bytes the images have cannot be told without loading them.
    """
    root = parsed(email.html)
    painted = next((tag for tag in root.iter("*") if _EMBEDDED.search(str(tag.get("style") or ""))), None)
    if painted is not None:
        message = "A background image is part of the HTML itself (data:), and Gmail does not show it."
        fix = "Put it on the site and link it"
        yield Finding(Level.ERROR, "mail.image-embedded", message, fix=fix, spot=at(painted))
    for image in root.iter("img"):
        address = str(image.get("src") or "").strip()
        name = f"The image “{PurePosixPath(_parts(address).path).name or address[:40]}”"
        yield from _about_address(address, name, at(image, address))
        if image.get("alt") is None:
            message = f"{name} has no description for readers who do not see it."
            fix = 'Add alt="…", or alt="" for decoration'
            yield Finding(Level.ERROR, "mail.image-alt", message, fix=fix, spot=at(image))
        width = str(image.get("width") or "")
        if not width.isdecimal() or not 1 <= int(width) <= WIDEST:
            message = (
                f"{name} has no width of 1 to {WIDEST} px as an attribute; Outlook would show it at its full size."
            )
            fix = 'Add width="…" without a unit'
            yield Finding(Level.ERROR, "mail.image-width", message, fix=fix, spot=at(image))
        if "display:block" not in str(image.get("style") or "").replace(" ", ""):
            message = f"{name} is not a block; some clients would leave a gap below it."
            fix = "Give it display: block in style.css"
            yield Finding(Level.WARNING, "mail.image-gap", message, fix=fix, spot=at(image))


def _about_address(address: str, name: str, spot: Spot) -> Iterator[Finding]:
    parts = _parts(address)
    if parts.scheme == "data":
        message = "An image is part of the HTML itself (data:), and Gmail does not show it."
        yield Finding(Level.ERROR, "mail.image-embedded", message, fix="Put it on the site and link it", spot=spot)
        return
    if parts.scheme != "https" or not parts.hostname or is_local(parts.hostname):
        message = f"{name} has no https address that readers can reach: {address[:80]}"
        fix = "Let it start with https:// and the name of the site"
        yield Finding(Level.ERROR, "mail.image-address", message, fix=fix, spot=spot)
    blind = NOT_SHOWN.get(PurePosixPath(parts.path).suffix.lower())
    if blind:
        message = f"{name} is in a format that {blind} cannot show."
        yield Finding(Level.ERROR, "mail.image-format", message, fix="Use JPEG, PNG or GIF", spot=spot)


def _parts(address: str) -> SplitResult:
    """Split an address; one that is broken has no parts at all."""
    try:
        return urlsplit(address[:2000])
    except ValueError:
        return urlsplit("")
