"""What the studio says: the words of `words/<language>.toml`, which are text and never markup.

A table is the first part of a key (`states.sent`); a word has forms for numbers as the words of a mail have
(`post_count_one`). The tables of `ONLY_TRANSLATED` stand in other languages than English only: they are headlines for
codes whose English sentence the digest itself writes, and that sentence stays below as the detail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup, escape

from digest.render.words import FORMS, Word, fill, placeholders
from digest.studio.amounts import whole_number

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("ja", "en")
"""With `OTHERWISE` last."""
OTHERWISE = "en"
ONLY_TRANSLATED = ("findings", "left_out")


@dataclass(frozen=True, slots=True)
class Speech:
    """One language of the studio."""

    language: str
    words: Mapping[str, Word]
    fixed: Mapping[str, str]
    """Those that hold no values: most of a page."""

    def say(self, key: str, **values: object) -> str:
        """Return a word with its values, in the form for `count`; numbers as the language writes them.

        Raise KeyError for a word that does not exist.
        """
        if not values and key in self.fixed:
            return self.fixed[key]
        return self._filled(self._form(key, values), values)

    @property
    def gap(self) -> str:
        """What stands between two sentences, and after a colon."""
        return "" if self.language == "ja" else " "

    def code(self, key: str, **values: object) -> Markup:
        """Return a word with what stands between `backticks` as code, and all of it escaped."""
        pieces = self._form(key, values).split("`")
        said = (escape(self._filled(piece, values)) for piece in pieces)
        shown = (Markup("<code>{}</code>").format(piece) if at % 2 else piece for at, piece in enumerate(said))
        return Markup("").join(shown)

    def known(self, key: str) -> str:
        """Return the words for a code, or nothing for one that has none."""
        return self.fixed.get(key, "")

    def table(self, name: str) -> dict[str, str]:
        """Return the words of a table without its name, as a script gets them."""
        begin = f"{name}."
        return {key.removeprefix(begin): str(word) for key, word in self.words.items() if key.startswith(begin)}

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        word, count = self.words[key], values.get("count")
        return word.for_number(count) if isinstance(count, int) else word

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        shown = {
            name: whole_number(value, self.language) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return fill(text, **shown)


@cache
def speech(language: str) -> Speech:
    """Return one of `LANGUAGES`; its file is read once."""
    file = FOLDER / f"{language}.toml"
    words: dict[str, Word] = {}
    for key, text in _texts(tomllib.loads(file.read_text(encoding="utf-8"))):
        word = words[key] = Word(text)
        word.file, word.location, word.language, word.forms = str(file), tuple(key.split(".")), language, {}
    for key, word in words.items():
        word.forms = MappingProxyType({form: words[f"{key}_{form}"] for form in FORMS if f"{key}_{form}" in words})
    fixed = {key: str(word) for key, word in words.items() if not placeholders(word)}
    return Speech(language, MappingProxyType(words), MappingProxyType(fixed))


def _texts(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _texts(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
