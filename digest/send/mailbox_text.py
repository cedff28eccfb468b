"""How a mailbox is written for a provider that takes it as text and writes the header itself: `Name <address>`.

What a mail program would show all the same, some providers spoil or refuse, and with it the batch: so their providers
here write a name in other signs, or leave a reader out.
"""

from __future__ import annotations

import re

from digest.errors import TemplateError
from digest.models import Mailbox
from digest.send.headers import checked, wire_address

_SPECIALS = '()<>[]:;@\\,."'
"""RFC 5322: these end or split a name that stands without quotes."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_USUAL = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_LOCAL = 64
_WIDE = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in _SPECIALS})


def mailbox_text(header: str, mailbox: Mailbox) -> str:
    """Return `Name <address>`, the name in quotes where it needs them; raise TemplateError.

    The name stays Unicode: the provider writes the encoded-words, and what is encoded already would be encoded twice.
    """
    name = checked(header, mailbox.name)
    try:
        address = wire_address(mailbox.address)
    except ValueError as error:
        raise TemplateError(f"the header {header} cannot be written: {error}") from error
    if not name:
        return address
    if not set(name).isdisjoint(_SPECIALS):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"


def wide_specials(mailbox: Mailbox) -> Mailbox:
    """Return the mailbox with the specials of a name outside ASCII in full width: `株式会社（仮）`.

    Some providers spoil or drop a name that holds both.
    """
    name = mailbox.name
    return mailbox if name.isascii() else Mailbox(mailbox.address, name.translate(_WIDE))


def unusual_address(address: str) -> str:
    """Return why a strict provider would refuse an address that can be written to, or nothing.

    Old addresses of Japanese mobile carriers have two dots in a row, or one before the `@`.
    """
    if not _USUAL.fullmatch(wire_address(address)) or len(address.rpartition("@")[0]) > _LONGEST_LOCAL:
        return "the address is not written as RFC 5322 wants it, and would be refused together with the whole batch"
    return ""
