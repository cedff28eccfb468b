"""The table of variables is what marketing writes from, so it must be the truth."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

from digest.render.compose import FILTERS
from digest.render.variables import NO_POST, variables
from tests.render.issues import COPY, LINKS, TEMPLATES, full_week, issue_of, newsletter

README = (TEMPLATES / "weekly" / "README.md").read_text(encoding="utf-8")


def documented(heading: str) -> set[str]:
    part = re.split(r"^#+ ", README, flags=re.MULTILINE)
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


def test_every_variable_is_documented_and_every_documented_one_exists() -> None:
    context = variables(newsletter(), 3, issue_of(3), LINKS)
    lines = {"subject", "preheader", "greeting", "words", "design"}
    assert documented("変数") == set(names(context, "")) | lines


def test_every_variable_of_a_post_is_documented() -> None:
    context = variables(newsletter(), 3, issue_of(3), LINKS)
    assert documented("記事") == {f"post.{key}" for key in context["posts"][0]}
    assert set(NO_POST) == set(context["posts"][0])


def test_every_variable_of_another_post_of_a_story_is_documented() -> None:
    also = next(post["also"] for post in variables(newsletter(), 3, full_week(), LINKS)["posts"] if post["also"])
    row = next(line for line in README.splitlines() if line.startswith("| `post.also` |"))
    assert set(re.findall(r"`(\w+)`", row)) == set(also[0])


def test_every_word_token_and_filter_is_documented() -> None:
    words = tomllib.loads((COPY / "ja.toml").read_text(encoding="utf-8"))
    tokens = tomllib.loads((TEMPLATES / "weekly" / "tokens.toml").read_text(encoding="utf-8"))
    assert documented("決まり文句") == {f"words.{key}" for key in words}
    assert documented("デザイン") == {f"design.{key}" for key in tokens}
    assert documented("フィルター") == set(FILTERS)


def test_every_language_has_the_same_words_with_the_same_placeholders() -> None:
    japanese = tomllib.loads((COPY / "ja.toml").read_text(encoding="utf-8"))
    for file in COPY.glob("*.toml"):
        words = tomllib.loads(file.read_text(encoding="utf-8"))
        assert words.keys() == japanese.keys(), file.name
        for key, text in words.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", japanese[key])), (file.name, key)


def test_every_token_has_a_label_in_both_languages() -> None:
    tokens = tomllib.loads((TEMPLATES / "weekly" / "tokens.toml").read_text(encoding="utf-8"))
    assert {tuple(sorted(token["label"])) for token in tokens.values()} == {("en", "ja")}
    assert {token["group"] for token in tokens.values()} == {"brand", "type", "layout"}
