"""The short way through front matter gives the long way's answer, or none."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.headers import psych, simple_yaml, yaml_text

BLOGS = Path(__file__).parent.parent / "data" / "sources"

KEYS = st.sampled_from(["title", "date", "tags", "a-b", "_x", "yes", "null", "12", "on", "Tags", "タグ", "a b", "<<"])
SIGNS = [*r"""'"\:#-[]{},!|>%@`?=. """, "''", ": ", " #", "- ", "? ", "&x", "*x", "<<", "...", "---", "\\n",
         "\t", "\x85", "\u2028", "\xa0", "\u3000"]  # fmt: skip
WORDS = ["a", "b c", "速報", "「」", "・", "…", "1", "007", "1e3", "12:30", "2026-01-02", "2026-01-02 03:04:05 +0000",
         "true", "~", "null"]  # fmt: skip
PIECES = st.sampled_from(SIGNS + WORDS)
VALUES = st.one_of(
    st.lists(PIECES, max_size=4).map("".join),
    st.lists(PIECES, max_size=3).map(lambda parts: '"' + "".join(parts) + '"'),
    st.lists(PIECES, max_size=3).map(lambda parts: "'" + "".join(parts) + "'"),
    st.lists(st.lists(PIECES, min_size=1, max_size=2).map("".join), max_size=4).map(
        lambda items: "[" + ", ".join(items) + "]"
    ),
)
LINES = st.one_of(
    st.tuples(KEYS, st.sampled_from([": ", ":", " : ", ":  "]), VALUES).map("".join),
    st.tuples(st.sampled_from(["", "  ", " ", "    "]), st.just("- "), VALUES).map("".join),
    st.tuples(st.sampled_from(["", "  "]), VALUES).map("".join),
    st.sampled_from(["", "# note", "  # note", "tags:", "  more: x"]),
)


def long_way(text: str) -> object:
    try:
        parsed = yaml_text._parse_fully(text, psych.plain)
    except (yaml.YAMLError, ValueError):
        return "broken"
    return parsed.value or {}, parsed.key_lines


@settings(max_examples=2_000, deadline=None)
@given(st.lists(LINES, max_size=6).map("\n".join))
def test_whatever_is_read_line_by_line_is_read_the_same_by_the_full_parser(text: str) -> None:
    try:
        found = simple_yaml.read(text, psych.plain)
    except simple_yaml.NotSimpleError:
        return
    assert found == long_way(text)


def test_mutated_front_matter_of_real_kinds_is_read_the_same() -> None:
    texts = [file.read_text("utf-8", "replace") for file in sorted(BLOGS.rglob("*.md"))]
    heads = [text.split("---")[1].strip("\n") for text in texts if text.startswith("---") and text.count("---") > 1]
    chance = random.Random(20261122)
    taken = 0
    for number in range(6_000):
        head = chance.choice(heads)
        for _ in range(number % 3):
            place = chance.randrange(len(head) + 1)
            head = head[:place] + chance.choice("\n :-'\"[]{},#&*!|>%@`?\t0a名\\") + head[place + chance.randrange(2) :]
        try:
            found = simple_yaml.read(head, psych.plain)
        except simple_yaml.NotSimpleError:
            continue
        taken += 1
        assert found == long_way(head), head
    assert taken > 1_500


@pytest.mark.parametrize(
    "text",
    [
        'title: "見出し：二つ目"\ndate: 2025-12-09 08:46:44 +0000\ncategories: ["A", "B c"]\ntags: [x, \'y z\']\n',
        "layout: post\ntitle: It's all right\nexcerpt: ''\nreading_time: 5\nauthor:\n",
        'tags:\n  - 速報\n  - "a: b"\n\n# a note\nimage: /a.png\n',
        "tags:\n- a\n- b\ntitle: 'It''s'\n",
    ],
)
def test_what_blogs_usually_write_needs_no_full_parser(text: str) -> None:
    assert simple_yaml.read(text, psych.plain) == long_way(text)


@pytest.mark.parametrize(
    "text",
    ["a: b: c", "a: b #c", "a: |\n  x", "a: {b: c}", "a: 1\na: 2", "yes: 1", "a: x\n  y", 'a: "x\\n"', "a: [x, [y]]",
     "a:\n  b: c", "a: :symbol", "- a", "a: [x,]", "a:\n- x\n - y", "a\u2028: b", "a: *b"],
)  # fmt: skip
def test_what_is_not_certain_is_left_to_the_full_parser(text: str) -> None:
    with pytest.raises(simple_yaml.NotSimpleError):
        simple_yaml.read(text, psych.plain)
