"""Where a line of the HTML part may break: between Japanese phrases, and inside of what has no end."""

from __future__ import annotations

import re
from functools import lru_cache

from wcwidth import wcswidth

from digest.typography import NEVER_FIRST, NEVER_LAST, is_japanese, phrases_of

_LONGEST = 20
"""Display columns. A longer phrase may break anywhere: beside a picture on a phone there is room for no more."""

_ENDLESS = re.compile(rf"[!-~]{{32,}}|[{re.escape(''.join(sorted(NEVER_FIRST)))}]{{12,}}")
_LATIN = frozenset(map(chr, range(0x21, 0x7F)))
_PIECE = re.compile(r"(?:https?://|.){1,12}")
"""What stays together of it; an address that is cut in its first letters is none any more, to readers and programs."""
_TITLE_ENDS = re.compile(r"(?<=：)(?![0-9０-９])|(?<=[―—─]{2})")
"""Where a title gives way to its subtitle; 12：30 is no such place."""
_ITEM_ENDS = re.compile(r"(?<=・)(?![0-9０-９])")
_ZERO_WIDTH_SPACE = "\u200b"


def breakable(text: str) -> str:
    """Let addresses and rows of punctuation break, so that no client stretches the mail to hold them.

    With zero-width spaces: mail clients ignore `overflow-wrap` and lose `<wbr>`.
    """
    return _ENDLESS.sub(lambda run: _ZERO_WIDTH_SPACE.join(_PIECE.findall(run[0])), text)


@lru_cache(maxsize=1024, typed=True)  # titles come again, in the next preview; marked-up text is no plain text
def phrases(text: str, language: str = "ja") -> tuple[tuple[str, bool], ...]:
    """Split a Japanese heading into phrases, each with whether it should be kept on one line.

    Joined they are `text`. A text of another language, or without kana and ideographs, comes back whole: it has
    spaces.
    """
    if not language.startswith("ja") or not is_japanese(text):
        return ((text, False),)
    parts: list[str] = []
    for part in (piece for phrase in phrases_of(text) for piece in _cut(phrase)):
        words = part.lstrip()
        if parts and (not words or words[0] in NEVER_FIRST or _holds_together(parts[-1][-1], part[0])):
            parts[-1] += part
        elif parts and words != part:  # a line ends with a blank and does not begin with one
            parts[-1] += part[: -len(words)]
            parts.append(words)
        else:
            parts.append(part)
    return tuple((part, len(parts) > 1 and wcswidth(part) > 2 and not _is_long(part)) for part in parts)


def _holds_together(before: str, after: str) -> bool:
    """Tell whether no line may break between two characters; an address has signs inside of it, too."""
    return before in NEVER_LAST or (before in _LATIN and after in _LATIN)


def _cut(phrase: str) -> list[str]:
    """Cut after ： and ――, and an enumeration that is too long to stay together after each ・."""
    pieces = _TITLE_ENDS.split(phrase)
    return [part for piece in pieces for part in (_ITEM_ENDS.split(piece) if _is_long(piece) else (piece,)) if part]


def _is_long(text: str) -> bool:
    return wcswidth(text) > _LONGEST
