"""Decides in which of the two languages a mail of the digest's own is written, and with which words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"


def spoken(language: str) -> str:
    """Return `ja` or `en`: which of the two a reader of `language` (BCP 47) gets."""
    return "ja" if language.lower().split("-")[0] == "ja" else "en"


@cache
def words(language: str, about: str) -> Mapping[str, Any]:
    """Return the table `about` of a language's words: name -> text, or a table of texts."""
    found: Mapping[str, Any] = tomllib.loads((WORDS / f"{spoken(language)}.toml").read_text(encoding="utf-8"))[about]
    return found
