"""Decides how titles and file names become parts of addresses in the libraries that JavaScript's generators use."""

from __future__ import annotations

import re
import unicodedata

_POSSESSIVE = re.compile(r"([a-z\d]+)'([ts])(\s|$)")
_SPELT = {"$": "dollar", "%": "percent", "&": "and", "<": "less", ">": "greater", "|": "or"}
_REMOVED = re.compile(r"[^\w\s$*+~.()'\"!\-:@]+", re.ASCII)
_KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
_ALPHABETIC_SIGNS = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")


def github(text: str) -> str:
    """Return what github-slugger makes of a text: in lower case, without punctuation, blanks as `-`."""
    kept = (character for character in text.lower() if _stays(character))
    return "".join(kept).replace(" ", "-")


def slugify(text: str) -> str | None:
    """Return what `@sindresorhus/slugify` makes of a text; None when it holds letters beyond ASCII, which it spells."""
    if not text.isascii():
        return None
    lowered = _POSSESSIVE.sub(r"\1\2\3", text.replace("&", " and ").lower())
    return re.sub(r"[^a-z\d]+", "-", lowered).strip("-")


def slug(text: str) -> str | None:
    """Return what the package `slugify` makes of a text; None when it holds letters beyond ASCII."""
    if not text.isascii():
        return None
    spelt = "".join(_SPELT.get(character, character).replace("-", " ") for character in text)
    return re.sub(r"\s+", "-", _REMOVED.sub("", spelt).strip()).lower()


def _stays(character: str) -> bool:
    if character in " -" or unicodedata.category(character) in _KEPT:
        return True
    return _ALPHABETIC_SIGNS.match(character) is not None
