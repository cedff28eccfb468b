"""The built-in words of a mail, in the newsletter's language, with marketing's own on top.

A word may have forms for numbers: `post_count` is the general one, `post_count_one` that for what the language calls
one (also `_zero`, `_two`, `_few`, `_many`: the categories of Unicode). `fill` chooses by the number that it puts in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

from digest.errors import TemplateError
from digest.render.token_values import all_of
from digest.render.toml import line_in, read_toml
from digest.toml_lines import Location

FORMS = ("zero", "one", "two", "few", "many")
"""Categories of numbers that a language may tell apart, besides `other`, which is the word itself."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_COUNT = "count"
"""The placeholder whose number decides where several have one."""


class Word(str):
    """A text that knows where it is written and which forms it has for numbers."""

    __slots__ = ("file", "forms", "language", "location")

    file: str
    location: Location
    """Where it stands in the file."""
    language: str
    forms: Mapping[str, Word]
    """Category -> the word for such numbers."""

    def for_number(self, number: float) -> Word:
        """Return the form that the language uses for a number."""
        return self.forms.get(_category(self.language, number), self) if self.forms else self


def words_for(language: str, folder: Path, overrides: Mapping[str, str], *, file: str = "") -> Mapping[str, str]:
    """Return the words of `folder/<language>.toml` (`ja` serves `ja-JP`), overridden by the newsletter's.

    Raises TemplateError with file and line for a language without words, for a word that the other languages have
    and this one lacks, and for an override of a word, or with a placeholder, that does not exist; `file` is the
    newsletter's.
    """
    source = _file_for(language, folder, file)
    files = {path: _texts(path) for path in sorted(folder.glob("*.toml"))}
    texts = files[source]
    _check_complete(source, files)
    mistakes = [
        problem for key, text in overrides.items() for problem in _wrong_override(key, text, source, files, file)
    ]
    mistakes += _lonely_forms(texts, overrides, source, language, file)
    if mistakes:
        raise all_of(mistakes)
    words = {key: _word(text, source, (key,), language) for key, text in texts.items()}
    words |= {key: _word(text, file, ("words", key), language) for key, text in overrides.items()}
    for key, word in words.items():
        forms = {form: words[f"{key}_{form}"] for form in FORMS if f"{key}_{form}" in words}
        word.forms = MappingProxyType(forms)
    return words


def fill(text: str, **values: object) -> str:
    """Put values into the placeholders of a word: `"約{minutes}分"|fill(minutes=5)`, in the form for the number.

    Raises TemplateError for a placeholder that has no value, naming the file in which the word is written.
    """
    numbers = {key: value for key, value in values.items() if isinstance(value, int | float)}
    deciding = numbers.get(_COUNT, next(iter(numbers.values())) if len(numbers) == 1 else None)
    word = text.for_number(deciding) if isinstance(text, Word) and deciding is not None else text

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in sorted(values))
            message, fix = f"the word “{word}” asks for {found[0]}", f"it can hold {known}"
            if isinstance(word, Word):
                raise TemplateError(message, file=word.file or None, line=line_in(word.file, word.location), fix=fix)
            raise TemplateError(message, fix=fix)
        return str(values[found[1]])

    return _PLACEHOLDER.sub(value_of, word)


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


def _word(text: str, file: str | Path, location: Location, language: str) -> Word:
    word = Word(text)
    word.file, word.location, word.language, word.forms = str(file), location, language, {}
    return word


def _category(language: str, number: float) -> str:
    try:
        return str(Locale.parse(language, sep="-").plural_form(number))
    except (UnknownLocaleError, ValueError):
        return "other"


def _texts(source: Path) -> dict[str, str]:
    texts = read_toml(source)
    for key, text in texts.items():
        if not isinstance(text, str):
            raise TemplateError(
                f"the word `{key}` is not a text",
                file=source,
                line=line_in(source, (key,)),
                fix='write it in quotes: key = "text"',
            )
    return texts


