"""The built-in words of a mail, in the newsletter's language, with marketing's own on top."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from digest.errors import TemplateError
from digest.render.toml import read_toml

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def words_for(language: str, folder: Path, overrides: Mapping[str, str], *, file: str = "") -> Mapping[str, str]:
    """Return the words of `folder/<language>.toml` (`ja` serves `ja-JP`), overridden by the newsletter's.

    Raises TemplateError for a language without words and for an override of a word that does not exist; `file`
    is the newsletter's.
    """
    source = _file_for(language, folder, file)
    words = read_toml(source)
    for key, text in words.items():
        if not isinstance(text, str):
            raise TemplateError(f"the word `{key}` is not a text", file=source, fix='write it in quotes: key = "text"')
    for key in overrides:
        if key not in words:
            near = get_close_matches(key, words, n=1, cutoff=0.5)
            fix = f"did you mean `{near[0]}`?" if near else f"{source} lists the words"
            raise TemplateError(f"`words.{key}` is not a word of the template", file=file or None, fix=fix)
    return {**words, **overrides}


def fill(text: str, **values: object) -> str:
    """Put values into the placeholders of a word: `"約{minutes}分"|fill(minutes=5)`.

    Raises TemplateError for a placeholder that has no value.
    """

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in sorted(values))
            raise TemplateError(f"the word “{text}” asks for {found[0]}", fix=f"it can hold {known}")
        return str(values[found[1]])

    return _PLACEHOLDER.sub(value_of, text)


def _file_for(language: str, folder: Path, file: str) -> Path:
    for name in (language, language.partition("-")[0]):
        if re.fullmatch(r"[A-Za-z0-9-]+", name) and (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    known = ", ".join(sorted(path.stem for path in folder.glob("*.toml"))) or "none"
    raise TemplateError(
        f"there are no words for the language “{language}”",
        file=file or None,
        fix=f"known are {known}; copy one to {folder / (language or 'xx')}.toml and translate it",
    )
