"""How long a post takes to read."""

from __future__ import annotations

import math
import re

_CHARACTERS_A_MINUTE = 500
"""Japanese readers read 400 to 600 characters of running text a minute."""
_WORDS_A_MINUTE = 220

_IDEOGRAPHS_AND_KANA = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORDS = re.compile(r"[^\W\d_]{2,}|\d+")
_NOT_READ = re.compile(r"```.*?```|<!--.*?-->|<[^>]*>|\]\([^)]*\)|https?://\S+|\{[%{].*?[%}]\}", re.DOTALL)


def reading_minutes(body: str) -> int:
    """Return the whole minutes, at least 1, that a Markdown body takes to read; 0 when there is no body."""
    text = _NOT_READ.sub(" ", body)
    characters = len(_IDEOGRAPHS_AND_KANA.findall(text))
    words = len(_WORDS.findall(_IDEOGRAPHS_AND_KANA.sub(" ", text)))
    return math.ceil(characters / _CHARACTERS_A_MINUTE + words / _WORDS_A_MINUTE)