def _check_complete(source: Path, files: Mapping[Path, Mapping[str, str]]) -> None:
    """Hold the language to the words of the others: one that is missing here is often one that is misspelt here."""
    texts = files[source]
    others = {key: path for path, theirs in files.items() if path != source for key in theirs}
    extra = [key for key in texts if key not in others]
    mistakes = []
    for key, other in others.items():
        if key in texts or _is_form(key, others):
            continue
        near = get_close_matches(key, extra, n=1, cutoff=0.6)
        if near:
            line = line_in(source, (near[0],))
            message = f"`{near[0]}` is not a word of {other.name}"
            mistakes.append(TemplateError(message, file=source, line=line, fix=f"did you mean `{key}`?"))
        else:
            message = f"the word `{key}` of {other.name} is missing"
            mistakes.append(TemplateError(message, file=source, fix=f'add {key} = "…"'))
    if mistakes:
        raise all_of(mistakes)


def _wrong_override(
    key: str, text: str, source: Path, files: Mapping[Path, Mapping[str, str]], file: str
) -> list[TemplateError]:
    def wrong(message: str, fix: str) -> list[TemplateError]:
        return [TemplateError(message, file=file or None, line=line_in(file, ("words", key)), fix=fix)]

    words = files[source]
    base = key.rpartition("_")[0]
    if key not in words and not (_is_form(key, words) and base in words):
        near = get_close_matches(key, words, n=1, cutoff=0.5)
        fix = f"did you mean `{near[0]}`?" if near else f"{source} lists the words"
        return wrong(f"`words.{key}` is not a word of the template", fix)
    known = sorted({name for theirs in files.values() for each in (key, base) for name in _held(theirs, each, key)})
    odd = sorted(placeholders(text) - set(known))
    if odd:
        near = get_close_matches(odd[0], known, n=1, cutoff=0.5)
        fix = f"did you mean {{{near[0]}}}?" if near else f"it can hold {_braced(known) or 'no value'}"
        return wrong(f"`words.{key}`: the word “{text}” asks for {{{odd[0]}}}", fix)
    return []


def _held(words: Mapping[str, str], key: str, wanted: str) -> frozenset[str]:
    """Return the placeholders of a word; a form may hold those of its general form, too."""
    return placeholders(words.get(key, "")) if key == wanted or _is_form(wanted, words) else frozenset()


def _lonely_forms(
    texts: Mapping[str, str], overrides: Mapping[str, str], source: Path, language: str, file: str
) -> list[TemplateError]:
    """Find overrides of a general form whose other forms, in use in this language, would stay the built-in ones."""
    mistakes = []
    for key in overrides:
        for form in FORMS:
            other = f"{key}_{form}"
            if other in texts and other not in overrides and form in _categories(language):
                message = (
                    f"`words.{key}` is changed, but its form for {form} is still “{texts[other]}” of {source.name}"
                )
                line = line_in(file, ("words", key))
                mistakes.append(TemplateError(message, file=file or None, line=line, fix=f'add {other} = "…"'))
    return mistakes


def _categories(language: str) -> frozenset[str]:
    try:
        return frozenset(Locale.parse(language, sep="-").plural_form.tags)
    except (UnknownLocaleError, ValueError):
        return frozenset()


def _is_form(key: str, words: Mapping[str, object]) -> bool:
    base, _, form = key.rpartition("_")
    return form in FORMS and base in words


def _braced(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _file_for(language: str, folder: Path, file: str) -> Path:
    for name in (language, language.partition("-")[0]):
        if re.fullmatch(r"[A-Za-z0-9-]+", name) and (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    known = ", ".join(sorted(path.stem for path in folder.glob("*.toml"))) or "none"
    raise TemplateError(
        f"there are no words for the language “{language}”",
        file=file or None,
        line=line_in(file, ("language",)),
        fix=f"known are {known}; copy one to {folder / (language or 'xx')}.toml and translate it",
    )
