"""Every word that a design uses is there in every language, and a mistake is blamed on the file that holds it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.render import Renderer
from digest.render.words import fill, placeholders, words_for
from tests.render.issues import COPY, LINKS, TEMPLATES, issue_of, newsletter

SOURCES = [file for file in sorted(TEMPLATES.rglob("*")) if file.suffix in {".html", ".txt", ".css"}]
LANGUAGES = sorted(file.stem for file in COPY.glob("*.toml"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(COPY, tmp_path / "copy"))


def edit(file: Path, old: str, new: str) -> int:
    """Change a file and return the line of the change."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.split(old)[0].count("\n") + 1


def test_every_word_that_a_template_uses_is_there_in_every_language() -> None:
    used = {name for file in SOURCES for name in re.findall(r"\bwords\.(\w+)", file.read_text(encoding="utf-8"))}
    assert LANGUAGES == ["en", "ja"]
    assert used
    for language in LANGUAGES:
        assert used <= words_for(language, COPY, {}).keys(), language


def test_every_placeholder_of_a_word_gets_a_value_where_it_is_used() -> None:
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        for name, filled in re.findall(r"\bwords\.(\w+)(?:\|fill\(([^()]*)\))?", text):
            values = set(re.findall(r"(\w+)=", filled))
            for language in LANGUAGES:
                assert placeholders(words_for(language, COPY, {})[name]) <= values, (file.name, name, language)


def test_all_languages_have_the_same_words_with_the_same_placeholders() -> None:
    english, japanese = (words_for(language, COPY, {}) for language in LANGUAGES)
    assert {key: placeholders(text) for key, text in english.items()} == {
        key: placeholders(text) for key, text in japanese.items()
    }


@pytest.mark.parametrize(
    ("language", "number", "written"),
    [("en", 1, "1 story"), ("en", 2, "2 stories"), ("en", 0, "0 stories"), ("ja", 1, "1本"), ("en-GB", 1, "1 story")],
)
def test_a_number_chooses_the_form_that_its_language_uses(language: str, number: int, written: str) -> None:
    assert fill(words_for(language, COPY, {})["post_count"], count=number) == written


def test_a_language_with_more_forms_than_english_has_them_all(copy: Path) -> None:
    text = (copy / "en.toml").read_text(encoding="utf-8")
    text += 'post_count_few = "{count} historie"\n'
    (copy / "pl.toml").write_text(text, encoding="utf-8")
    word = words_for("pl", copy, {})["post_count"]
    assert [fill(word, count=number) for number in (1, 3, 5)] == ["1 story", "3 historie", "5 stories"]


def test_a_misspelt_word_in_the_copy_file_is_blamed_on_that_file(copy: Path) -> None:
    line = edit(copy / "ja.toml", "read_more =", "read_mor =")
    with pytest.raises(TemplateError, match=r"`read_mor` is not a word of en\.toml.*did you mean `read_more`") as error:
        words_for("ja", copy, {})
    assert (error.value.file, error.value.line) == (str(copy / "ja.toml"), line)


def test_a_word_that_is_missing_is_named(copy: Path) -> None:
    edit(copy / "ja.toml", 'contact = "お問い合わせ"\n', "")
    with pytest.raises(TemplateError, match=r"the word `contact` of en\.toml is missing"):
        words_for("ja", copy, {})


def test_a_misspelt_placeholder_in_the_copy_file_is_blamed_on_that_file_not_on_the_macro(copy: Path) -> None:
    line = edit(copy / "ja.toml", "{minutes}", "{minuts}")
    with pytest.raises(TemplateError, match=r"asks for \{minuts\}") as error:
        Renderer(TEMPLATES, copy).render(newsletter(), 3, issue_of(3), LINKS)
    assert (error.value.file, error.value.line) == (str(copy / "ja.toml"), line)
    assert error.value.fix == "it can hold {minutes}"


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        ({"unsubscrib": "やめる"}, "`words.unsubscrib` is not a word", "did you mean `unsubscribe`?"),
        ({"minutes": "{minuts}分"}, "asks for {minuts}", "did you mean {minutes}?"),
        ({"read_more": "続き{title}"}, "asks for {title}", "it can hold no value"),
    ],
)
def test_a_wrong_override_is_told_at_its_line_in_the_newsletter(
    words: dict[str, str], message: str, fix: str, tmp_path: Path
) -> None:
    file = tmp_path / "weekly.toml"
    file.write_text(
        'minutes = "not this one"\n[words]\n' + "".join(f'{key} = "x"\n' for key in words), encoding="utf-8"
    )
    with pytest.raises(TemplateError) as error:
        words_for("ja", COPY, words, file=str(file))
    assert message in error.value.message
    assert (error.value.file, error.value.line, error.value.fix) == (str(file), 3, fix)


def test_whoever_changes_a_word_for_many_is_asked_for_the_one_too() -> None:
    with pytest.raises(TemplateError, match=r"its form for one is still “{count} story” of en\.toml"):
        words_for("en", COPY, {"post_count": "{count} articles"})
    both = words_for("en", COPY, {"post_count": "{count} articles", "post_count_one": "an article"})
    assert fill(both["post_count"], count=1) == "an article"
    assert fill(words_for("ja", COPY, {"post_count": "{count}件"})["post_count"], count=1) == "1件"
