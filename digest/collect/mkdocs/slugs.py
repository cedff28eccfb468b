"""Decides which part of an address MkDocs makes of a title: the slug functions that an `mkdocs.yml` can name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote

from digest.collect.mkdocs.tagged import Unread

_TAG = re.compile(r"<[^<>]*>")
_OTHER = re.compile(r"[^\w\- ]")
_READABLE = "tag:yaml.org,2002:python/object/apply:pymdownx.slugs.slugify"
_CASES = ("none", "lower", "lower-ascii", "fold")
_Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


@dataclass(frozen=True, slots=True)
class Slugs:
    """`pymdownx.slugs.slugify` with its settings; by default those of the blog plugin."""

    case: str = "lower"
    form: _Form = "NFC"
    percent_encoded: bool = False

    def slug(self, text: str, separator: str) -> str:
        """Return the text without tags and punctuation, each blank as the separator."""
        bare = _TAG.sub("", unicodedata.normalize(self.form, text)).strip()
        if self.case == "lower":
            bare = bare.lower()
        elif self.case == "lower-ascii":
            bare = re.sub("[A-Z]", lambda found: found[0].lower(), bare)
        elif self.case == "fold":
            bare = bare.casefold()
        made = _OTHER.sub("", bare).replace(" ", separator)
        return quote(made) if self.percent_encoded else made


def named(said: object) -> Slugs | None:
    """Return the slug function that a setting names; None when it can only be known by running it."""
    if said is None:
        return Slugs()
    if not isinstance(said, Unread) or said.tag != _READABLE or not isinstance(said.value, dict | list):
        return None
    words = said.value.get("kwds", {}) if isinstance(said.value, dict) else {}
    case, form = words.get("case", "none"), words.get("normalize", "NFC")
    if case not in _CASES or form not in get_args(_Form):
        return None
    return Slugs(case, form, words.get("percent_encode") is True)
