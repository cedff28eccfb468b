"""Decides how Pelican spells a title or a category in an address.

Pelican's `slugify` (pelican/utils.py of github.com/getpelican/pelican, 4.12) spells everything in ASCII by the tables
of Unidecode 1.4. Both these and those of text-unidecode come from Perl's Text::Unidecode; where they were found to
differ, the difference stands here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from text_unidecode import unidecode

USUAL = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))
"""Pelican's own `SLUG_REGEX_SUBSTITUTIONS`."""
_LONGEST = 250
"""Characters of a title that are spelt; no file system takes a longer name."""
_PAIRS = (
    "Ŋ=NG ŋ=ng Є=Ie Ъ=' ъ=' ẞ=SS ⁎=* ⁒=% ⁓=~ ₱=P ₲=G ₳=A ₴=UAH ₸=T ₹=Rs ₺=L ₽=R ₿=BTC −=- ∕=/ ∗=* ∶=: ∼=~ ≤=<= "
    "≥=>= ℗=(p) ℮=e し=shi ち=chi っ=tsu つ=tsu シ=shi チ=chi ッ=tsu ツ=tsu ・=* ー=- ゠== "
    "♠=spades ♥=hearts ♦=diamonds ♣=clubs ♡=hearts ♯=# ⟨=< ẜ= ẝ= ẟ= "
    "ך=KH כ=KH ט=T ח=H א=A ץ=TS צ=TS ק=k ש=SH ־=- ⸺=---- ⸻=------"
)
_DIFFERENT = dict(pair.split("=", 1) for pair in _PAIRS.split())


@dataclass(frozen=True)
class Slugs:
    """The settings that decide how words are spelt."""

    unicode: bool = False
    preserve_case: bool = False
    substitutions: tuple[tuple[str, str], ...] = USUAL

    def slug(self, words: str) -> str:
        """Return the words as they stand in an address, not yet percent-encoded; `words` may hold HTML."""
        text = unicodedata.normalize("NFKC", _without_tags(words[:_LONGEST]))
        if not self.unicode:
            text = "".join(_spelt(character) for character in text)
        for pattern, replacement in self._compiled:
            text = pattern.sub(replacement, text)[: 2 * _LONGEST]  # a replacement may double it, and the next again
        return (text if self.preserve_case else text.lower()).strip()

    @cached_property
    def _compiled(self) -> Sequence[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(unicodedata.normalize("NFKC", source), re.IGNORECASE), unicodedata.normalize("NFKC", target))
            for source, target in self.substitutions
        ]


def from_words(pairs: Sequence[tuple[str, str, bool]]) -> tuple[tuple[str, str], ...]:
    """Return the substitutions that `SLUG_SUBSTITUTIONS`, the setting of old, stands for.

    Each pair is a word, what replaces it, and whether signs stay in the slug then.
    """
    replaced = tuple((re.escape(source), target.replace("\\", r"\\")) for source, target, _ in pairs)
    return replaced + (USUAL[1:3] if any(keeps for _, _, keeps in pairs) else USUAL)


def _spelt(character: str) -> str:
    if character.isascii():
        return character
    known = _DIFFERENT.get(character)
    if known is not None:
        return known
    spelling = str(unidecode(character))
    return "" if spelling.strip() == "[?]" else spelling


def _without_tags(words: str) -> str:
    """Take comments and tags out, join blanks and resolve entities, as MarkupSafe's `striptags` does."""
    for opening, closing in (("<!--", "-->"), ("<", ">")):
        parts, rest = [], words
        while opening in rest:
            before, _, behind = rest.partition(opening)
            _, found, after = behind.partition(closing)
            if not found:
                break
            parts.append(before)
            rest = after
        words = "".join(parts) + rest
    return html.unescape(" ".join(words.split()))
