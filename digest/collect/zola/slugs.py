"""Decides how Zola spells a name in an address: in ASCII, or nearly as it is.

Zola slugifies with the crate `slug`, which spells other scripts by the tables of `deunicode` 1.6
(github.com/kornelski/deunicode). Both these and those of text-unidecode come from Perl's Text::Unidecode; where
they were found to differ in letters that names are made of, the difference stands here.
"""

from __future__ import annotations

import re
import unicodedata

from text_unidecode import unidecode

STRATEGIES = ("on", "safe", "off")
"""What `slugify.paths` can say; see components/utils/src/slugs.rs of github.com/getzola/zola."""

_DIFFERENT = {
    **dict(zip("么什价旅术", ("me ", "shen ", "jia ", "lv ", "shu "), strict=True)),
    **dict(zip("ゕゖゟヿ〼№", ("ka", "ke", "yori", "koto", "masu", "no"), strict=True)),
    **dict.fromkeys("Ъъ\u05d0\u05be\u0621\u0625\u3099\u309a゛゜・〵〾〿", "-"),
}
_SPELT_AS_NOTHING = frozenset("ーｰ")
_OTHER = re.compile("[^a-z0-9]+")
_UNSAFE = re.compile(r'[<>:"/\\|?*]')


def slugify(name: str, strategy: str) -> str:
    """Return the name as it stands in an address, not yet percent-encoded."""
    if strategy == "off":
        return name
    if strategy == "safe":
        return _UNSAFE.sub("", name.rstrip(" ."))
    return _OTHER.sub("-", "".join(_spelt(character) for character in name).lower()).strip("-")


def unsure(name: str, strategy: str) -> str:
    """Return the characters whose spelling in Zola is not known here, such as emoji; nothing for most names."""
    if strategy != "on" or name.isascii():
        return ""
    return "".join(dict.fromkeys(character for character in name if _is_unsure(character)))


def _spelt(character: str) -> str:
    if character.isascii():
        return character
    return _DIFFERENT.get(character) or str(unidecode(character))


def _is_unsure(character: str) -> bool:
    if character.isascii() or character in _DIFFERENT or character in _SPELT_AS_NOTHING:
        return False
    category = unicodedata.category(character)
    return category == "So" or (category[0] in "LNS" and unidecode(character).strip() in {"", "[?]"})
