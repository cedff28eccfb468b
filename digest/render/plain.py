"""What other people's text may hold to stand in a mail, and what their addresses may."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from digest.models import READER_TOKEN

_WINDOWS = {
    code: bytes([code]).decode("cp1252", errors="replace").replace("\ufffd", "") or None for code in range(0x80, 0xA0)
}
"""C1 controls are nearly always Windows punctuation under a wrong label; Gmail clips a mail that holds one."""

_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that would turn the direction of everything after the text that holds them."""

_TRANSLATION = {**_WINDOWS, **_DIRECTIONS}
_BLANKS = re.compile(r"[ \t-\r\x1c-\x1f\u2028\u2029]+")
_UNFIT_IN_A_PART = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBERED = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?", re.IGNORECASE)
_HOST = re.compile(r"^(https?://(?:[^/?#@]*@)?)([^/?#:@]+)", re.IGNORECASE)
_MEANT_OTHERWISE = re.compile("[ßς\u200c\u200d]")
"""Letters that the older rules for names of sites turn into others: a browser knows the newer ones."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNFIT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MARKER = re.compile(
    rf"\{{(?=[{{%#])|{READER_TOKEN[: len(READER_TOKEN) // 2]}(?={READER_TOKEN[len(READER_TOKEN) // 2 :]})"
)
_ZERO_WIDTH_SPACE = "\u200b"

LONGEST = 2_000
"""Characters; a post with an endless title must hold up no mail."""


def plain(text: str) -> str:
    """Return `text` as one line of characters that every mail client can show.

    Line breaks and runs of blanks become one space (ideographic spaces stay), mislabelled Windows punctuation
    becomes the punctuation that was meant, other control characters are left out, and so is what follows the first
    `LONGEST`. What a provider would take for a placeholder of its own (`{{`, `{%`) or we for a reader's token is parted
    by a space without width.
    """
    line = _UNFIT.sub("", _BLANKS.sub(" ", text.translate(_TRANSLATION))).strip()[:LONGEST]
    return _MARKER.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, line)


def showable(text: str) -> str:
    """Return a whole part of a mail without control characters, line breaks and tabs apart.

    For what designs and marketing themselves write: mislabelled Windows punctuation becomes what was meant, also where
    it is written as a number (`&#146;`).
    """
    named = _NUMBERED.sub(_without_a_number, text)
    return _UNFIT_IN_A_PART.sub("", named.translate(_WINDOWS))


def _without_a_number(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    unfit = code < ord(" ") and chr(code) not in "\t\n\r"
    return "" if unfit else chr(code) if 0x7F <= code < 0xA0 else found[0]


def plain_address(url: str) -> str:
    """Return a post's `url` so that it can stand in a mail: in ASCII, and without a reader's token.

    Otherwise a feed could ask for every reader's token in its own logs.
    """
    ascii_host = _HOST.sub(lambda found: found[1] + _ascii_host(found[2]), _UNFIT.sub("", url.strip()))
    encoded = quote(ascii_host, safe="!#$%&'()*+,/:;=?@[]~")
    return encoded.replace(READER_TOKEN, READER_TOKEN.replace("_", "%5F"))


def _ascii_host(host: str) -> str:
    """Write the name of a site as mail programs look it up; what is no name stays as it is."""
    if host.isascii() or _MEANT_OTHERWISE.search(host):
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def unfit_character(text: str) -> str:
    """Name the first character that may not stand in a header (`U+000A LINE FEED`); empty when all may."""
    found = _UNFIT_IN_A_HEADER.search(text)
    if not found:
        return ""
    names = {"\r": "CARRIAGE RETURN", "\n": "LINE FEED", "\0": "NULL"}
    name = names.get(found[0]) or unicodedata.name(found[0], "a control character")
    return f"U+{ord(found[0]):04X} {name}"
