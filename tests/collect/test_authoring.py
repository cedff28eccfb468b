"""What an author's front matter tells the digest, and what is done about what cannot be understood."""

from __future__ import annotations

import pytest

from digest.collect import authoring
from digest.collect.authoring import Directions
from digest.collect.jekyll.defaults import entries, merge, values_for
from digest.collect.words.repetition import repeats


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, Directions()),
        ({"digest": True}, Directions()),
        ({"digest": False}, Directions(opt_out=True)),
        ({"digest": "no"}, Directions(opt_out=True)),
        ({"sticky": True}, Directions(pinned=True)),
        ({"pin": "yes"}, Directions()),
        ({"digest": {"pin": True, "weight": 0.5}}, Directions(pinned=True, weight=0.5)),
        ({"digest": {"weight": -1}}, Directions(weight=-1.0)),
    ],
)
def test_directions_are_read(data: dict[str, object], expected: Directions) -> None:
    assert authoring.directions(data) == expected


@pytest.mark.parametrize(
    ("said", "weight", "doubt"),
    [
        ({"weight": 7}, 1.0, "beyond"),
        ({"weight": "much"}, 0.0, "not a number"),
        ({"weight": float("nan")}, 0.0, "not a number"),
        ({"wieght": 1}, 0.0, "did you mean “weight”"),
        ("perhaps", 0.0, "not understood"),
        ([1], 0.0, "not understood"),
    ],
)
def test_what_is_not_understood_is_said(said: object, weight: float, doubt: str) -> None:
    directions = authoring.directions({"digest": said})
    assert directions.weight == weight
    assert not directions.opt_out
    assert doubt in directions.doubts[0]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("編集部", "編集部"),
        ("taro", "山田太郎"),
        ({"name": "A", "email": "a@example.com"}, "A"),
        (["taro", {"name": "B"}], "山田太郎, B"),
        (None, "Site"),
        (True, "Site"),
        ("  ", "Site"),
    ],
)
def test_authors_are_named(said: object, name: str) -> None:
    assert authoring.author({"author": said}, "Site", {"taro": "山田太郎"}) == name


@pytest.mark.parametrize(
    ("data", "address"),
    [
        ({"image": "/a b.png"}, "https://e.com/blog/a%20b.png"),
        ({"image": "a.png"}, "https://e.com/blog/a.png"),
        ({"image": {"path": "/a.png"}}, "https://e.com/blog/a.png"),
        ({"image": "", "thumbnail": "//cdn.example/x.png"}, "https://cdn.example/x.png"),
        ({"og_image": "http://cdn.example/絵.png"}, "http://cdn.example/%E7%B5%B5.png"),
        ({"image": "data:image/png;base64,AAAA"}, ""),
        ({"image": "javascript:alert(1)"}, ""),
        ({"image": "https://["}, ""),
        ({"image": 5}, ""),
    ],
)
def test_a_picture_is_an_absolute_web_address_or_nothing(data: dict[str, object], address: str) -> None:
    assert authoring.image(data, "https://e.com/blog") == address


@pytest.mark.parametrize(
    ("said", "tag"), [("ja", "ja"), ("ja_JP", "ja-JP"), ("en_US.UTF-8", "en-US"), ("日本語", "fr"), (5, "fr")]
)
def test_a_language_is_a_tag(said: object, tag: str) -> None:
    assert authoring.language({"lang": said}, "fr") == tag


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("**a** <b>x</b> &amp; `c`", "**a** <b>x</b> &amp; `c`"),
        ("two\n lines\t", "two lines"),
        ("全角　空白", "全角　空白"),
        ("a\x07b\u2028c", "abc"),
        (["速報"], "速報"),
        (True, "true"),
    ],
)
def test_a_title_is_one_line_of_uninterpreted_text(said: object, title: str) -> None:
    assert authoring.title(said) == title


def test_nested_lists_are_flattened_without_running_away() -> None:
    bomb: list[object] = ["x"]
    for _ in range(40):
        bomb = [bomb, bomb]
    assert len(authoring.flat(bomb)) == 1000
    assert authoring.flat(["a", ["b", [None, 1]], ""]) == ("a", "b", "1")


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("", True),
        ("Ｌｌａｍａ　４の「２倍」！", True),
        ("「Llama 4の2倍」について詳しく解説します。", True),
        ("A detailed analysis of Llama 4の2倍.", True),
        ("Llama 4", True),
        ("Llama 4の2倍は、推論のコストを半分にする。", False),
        ("Meta Llama 4、推論性能2倍にについて詳細に分析します。", False),
    ],
)
def test_an_echo_of_the_title_is_known_as_one(text: str, echo: bool) -> None:
    assert repeats(text, "Llama 4の「2倍」") is echo


def test_the_longer_path_the_type_and_the_later_entry_win() -> None:
    defaults = entries(
        [
            {"scope": {"path": "", "type": "posts"}, "values": {"a": "all", "b": "all", "deep": {"y": 2, "z": 2}}},
            {"scope": {"path": "", "type": "posts"}, "values": {"b": "later"}},
            {"scope": {"path": "", "type": "pages"}, "values": {"b": "never"}},
            {"scope": {"path": "news"}, "values": {"a": "news", "deep": {"x": 1, "y": 1}}},
            {"values": {"c": "no scope"}},
            "nonsense",
            {"scope": {"path": ""}},
        ]
    )
    assert values_for(defaults, "news/_posts/x.md") == {
        "a": "news",
        "b": "later",
        "c": "no scope",
        "deep": {"x": 1, "y": 1, "z": 2},
    }


@pytest.mark.parametrize(
    ("pattern", "applies"),
    [
        ("_posts/*/deep", True),
        ("_posts/**/x.md", True),
        ("_posts/{a,b}*", True),
        ("_posts/*.md", False),
        ("*/[ab]", True),
    ],
)
def test_a_pattern_matches_a_folder_above_the_post(pattern: str, applies: bool) -> None:
    (entry,) = entries([{"scope": {"path": pattern}, "values": {"a": 1}}])
    assert entry.applies_to("_posts/a/deep/x.md") is applies


def test_a_pattern_is_written_from_the_sites_root_even_below_a_folder_of_collections() -> None:
    inside, outside = entries(
        [{"scope": {"path": path}, "values": {"a": 1}} for path in ("all/_posts/*", "_posts/*")], "all"
    )
    assert inside.applies_to("_posts/x.md")
    assert not outside.applies_to("_posts/x.md")


def test_null_does_not_overwrite_a_default() -> None:
    assert merge({"a": 1}, {"a": None, "b": None}) == {"a": 1, "b": None}
