"""Which headers a digest carries, and what may stand in them."""

from __future__ import annotations

import hashlib
import re

from digest.errors import TemplateError
from digest.models import Mailbox, Newsletter
from digest.render.links import Links
from digest.render.plain import unfit_character


def headers_for(newsletter: Newsletter, links: Links, period: str) -> tuple[tuple[str, str], ...]:
    """Return what tells a mail program that this is a list and how to leave it with one click (RFC 8058, 2919).

    The Feedback-ID lets Gmail's Postmaster Tools count complaints by issue and by newsletter.
    """
    address = links.unsubscribe_url
    if not re.fullmatch(r"[!-~]+", address) or set(address) & set("<>"):
        raise TemplateError(f"the address to unsubscribe, “{address}”, cannot stand in a header")
    list_id = _list_id(newsletter)
    label, _, domain = list_id.partition(".")
    return (
        ("List-Unsubscribe", f"<{address}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", f"<{list_id}>"),
        ("Feedback-ID", f"{period}:{label}:digest:{domain.replace('.', '-')}"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
    )


def one_line(text: str, key: str, *, file: str = "") -> str:
    """Squeeze `text` to one line; raises TemplateError for a control character, naming the setting `key`."""
    line = " ".join(text.split())
    _refuse_unfit(line, f"`{key}`", file)
    return line


def checked_mailbox(mailbox: Mailbox, key: str, *, file: str = "") -> Mailbox:
    """Return `mailbox`; raises TemplateError when its name or address could break out of a header."""
    _refuse_unfit(mailbox.name, f"the name in `{key}`", file)
    _refuse_unfit(mailbox.address, f"the address in `{key}`", file)
    return mailbox


def _refuse_unfit(text: str, what: str, file: str) -> None:
    unfit = unfit_character(text)
    if unfit:
        raise TemplateError(f"{what} holds {unfit}, which no header can carry", file=file or None, fix="type it again")


def _list_id(newsletter: Newsletter) -> str:
    """Name the list in ASCII: a slug of other letters gives way to a fingerprint of it."""
    label = re.sub(r"[^a-z0-9-]+", "-", newsletter.slug.lower()).strip("-")
    if not newsletter.slug.isascii() or not label:
        label = "list-" + hashlib.sha256(newsletter.slug.encode()).hexdigest()[:12]
    domain = newsletter.sender.address.rpartition("@")[2]
    try:
        return f"{label}.{domain.encode('idna').decode('ascii').lower()}"
    except UnicodeError as cause:
        raise TemplateError(
            f"the sender's address “{newsletter.sender.address}” has no domain that mail can use",
            file=newsletter.file or None,
            fix="write an address such as news@example.com",
        ) from cause
