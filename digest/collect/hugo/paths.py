"""Decides what the path of a file below a Hugo site's content says: its section, its name, its language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

ENDINGS = ("md", "markdown", "mdown", "html", "htm", "org", "adoc", "asciidoc", "ad", "rst", "pandoc", "pdc")
"""Endings of what Hugo takes for content, in any case."""

_KEPT = frozenset("./\\_#+~-@")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class ContentPath:
    """A page's path below the content, as its author wrote it."""

    folder: str
    """The folders above the file, joined by `/`; empty for none."""
    name: str
    """The file's name without language and ending."""
    ending: str
    """In lower case, without the dot."""
    language: str = ""
    """The key of the language in the file's name, in lower case; empty when it names none."""

    @property
    def is_bundle(self) -> bool:
        """Tell whether the page has a folder of its own: everything else in it belongs to the page."""
        return self.name == "index"

    @property
    def is_section(self) -> bool:
        """Tell whether the file is the page of its folder, which is a list of others."""
        return self.name == "_index"

    @property
    def section(self) -> str:
        """The first of the folders, in which a page without folder of its own could lie; empty for none."""
        first, _, rest = self.folder.partition("/")
        return first if rest or not self.is_bundle else ""

    @property
    def base(self) -> str:
        """The name by which the page is known: its own, or that of its folder."""
        return self.folder.rpartition("/")[2] if self.is_bundle else self.name

    @property
    def container(self) -> str:
        """The folder in which the page lies, one of its own left out."""
        return self.folder.rpartition("/")[0] if self.is_bundle else self.folder

    @property
    def logical(self) -> str:
        """The path by which settings and links know the page, such as `/posts/one`."""
        return normal("/" + "/".join(part for part in (self.container, self.base) if part))


def content_path(below: str, languages: Collection[str]) -> ContentPath | None:
    """Read the path of a file below the content; None when it is no content.

    `languages` are the keys that may stand before the ending: `one.ja.md`.
    """
    folder, _, name = below.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in ENDINGS:
        return None
    rest, dot, key = stem.rpartition(".")
    if dot and rest and key.lower() in languages:
        return ContentPath(folder, rest, ending.lower(), key.lower())
    return ContentPath(folder, stem, ending.lower())


def normal(path: str) -> str:
    """Write a path as Hugo files it: in lower case, with `-` for every blank."""
    return path.lower().replace(" ", "-")


def sanitized(text: str) -> str:
    """Keep what may stand in an address: letters, digits, marks and `./_#+~-@`; blanks between them become one `-`."""
    kept: list[str] = []
    hyphen_due = was_hyphen = False
    for at, character in enumerate(text):
        if _is_kept(text, at, character):
            was_hyphen = character == "-"
            if hyphen_due and not was_hyphen:
                kept.append("-")
            hyphen_due = False
            kept.append(character)
        elif kept and not was_hyphen and character.isspace():
            hyphen_due = True
    return "".join(kept)


def without_accents(text: str) -> str:
    """Take the accents off letters: `é` becomes `e`."""
    bare = "".join(each for each in unicodedata.normalize("NFD", text) if unicodedata.category(each) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _is_kept(text: str, at: int, character: str) -> bool:
    if character in _KEPT:
        return True
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or (character == "%" and _ENCODED.match(text, at) is not None)
