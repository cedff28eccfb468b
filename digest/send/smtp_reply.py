"""Whom a mail server's refusal is about: the one reader that it answers, or us who send.

A refusal of us (blocked, not allowed to relay, taken for spam) would meet every reader alike, so it must reject
nobody. The enhanced status code (RFC 3463 and its registry) says it best; the server's words are asked after it.
"""

from __future__ import annotations

import re

_OUR_CODES = frozenset({500, 502, 503, 530, 534, 535, 538})
"""A command that is not understood, and a login that is wanted or failed."""
_ADDRESS, _MAILBOX, _POLICY = 1, 2, 7
"""Subjects of an enhanced status: its second number."""
_SENDERS_ADDRESS = frozenset({7, 8})
"""X.1.7 and X.1.8; every other X.1 is about the reader's address."""
_READERS_POLICY = frozenset({2, 17, 18, 124, 133, 134, 136})
"""X.7: a list or mailbox that takes mail from its own people only, or has another owner now."""

_ENHANCED = re.compile(r"(?<![\d.])[45]\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_NAMES_US = re.compile(
    r"relay(ing)?( access)? (is )?(denied|not (permitted|allowed))|not (permitted|allowed) to relay", re.IGNORECASE
)
_NAMES_THE_SENDER = re.compile(r"sender (address )?rejected|client host|helo command", re.IGNORECASE)
_NAMES_THE_READER = re.compile(
    r"(user|recipient|mailbox) (is )?(unknown|not found|not listed|disabled|full|over quota)"
    r"|(unknown|no such|invalid) (user|recipient|mailbox)",
    re.IGNORECASE,
)
_SOUNDS_LIKE_US = re.compile(
    r"blocked|(block|black|deny)[ -]?list|(?<!not )\blisted\b|spam|virus|reputation|polic(y|ies)|prohibited|\brelay"
    r"|authenticat|dmarc|\bspf\b|too many|(sending|message|rate) (limit|quota)",
    re.IGNORECASE,
)


def is_about_us(code: int, said: str, *, of_the_mail: bool = False) -> bool:
    """Return whether a 4xx or 5xx to RCPT, or to the mail itself (`of_the_mail`), would meet every reader alike.

    What can pass (4xx) is about us only where it denies relaying, as some servers do until they are set up for us.
    All readers get the same mail, so what is said of it and names no reader is about us.
    """
    if _NAMES_US.search(said):
        return True
    if code < 500:
        return False
    if code in _OUR_CODES or _NAMES_THE_SENDER.search(said):
        return True
    status = _ENHANCED.search(said)
    subject, detail = (int(status[1]), int(status[2])) if status else (0, 0)
    if subject == _ADDRESS:
        return detail in _SENDERS_ADDRESS
    if subject == _MAILBOX or _NAMES_THE_READER.search(said):
        return False
    if subject == _POLICY:
        return detail not in _READERS_POLICY
    return of_the_mail or bool(_SOUNDS_LIKE_US.search(said))
