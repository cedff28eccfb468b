"""The tables in the README of each design are what marketing writes from, so they must be the truth."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

import pytest

from digest.render.designs import designs
from digest.render.manuscript import FILTERS
from digest.render.tokens import read_tokens
from digest.render.variables import NO_POST, variables
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, issue_of, newsletter

DESIGNS = designs(TEMPLATES)
each_design = pytest.mark.parametrize("design", DESIGNS)


def readme(design: str) -> str:
    return (TEMPLATES / design / "README.md").read_text(encoding="utf-8")


def documented(design: str, heading: str) -> set[str]:
    part = re.split(r"^#+ ", readme(design), flags=re.MULTILINE)
    table = next(each for each in part if each.startswith(heading))
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


def names(value: object, path: str) -> Iterator[str]:
    """Give the dotted names inside of a value; a post's are told in a table of their own."""
    if isinstance(value, Mapping) and "excerpt" not in value:
        for key, each in value.items():
            yield from names(each, f"{path}.{key}" if path else key)
    else:
        yield path
        if isinstance(value, tuple) and value and "heading" in value[0]:
            yield from names(value[0], f"{path}[]")


def test_there_is_a_design_of_each_kind() -> None:
    assert {"briefing", "weekly"} <= set(DESIGNS)


@each_design
def test_every_variable_is_documented_and_every_documented_one_exists(design: str) -> None:
    context = variables(newsletter(), 3, issue_of(3), LINKS)
    lines = {"subject", "preheader", "greeting", "words", "design"}
    assert documented(design, "変数") == set(names(context, "")) | lines


@each_design
def test_every_variable_of_a_post_is_documented(design: str) -> None:
    context = variables(newsletter(), 3, issue_of(3), LINKS)
    assert documented(design, "記事") == {f"post.{key}" for key in context["posts"][0]}
    assert set(NO_POST) == set(context["posts"][0])


@each_design
def test_every_variable_of_another_post_of_a_story_is_documented(design: str) -> None:
    also = next(post["also"] for post in variables(newsletter(), 3, full_week(), LINKS)["posts"] if post["also"])
    row = next(line for line in readme(design).splitlines() if line.startswith("| `post.also` |"))
    assert set(re.findall(r"`(\w+)`", row)) == set(also[0])


@each_design
def test_every_word_token_and_filter_is_documented(design: str) -> None:
    words = tomllib.loads((COPY / "ja.toml").read_text(encoding="utf-8"))
    tokens = read_tokens(TEMPLATES / design / "tokens.toml")
    assert documented(design, "決まり文句") == {f"words.{key}" for key in words}
    assert documented(design, "デザイン") == {f"design.{token.key}" for token in tokens}
    assert documented(design, "フィルター") == set(FILTERS)


@each_design
def test_every_file_of_a_design_is_documented(design: str) -> None:
    files = {path.name for path in (TEMPLATES / design).iterdir()} - {"README.md"}
    assert {name for name in documented(design, readme(design)[2:20]) if "/" not in name} == files


@each_design
def test_every_limit_of_a_token_is_the_documented_one(design: str) -> None:
    for token in read_tokens(TEMPLATES / design / "tokens.toml"):
        row = next(line for line in readme(design).splitlines() if line.startswith(f"| `design.{token.key}` |"))
        if token.type == "number":
            low, high, step = (int(bound or 0) for bound in (token.minimum, token.maximum, token.step))
            steps = range(low, high + 1, step) if step else range(0)
            either = (f"{low}–{high}", ", ".join(map(str, steps)))
            assert any(wanted and wanted in row for wanted in either), token.key
        for choice in token.choices:
            assert f"`{choice}`" in row, token.key


def test_every_language_has_the_same_words_with_the_same_placeholders() -> None:
    japanese = tomllib.loads((COPY / "ja.toml").read_text(encoding="utf-8"))
    for file in COPY.glob("*.toml"):
        words = tomllib.loads(file.read_text(encoding="utf-8"))
        assert words.keys() == japanese.keys(), file.name
        for key, text in words.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", japanese[key])), (file.name, key)


@each_design
def test_every_token_has_a_label_in_both_languages(design: str) -> None:
    tokens = read_tokens(TEMPLATES / design / "tokens.toml")
    assert {tuple(sorted(token.label)) for token in tokens} == {("en", "ja")}
    assert {token.group for token in tokens} == {"brand", "type", "layout"}
