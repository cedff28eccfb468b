"""What an author's front matter tells the digest, and what is done about what cannot be understood."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.collect import authoring
from digest.collect.directions import Directions
from digest.collect.headers import front_matter, psych
from digest.collect.jekyll.defaults import entries, merge, values_for
from digest.collect.words.repetition import repeats
from digest.models import Level

TOKYO = ZoneInfo("Asia/Tokyo")


def told(data: dict[str, object]) -> Directions:
    return authoring.directions(data, TOKYO)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, Directions()),
        ({"newsletter": True}, Directions()),
        ({"newsletter": None}, Directions()),
        ({"newsletter": {}}, Directions()),
        ({"newsletter": False}, Directions(opt_out=True)),
        ({"newsletter": "no"}, Directions(opt_out=True)),
        ({"newsletter": {"skip": True}}, Directions(opt_out=True)),
        ({"newsletter": {"skip": False}}, Directions()),
        ({"sticky": True}, Directions(pinned=True)),
        ({"pin": "yes"}, Directions()),
        ({"pinned": True, "newsletter": {"pin": False}}, Directions(pinned=True)),
        ({"newsletter": {"pin": True, "weight": 0.5}}, Directions(pinned=True, weight=0.5)),
        ({"newsletter": {"weight": -1}}, Directions(weight=-1.0)),
        ({"newsletter": {"section": " news ", "blurb": "**A** b\n"}}, Directions(section="news", blurb="**A** b")),
        ({"newsletter": {"image": "/a.png"}}, Directions()),
        ({"newsletter": {"pin": None, "expires": None, "weight": None}}, Directions()),
    ],
)
def test_directions_are_read(data: dict[str, object], expected: Directions) -> None:
    assert told(data) == expected


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        (date(2026, 12, 1), "2026-12-01T00:00:00+09:00"),
        (datetime(2026, 12, 1, 9, 0), "2026-12-01T09:00:00+09:00"),  # noqa: DTZ001 - as YAML and TOML read it
        (datetime(2026, 12, 1, 9, 0, tzinfo=UTC), "2026-12-01T18:00:00+09:00"),
        ("2026-12-01", "2026-12-01T00:00:00+09:00"),
        ("2026-12-1", "2026-12-01T00:00:00+09:00"),
        ("2026/12/01 9:00", "2026-12-01T09:00:00+09:00"),
        ("2026-12-01 09:00:30 +0000", "2026-12-01T18:00:30+09:00"),
        ("2026-12-01T09:00Z", "2026-12-01T18:00:00+09:00"),
        ("2026-12-01 09:00 -08:00", "2026-12-02T02:00:00+09:00"),
        ("9999-12-31", "9000-12-28T00:00:00+09:00"),
    ],
)
def test_a_date_without_an_offset_is_local_to_the_blog(said: object, moment: str) -> None:
    directions = told({"newsletter": {"hold_until": said}})
    assert directions.doubts == ()
    assert directions.hold_until is not None
    assert directions.hold_until.isoformat() == moment


def test_a_midnight_that_the_zone_skips_is_the_moment_after() -> None:
    cairo = authoring.directions({"newsletter": {"expires": date(2024, 4, 26)}}, ZoneInfo("Africa/Cairo"))
    assert cairo.expires is not None
    assert cairo.expires.isoformat() == "2024-04-26T01:00:00+03:00"


def test_yaml_toml_and_json_say_the_same() -> None:
    toml = tomllib.loads(
        "[newsletter]\npin = true\nweight = 1\nhold_until = 2026-12-01\nexpires = 2026-12-24 09:00:00\n"
    )
    yaml = psych.parse("newsletter: {pin: true, weight: 1, hold_until: 2026-12-01, expires: 2026-12-24 09:00:00}").value
    json = {"newsletter": {"pin": True, "weight": 1, "hold_until": "2026-12-01", "expires": "2026-12-24 09:00"}}
    assert isinstance(yaml, dict)
    assert told(toml) == told(yaml) == told(json)
    assert told(toml).doubts == ()


@pytest.mark.parametrize(
    ("said", "weight", "doubt"),
    [
        ({"weight": 7}, 1.0, "beyond"),
        ({"weight": float("-inf")}, -1.0, "beyond"),
        ({"weight": "much"}, 0.0, "not a number"),
        ({"weight": True}, 0.0, "not a number"),
        ({"weight": float("nan")}, 0.0, "not a number"),
        ({"wieght": 1}, 0.0, "did you mean “weight”"),
        ({"pinned": True}, 0.0, "did you mean “pin”"),
        ({"colour": "red"}, 0.0, "known are pin, weight"),
        ({1: "red"}, 0.0, "“1” below newsletter is unknown"),
        ({"pin": "yes"}, 0.0, "neither true nor false"),
        ({"section": ["news"]}, 0.0, "no text"),
        ({"blurb": 5}, 0.0, "no text"),
        ({"image": "data:image/png;base64,AAAA"}, 0.0, "no web address"),
        ({"image": "javascript:alert(1)"}, 0.0, "no web address"),
        ({"image": "https://["}, 0.0, "no web address"),
        ({"image": 5}, 0.0, "no web address"),
        ({"image": " "}, 0.0, "no web address"),
        ("perhaps", 0.0, "not understood"),
        ([1], 0.0, "not understood"),
    ],
)
def test_what_is_not_understood_is_said_and_counts_as_not_written(said: object, weight: float, doubt: str) -> None:
    directions = told({"newsletter": said})
    assert directions.weight == weight
    assert not directions.opt_out
    assert [each.level for each in directions.doubts] == [Level.WARNING]
    assert doubt in directions.doubts[0].message
    assert directions.doubts[0].fix


@pytest.mark.parametrize(
    "said",
    [
        {"skip": "maybe"},
        {"hold_until": "soon"},
        {"hold_until": "2026-02-30"},
        {"hold_until": "2026-12-01 25:00"},
        {"hold_until": "1/12/2026"},
        {"hold_until": True},
        {"hold_until": 20261201},
        {"hold_until": date(1, 1, 1)},
        {"expires": date(202, 12, 1)},
        {"expires": "0000-00-00"},
        {"expires": ["2026-12-01"]},
        {"expires": "2026-12-01 09:00 +99:99"},
        {"hold_until": date(2026, 12, 24), "expires": date(2026, 12, 1)},
        {"hold_until": date(2026, 12, 1), "expires": datetime(2026, 11, 30, 15, 0, tzinfo=UTC)},
    ],
)
def test_a_post_stays_out_while_it_is_unclear_whether_or_when_it_may_be_sent(said: dict[str, object]) -> None:
    directions = told({"newsletter": said})
    assert directions.opt_out
    assert [each.level for each in directions.doubts] == [Level.ERROR]


def test_a_doubt_is_told_at_the_line_of_its_key() -> None:
    document = front_matter.read(b"---\ntitle: x\nnewsletter:\n  pin: true\n  wieght: 1\n---\nx\n")
    (finding,) = told(dict(document.data)).findings("a.md", document.lines)
    assert (finding.code, finding.file, finding.line) == ("post.newsletter", "a.md", 5)
    (finding,) = told({"newsletter": {"wieght": 1}}).findings("a.md", {"newsletter": 3})
    assert finding.line == 3


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
    ("said", "own_folder", "address"),
    [
        ("./cover.png", False, "https://e.com/blog/2026/x/cover.png"),
        ("../cover.png", False, "https://e.com/blog/2026/cover.png"),
        ("cover.png", False, "https://e.com/blog/cover.png"),
        ("cover.png", True, "https://e.com/blog/2026/x/cover.png"),
        ("絵 1.png", True, "https://e.com/blog/2026/x/%E7%B5%B5%201.png"),
        ("/cover.png", True, "https://e.com/blog/cover.png"),
        ("https://cdn.example/x.png", True, "https://cdn.example/x.png"),
        ("data:image/png;base64,AAAA", True, ""),
    ],
)
def test_a_picture_beside_the_post_has_the_posts_address(said: str, own_folder: bool, address: str) -> None:
    post = "https://e.com/blog/2026/x/"
    assert authoring.image({"image": said}, "https://e.com/blog", post, own_folder=own_folder) == address


def test_the_picture_for_the_newsletter_comes_first_and_a_wrong_one_is_passed_over() -> None:
    data = {"image": "/site.png", "newsletter": {"image": "/mail.png"}}
    assert authoring.image(data, "https://e.com") == "https://e.com/mail.png"
    data["newsletter"] = {"image": "data:image/png;base64,AAAA"}
    assert authoring.image(data, "https://e.com") == "https://e.com/site.png"


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


@pytest.mark.parametrize(
    "data",
    [
        {"newsletter": {"hold-until": date(2026, 12, 1)}},
        {"newsletter": {"holdUntil": date(2026, 12, 1)}},
        {"newsletter": {"expire": date(2026, 12, 1), "pin": True}},
        {"newsletter": {"skipp": True}},
        {"newsleter": False},
        {"Newsletter": "no"},
        {"newsletters": {"hold_until": date(2026, 12, 1)}},
    ],
    ids=str,
)
def test_a_misspelt_word_that_would_keep_a_post_back_keeps_it_back(data: dict[str, object]) -> None:
    directed = told(data)
    assert directed.opt_out
    (finding,) = directed.findings("a.md", {})
    assert finding.level is Level.ERROR
    assert "left out until it is mended" in finding.message
    assert finding.fix


@pytest.mark.parametrize("data", [{"newsletters": ["weekly"]}, {"news": False}, {"newsletter_title": "x"}], ids=str)
def test_other_words_of_a_blogs_own_are_no_directions(data: dict[str, object]) -> None:
    assert told(data) == told({})
