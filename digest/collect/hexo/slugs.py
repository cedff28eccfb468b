"""Decides how Hexo spells a name in an address: without diacritics and signs, everything else as it is.

Read after slugize and escapeDiacritic of hexo-util 3. What the latter makes of a Latin letter is read from the
letter's Unicode name, which gives the same for all but some twenty letters that hardly occur.
"""

from __future__ import annotations

import re
import unicodedata

_LATIN = re.compile(
    r"(?:FULLWIDTH |CIRCLED )?LATIN (SMALL|CAPITAL) (?:LETTER|LIGATURE) "
    r"(?:(?:SHARP|DOTLESS|OPEN|REVERSED|TURNED|INSULAR|AFRICAN) )*(A[AEOUVY]|H?V|O[EIOU]|TZ|DZ|LJ|NJ|[A-Z])"
    r"(?: WITH .*| PRECEDED BY .*)?"
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_SPECIAL = re.compile(
    "[ \\t\\n\\r\\f\\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
    "~`!@#$%^&*()\\-_+=\\[\\]{}|\\\\;:\"'<>,.?/]+"
)


def slugize(name: str, transform: int = 0) -> str:
    """Return the name with every run of signs and blanks as one hyphen; in lower case for 1, in upper for 2."""
    plain = name if name.isascii() else "".join(_without_diacritics(character) for character in name)
    slug = _SPECIAL.sub("-", _CONTROL.sub("", plain)).strip("-")
    return slug.lower() if transform == 1 else slug.upper() if transform == 2 else slug


def _without_diacritics(character: str) -> str:
    if character.isascii():
        return character
    latin = _LATIN.fullmatch(unicodedata.name(character, ""))
    if latin is None:
        return character
    return latin[2] if latin[1] == "CAPITAL" else latin[2].lower()
