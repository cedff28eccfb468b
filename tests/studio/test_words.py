"""The words of the studio are whole in every language, and every code has some."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from markupsafe import Markup

from digest import errors
from digest.errors import DigestError
from digest.models import IssueState, Level, Out
from digest.pipeline.designing import Outcome
from digest.render.words import FORMS, placeholders
from digest.select.rules import built_in
from digest.studio.speaking import FOLDER, LANGUAGES, ONLY_TRANSLATED, OTHERWISE, speech
from tests.conftest import ROOT

STUDIO = ROOT / "digest/studio"
PLURAL = {"outcome.times", "outcome.more", "outcome.more_cases"}
"""Words that are only said of two at least, or that are the same for one."""
FOR_MACHINES = {"AbortError", "Enter", "Escape", "POST", "Shift", "Tab"}
"""What scripts hold in quotes, with a capital letter, and nobody reads."""
SHORT = 46
"""Characters that a headline may have: a line of the inspector, or two on a phone."""
_AREAS = r"audience|blog|config|design|doctor|issue|list|mail|post|provider|report|sample|stored|template"
_CODE = re.compile(rf"(?:{_AREAS})\.[a-z0-9]+(?:-[a-z0-9]+)*")
NO_CODES = {"config.toml", "design.html", "issue.id", "mail.send", "report.html"}
"""What looks like a code and is the name of a file or of a column."""
PUT_TOGETHER = {
    ("digest/check/document.py", "mail.no-{}"): (
        *("charset", "viewport", "reformatting", "format-detection", "color-scheme", "supported-color-schemes"),
        *("title", "doctype", "outlook-sizes"),
    ),
    ("digest/check/inline_styles.py", "mail.inline-{}"): ("important", "variable", "color"),
    ("digest/check/legal_footer.py", "mail.no-publisher-{}"): ("name", "address", "contact"),
    ("digest/check/old_engines.py", "mail.old-engine-{}"): ("layout", "position", "margin", "unit"),
    ("digest/check/unsubscribe.py", "mail.no-unsubscribe-{}"): ("header", "one-click", "link", "text"),
    ("digest/check/word_breaks.py", "mail.break-{}"): ("word-break", "overflow-wrap", "wbr", "ruby"),
    ("digest/collect/mkdocs/post.py", "post.{}"): ("draft", "slug", "categories", "authors"),
    ("digest/render/pair_findings.py", "design.contrast-{}"): ("light", "dark"),
}
"""Codes that a file makes of two parts: what stands in the braces."""


def general(words: dict[str, str]) -> dict[str, str]:
    """Return the words without their further forms, and without the headlines that English needs none of."""
    return {
        key: text
        for key, text in words.items()
        if not (key.rpartition("_")[2] in FORMS and key.rpartition("_")[0] in words)
        and key.partition(".")[0] not in ONLY_TRANSLATED
    }


def all_words(language: str) -> dict[str, str]:
    return {key: str(word) for key, word in speech(language).words.items()}


@cache
def written() -> tuple[set[str], set[tuple[str, str]]]:
    """Return the codes that stand in the source, and those that are put together there."""
    whole, parts = set[str](), set[tuple[str, str]]()
    for file in sorted((ROOT / "digest").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                whole.add(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                whole |= {
                    each.value
                    for each in node.args[1:2]
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
            elif isinstance(node, ast.JoinedStr):
                shape = "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
                if re.fullmatch(rf"(?:{_AREAS})\.[a-z0-9-]*\{{\}}[a-z0-9-]*", shape):
                    parts.add((file.relative_to(ROOT).as_posix(), shape))
    return whole - NO_CODES, parts


def codes() -> set[str]:
    whole, _ = written()
    return whole | {shape.format(end) for (_, shape), ends in PUT_TOGETHER.items() for end in ends}


def texts_beside(file: str) -> set[object]:
    """Return the texts of a file and of its room."""
    trees = [ast.parse(each.read_text(encoding="utf-8")) for each in (ROOT / file).parent.glob("*.py")]
    return {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_each_language_has_a_file_and_english_is_what_is_left() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(LANGUAGES)
    assert LANGUAGES[-1] == OTHERWISE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_have_the_same_words_with_the_same_placeholders(language: str) -> None:
    ours, english = general(all_words(language)), general(all_words(OTHERWISE))
    assert list(ours) == list(english)
    assert {key: placeholders(text) for key, text in ours.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    for key, text in ours.items():
        assert text.count("`") == english[key].count("`"), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_empty_or_markup(language: str) -> None:
    for key, text in all_words(language).items():
        assert text.strip() == text != "", key
        assert not re.search(r"[<>]|&\w+;", text), key


def test_only_headlines_for_english_sentences_are_missing_in_english() -> None:
    english = {key.partition(".")[0] for key in all_words(OTHERWISE)}
    for language in set(LANGUAGES) - {OTHERWISE}:
        tables = {key.partition(".")[0] for key in all_words(language)}
        assert tables - english == set(ONLY_TRANSLATED)


def test_a_word_that_counts_has_the_forms_of_its_language() -> None:
    for language in LANGUAGES:
        words = all_words(language)
        wanted = set(Locale.parse(language).plural_form.tags) & set(FORMS)
        for key, text in general(words).items():
            if ("{count}" in text or key.startswith("counts.")) and key not in PLURAL:
                assert {form for form in FORMS if f"{key}_{form}" in words} == wanted, (language, key)


def test_a_form_has_the_placeholders_of_its_word() -> None:
    for language in LANGUAGES:
        for key, word in speech(language).words.items():
            for form, text in word.forms.items():
                assert placeholders(text) == placeholders(word), (language, key, form)


def test_numbers_choose_the_form_and_are_grouped() -> None:
    english, japanese = speech("en"), speech("ja")
    assert english.say("outcome.refused", count=1) == "Not saved: 1 error"
    assert english.say("outcome.refused", count=1200) == "Not saved: 1,200 errors"
    assert japanese.say("outcome.refused", count=1) == "保存していません：エラーが1件あります"


def test_values_and_words_never_become_markup() -> None:
    said = speech("en").code("missing.issue_more", what="<b>`x`</b>")
    assert said == Markup("No newsletter or week is called <code>&lt;b&gt;`x`&lt;/b&gt;</code>.")


def test_words_are_read_once() -> None:
    assert speech("ja") is speech("ja")


# ---------------------------------------------------------------- codes


def test_the_codes_that_files_put_together_are_all_known() -> None:
    assert written()[1] == set(PUT_TOGETHER)
    for (file, _), ends in PUT_TOGETHER.items():
        assert set(ends) <= texts_beside(file), file


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != OTHERWISE])
def test_every_code_of_a_finding_has_a_headline_and_no_headline_is_left_over(language: str) -> None:
    headlines = {key.removeprefix("findings.") for key in all_words(language) if key.startswith("findings.")}
    assert sorted(codes() - headlines) == []
    assert sorted(headlines - codes()) == []


def test_headlines_are_short_plain_sentences() -> None:
    for key, text in all_words("ja").items():
        if key.partition(".")[0] in ONLY_TRANSLATED:
            assert text.endswith("。"), key
            assert len(text) <= SHORT, (key, len(text))
            assert re.search(r"(す|ん|た|せん|ください)。$", text), key


def assert_worded(table: str, names: list[str]) -> None:
    for language in LANGUAGES:
        words = all_words(language)
        assert [name for name in names if f"{table}.{name}" not in words] == [], (language, table)


def test_every_state_level_rule_outcome_and_reason_has_words() -> None:
    assert_worded("states", ["coming", "missed", *IssueState])
    assert_worded("levels", list(Level))
    assert_worded("counts", list(Level))
    assert_worded("rules", list(built_in()))
    assert_worded("outs", list(Out))
    assert_worded("outcome", list(Outcome))
    kinds = [name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, DigestError)]
    assert len(kinds) > 5
    assert_worded("errors", kinds)
    assert [out for out in Out if f"left_out.{out}" not in all_words("ja")] == []


# ---------------------------------------------------------------- what pages and scripts ask for


def asked_for(text: str) -> set[str]:
    """Return the keys that a page names: whole ones, and the beginnings of those that a code ends."""
    calls = re.findall(r"\b(?:say|say_code|known)\(([^()]*)", text)
    return {key for call in calls for key in re.findall(r'"([a-z_]+\.[A-Za-z_]*)"', call)}


def test_pages_ask_for_words_that_exist_and_every_word_is_asked_for() -> None:
    pages = "\n".join(file.read_text(encoding="utf-8") for file in sorted((STUDIO / "pages").glob("*.html")))
    asked = asked_for(pages)
    words = set(general(all_words(OTHERWISE)))
    begun = {key for key in asked if key.endswith(".")}
    assert sorted(asked - begun - words) == []
    tables = {key.rstrip(".") for key in begun} | {"script", "acts"}
    assert sorted(key for key in words - asked if key.partition(".")[0] not in tables) == []


def test_what_is_said_about_a_step_is_said_by_one() -> None:
    steps = "\n".join(file.read_text(encoding="utf-8") for file in sorted((STUDIO / "acts").glob("*.py")))
    keys = {key.removeprefix("acts.") for key in all_words(OTHERWISE) if key.startswith("acts.")} - {"refused"}
    said = {key for key in keys if f'"{key.removesuffix("_one")}"' in steps or key in set(IssueState)}
    assert sorted(keys - said) == []


def test_scripts_say_nothing_but_words_that_the_page_carries() -> None:
    scripts = {file.name: file.read_text(encoding="utf-8") for file in sorted((STUDIO / "static").glob("*.js"))}
    code = "\n".join(re.sub(r"(?m)(^|\s)//.*$|/\*\*?.*?\*/", "", text) for text in scripts.values())
    quoted = {text for pair in re.findall(r'"([^"\n]*)"|`([^`]*)`', code) for text in pair}
    assert {text for text in quoted if re.match(r"[A-Z ]\w", text)} == FOR_MACHINES
    named = {key for call in re.findall(r"\bsay\(([^()]*)", code) for key in re.findall(r'"([a-z_]+)"', call)}
    lamps = {"live", "waiting", "gone"}
    words = {key.removeprefix("script.") for key in all_words(OTHERWISE) if key.startswith("script.")}
    assert named - {"try"} | lamps == words


def test_templates_hold_no_words_of_their_own() -> None:
    for file in sorted((STUDIO / "pages").glob("*.html")):
        text = re.sub(
            r"<style>.*?</style>|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        visible = re.sub(r"<[^>]*>", " ", text) + " ".join(
            re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
        )
        left = set(re.findall(r"[A-Za-z]{2,}", visible)) - {"digest", "studio", "HTML", "kB"}
        assert left == set(), (file.name, left)


def test_style_sheets_write_no_words() -> None:
    for file in sorted((STUDIO / "static").glob("*.css")):
        assert re.findall(r'content:\s*"[^"]*[A-Za-z][^"]*"', file.read_text(encoding="utf-8")) == [], file.name


def test_word_files_stay_one_subject() -> None:
    for file in sorted(Path(FOLDER).glob("*.toml")):
        keys = re.findall(r"(?m)^\[(\w+)\]$", file.read_text(encoding="utf-8"))
        assert len(keys) == len(set(keys))
