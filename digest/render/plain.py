"""What other people's text may hold to stand in a mail, and what their addresses may."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from digest.models import READER_TOKEN
from digest.typography import fit

_WINDOWS = {
    code: bytes([code]).decode("cp1252", errors="replace").replace("\ufffd", "") or None for code in range(0x80, 0xA0)
}
"""C1 controls are nearly always Windows punctuation under a wrong label; Gmail clips a mail that holds one."""

_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that would turn the direction of everything after the text that holds them."""
_MARK_OF_ORDER = {0xFEFF: None}
"""A file's first character, which means nothing in a text."""

_TRANSLATION = {**_WINDOWS, **_DIRECTIONS, **_MARK_OF_ORDER}
_BLANKS = re.compile(r"[ \t-\r\x1c-\x1f\u2028\u2029]+")
_UNFIT_IN_A_PART = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBERED = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?", re.IGNORECASE)
_HOST = re.compile(r"^(https?://(?:[^/?#@]*@)?)([^/?#:@]+)", re.IGNORECASE)
_MEANT_OTHERWISE = re.compile("[ßς\u200c\u200d]")
"""Letters that the older rules for names of sites turn into others: a browser knows the newer ones."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNFIT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MARKER = re.compile(
    rf"\{{(?=[{{%#]|$)|%7B(?=%7B)|{READER_TOKEN[: len(READER_TOKEN) // 2]}(?={READER_TOKEN[len(READER_TOKEN) // 2 :]})",
    re.IGNORECASE,
)
_NUMBER_IN_AN_ADDRESS = re.compile(rf"&+(?={_NUMBERED.pattern[1:]})", re.IGNORECASE)
_SITE = re.compile(r"https?://[^/?#]{1,300}", re.IGNORECASE)
_LONE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_BRACES = re.compile(r"(?:%7B){2,}", re.IGNORECASE)
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters by name that are shown as nothing."""
_ZERO_WIDTH_SPACE = "\u200b"

LONGEST = 2_000
"""Characters; a post with an endless text must hold up no mail."""
LONGEST_TITLE = 400
"""Display columns, 200 full-width characters: some feeds have the whole text as a title."""
LONGEST_NAME = 200
"""Characters of the name of an author or a category."""
LONGEST_ADDRESS = 2_000
"""Characters; older mail programs open no longer address, and a few that are far longer fill a mail all alone."""
_READ = 8
"""How many times more characters are looked at, since some of them are left out."""


def plain(text: str, longest: int = LONGEST) -> str:
    """Return what somebody else wrote, such as a post's title, as a `single_line` that nobody takes for a placeholder.

    What a provider would fill in (`{{`, `{%`), or we ourselves (a reader's token, `&#146;`), is parted by a space
    without width: readers see the same. What the template or the newsletter writes is left as it is, so that a check
    can find it.
    """
    line = _MARKER.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, single_line(text, longest))
    return _NUMBERED.sub(_parted, line)


@lru_cache(maxsize=1024)
def plain_title(text: str) -> str:
    """Return a post's title as `plain` does, and of one that is no title any more the beginning, with `…`."""
    return plain(fit(single_line(text), LONGEST_TITLE))


def is_seen(text: str) -> bool:
    """Tell whether a text has any character that leaves ink."""
    return bool(text.strip()) and any(
        character not in _BLANK_LETTERS and unicodedata.category(character)[0] in "LNPS" for character in text
    )


def single_line(text: str, longest: int = LONGEST) -> str:
    """Return `text` as one line of characters that every mail client can show.

    Line breaks and runs of blanks become one space (ideographic spaces stay), mislabelled Windows punctuation
    becomes the punctuation that was meant, other control characters are left out, and so is what follows the first
    `longest`.
    """
    known = text.strip()[: longest * _READ].translate(_TRANSLATION)
    return _UNFIT.sub("", _BLANKS.sub(" ", known)).strip()[:longest]


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


def _parted(found: re.Match[str]) -> str:
    """Part a number that `showable` would take for a mislabelled character of the design's."""
    return found[0] if _without_a_number(found) == found[0] else f"&{_ZERO_WIDTH_SPACE}{found[0][1:]}"


def page_address(url: str) -> str:
    """Return the `plain_address` of a post; that of its site for one that is too long to be opened."""
    site = _SITE.match(url.strip())
    return plain_address(url) or (plain_address(f"{site[0]}/") if site else "")


def plain_address(url: str) -> str:
    """Return somebody else's `url` so that it can stand in a mail: in ASCII, with no reader's token and no placeholder.

    An `&` before `#12` goes, which separates nothing from nothing. Empty for one that is longer than `LONGEST_ADDRESS`.

    Otherwise a feed could ask for every reader's token in its own logs. Of two braces in a row one is written `%7B`
    and one `%7b`: the same to every server, and told from a placeholder that an editor has encoded.
    """
    known = url.strip()[: LONGEST_ADDRESS + 1]
    ascii_host = _HOST.sub(lambda found: found[1] + _ascii_host(found[2]), _UNFIT.sub("", known))
    numberless = _NUMBER_IN_AN_ADDRESS.sub("", ascii_host)
    encoded = quote(_LONE_PERCENT.sub("%25", numberless), safe="!#$%&'()*+,/:;=?@[]~")
    parted = _BRACES.sub(lambda found: "%7B%7b" * (len(found[0]) // 6) + "%7B" * (len(found[0]) // 3 % 2), encoded)
    tokenless = parted.replace(READER_TOKEN, READER_TOKEN.replace("_", "%5F"))
    return tokenless if len(known) <= LONGEST_ADDRESS >= len(tokenless) else ""


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
