"""Where a line of the HTML part may break: between Japanese phrases, and inside of what has no end."""

from __future__ import annotations

import re
from functools import lru_cache

from wcwidth import wcswidth

from digest.typography import NEVER_FIRST, NEVER_LAST, is_japanese, phrases_of

_LONGEST = 20
"""Display columns. A longer phrase may break anywhere: beside a picture on a phone there is room for no more."""

_ENDLESS = re.compile(rf"[!-~]{{32,}}|[{re.escape(''.join(sorted(NEVER_FIRST)))}]{{12,}}")
_STRETCH = 12
_ZERO_WIDTH_SPACE = "\u200b"


def breakable(text: str) -> str:
    """Let addresses and rows of punctuation break, so that no client stretches the mail to hold them.

    With zero-width spaces: mail clients ignore `overflow-wrap` and lose `<wbr>`.
    """
    return _ENDLESS.sub(lambda run: _ZERO_WIDTH_SPACE.join(re.findall(rf".{{1,{_STRETCH}}}", run[0])), text)


@lru_cache(maxsize=1024, typed=True)  # titles come again, in the next preview; marked-up text is no plain text
def phrases(text: str, language: str = "ja") -> tuple[tuple[str, bool], ...]:
    """Split a Japanese heading into phrases, each with whether it should be kept on one line.

    Joined they are `text`. A text of another language, or without kana and ideographs, comes back whole: it has
    spaces.
    """
    if not language.startswith("ja") or not is_japanese(text):
        return ((text, False),)
    parts: list[str] = []
    for part in phrases_of(text):
        if parts and (part[0] in NEVER_FIRST or parts[-1][-1] in NEVER_LAST):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple((part, len(parts) > 1 and 2 < wcswidth(part) <= _LONGEST) for part in parts)
