"""Where a Japanese phrase ends: text without blanks may be broken there and still reads well."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import budoux

_KANA_OR_IDEOGRAPH = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")

_WITHIN = re.compile(r"(?:[0-9A-Za-z０-９Ａ-Ｚａ-ｚ][.,:]?|第)\n[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]")
"""Two phrases that the parser cut within a number or a Latin word: 202|6年, 第|3回."""


def is_japanese(text: str) -> bool:
    """Tell whether a text holds kana or ideographs."""
    return bool(_KANA_OR_IDEOGRAPH.search(text))


def phrases_of(text: str) -> list[str]:
    """Split a text into phrases; joined they are the text. No number and no Latin word is split."""
    phrases: list[str] = []
    for phrase in _parser().parse(text) if text else ():
        if phrases and _WITHIN.search(f"{phrases[-1][-2:]}\n{phrase[:1]}"):
            phrases[-1] += phrase
        else:
            phrases.append(phrase)
    return phrases


@cache
def _parser() -> budoux.Parser:
    import budoux  # 20 ms that only a text which is too wide needs to pay

    return budoux.load_default_japanese_parser()
