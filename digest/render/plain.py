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
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNFIT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MARKER = re.compile(
    rf"\{{(?=[{{%#])|{READER_TOKEN[: len(READER_TOKEN) // 2]}(?={READER_TOKEN[len(READER_TOKEN) // 2 :]})"
)
_ZERO_WIDTH_SPACE = "\u200b"


def plain(text: str) -> str:
    """Return `text` as one line of characters that every mail client can show.

    Line breaks and runs of blanks become one space (ideographic spaces stay), mislabelled Windows punctuation
    becomes the punctuation that was meant, other control characters are left out. What a provider would take for a
    placeholder of its own (`{{`, `{%`) or we for a reader's token is parted by a space without width.
    """
    line = _UNFIT.sub("", _BLANKS.sub(" ", text.translate(_TRANSLATION))).strip()
    return _MARKER.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, line)


def plain_address(url: str) -> str:
    """Return a post's `url` so that it can stand in a mail: percent-encoded, and without a reader's token.

    Otherwise a feed could ask for every reader's token in its own logs.
    """
    encoded = quote(_UNFIT.sub("", url.strip()), safe="!#$%&'()*+,/:;=?@[]~")
    return encoded.replace(READER_TOKEN, READER_TOKEN.replace("_", "%5F"))


def unfit_character(text: str) -> str:
    """Name the first character that may not stand in a header (`U+000A LINE FEED`); empty when all may."""
    found = _UNFIT_IN_A_HEADER.search(text)
    if not found:
        return ""
    names = {"\r": "CARRIAGE RETURN", "\n": "LINE FEED", "\0": "NULL"}
    name = names.get(found[0]) or unicodedata.name(found[0], "a control character")
    return f"U+{ord(found[0]):04X} {name}"
