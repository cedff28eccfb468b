"""Decides what is put right in a feed's XML before it is read: what is written carelessly, but means one thing only."""

from __future__ import annotations

import re
from html.entities import html5

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"<!\[CDATA\[(?:(?!\]\]>).)*|&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?", re.DOTALL
)
_OF_XML = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,400}\?>")
_NO_ADDRESS = re.compile(
    r"""<guid(?:\s{1,9}isPermaLink\s?=\s?["']true["'])?\s?>(?!\s{0,99}(?:<!\[CDATA\[\s{0,99})?https?://)"""
)


def mended(xml: str) -> str:
    """Return the XML without a declaration of its encoding, forbidden characters, stray `&` and entities of HTML.

    A guid that is no address is said to be none, as it should be; else it would be made an address of the site.
    """
    whole = _FORBIDDEN.sub("", xml)
    declared = _DECLARATION.match(whole)
    whole = whole[declared.end() :] if declared else whole
    return _NO_ADDRESS.sub('<guid isPermaLink="false">', _AMPERSAND.sub(_meant, whole))


def _meant(found: re.Match[str]) -> str:
    name = found[1]
    if (found[0] != "&" and name is None) or name in _OF_XML:
        return found[0]
    if name and name.startswith("#"):
        code = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
        return "\ufffd" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else found[0]
    if name in html5:
        return "".join(f"&#{ord(character)};" for character in html5[name])
    return f"&amp;{name or ''}"
