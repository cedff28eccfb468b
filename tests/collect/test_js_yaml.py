"""Values, dates, slugs and fences are read as JavaScript and its libraries read them; record.mjs asked them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from digest.collect.headers import gray_matter, js_yaml
from digest.collect.javascript import literals, moments, permalinks, slugs
from digest.collect.problems import BrokenPostError

RECORDED = json.loads((Path(__file__).parent.parent / "data" / "javascript" / "recorded.json").read_text("utf-8"))
TOKYO = ZoneInfo("Asia/Tokyo")


def plain(value: object) -> object:
    """Write a value as the recorder does."""
    if isinstance(value, datetime):
        return {"date": written(value)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"number": js_yaml.to_string(value)}
    return value


def written(moment: datetime) -> str:
    return f"{moment.year:04}{moment:-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


@pytest.mark.parametrize(("text", "three", "four"), RECORDED["scalars"], ids=[row[0] for row in RECORDED["scalars"]])
def test_a_scalar_is_what_js_yaml_makes_of_it(text: str, three: dict[str, object], four: dict[str, object]) -> None:
    for parse, said in ((js_yaml.parse, three), (js_yaml.parse_4, four)):
        if "error" in said:
            with pytest.raises(yaml.YAMLError):
                parse(f"k: {text}\n")
        else:
            value = parse(f"k: {text}\n").value
            assert isinstance(value, dict)
            assert plain(value["k"]) == said["value"]


def moment(text: str, luxon: bool = False) -> str | None:
    try:
        return written(moments.parse_iso(text) if luxon else moments.parse(text, TOKYO))
    except ValueError:
        return None


@pytest.mark.parametrize(("text", "date", "dated_z", "luxon"), RECORDED["dates"])
def test_a_date_is_the_moment_that_javascript_makes_of_it(
    text: str, date: str | None, dated_z: str | None, luxon: str | None
) -> None:
    assert (moment(text), moment(f"{text}Z"), moment(text, luxon=True)) == (date, dated_z, luxon)


@pytest.mark.parametrize("text", ["9999365", "9999366", "2026-01-02 10:00 +", "0001-01-01T00:00:00+12:00"])
def test_a_date_at_the_end_of_the_calendar_is_none_or_a_moment(text: str) -> None:
    moment(text)
    moment(text, luxon=True)
    js_yaml.plain(text)


@pytest.mark.parametrize("text", ["9" * 400, "2026-" * 200, "(" * 500, "1" * 5000 + ":00", "Jan " * 300])
def test_a_long_text_is_no_date_and_takes_no_time(text: str) -> None:
    assert moment(text) is None
    assert moment(text, luxon=True) is None
    assert js_yaml.plain(text) == text
    assert js_yaml.plain_4(text) == text


@pytest.mark.parametrize(("text", "github", "slugify", "slug"), RECORDED["titles"])
def test_a_slug_is_what_the_libraries_make_of_a_title(text: str, github: str, slugify: str, slug: str) -> None:
    assert slugs.github(text) == github
    assert slugs.slugify(text) == (slugify if text.isascii() else None)
    assert slugs.slug(text) == (slug if text.isascii() else None)


def test_a_key_that_is_written_twice_is_an_error_with_its_line() -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="twice") as caught:
        js_yaml.parse("a: 1\nb: 2\na: 3\n")
    assert caught.value.problem_mark is not None
    assert caught.value.problem_mark.line == 2


@pytest.mark.parametrize(
    ("text", "data", "body"),
    [
        ("---\na: 1\n---\nx", {"a": 1}, "x"),
        ("---\na: 1\n---END---\nx", {"a": 1}, "END---\nx"),
        ("---\na: 1\n----\nx", {"a": 1}, "-\nx"),
        ("---\na: 1\n", {"a": 1}, ""),
        ("---yaml\na: 1\n---\n\nx", {"a": 1}, "\nx"),
        ("--- \na: 1\n---\r\nx", {"a": 1}, "x"),
        ('---json\n{"a": {"b": 2}}\n---\nx', {"a": {"b": 2}}, "x"),
        ("---\n---\nx", {}, "x"),
        ("---\n# only a remark\n\n---\nx", {}, "x"),
        ("---", {}, ""),
        ("x\n---\na: 1\n---\n", {}, "x\n---\na: 1\n---\n"),
        ("----\nx\n", {}, "----\nx\n"),
        ("\ufeff---\na: 1\n---\nx", {"a": 1}, "x"),
        ("", {}, ""),
    ],
)
def test_the_fences_are_those_of_gray_matter(text: str, data: dict[str, object], body: str) -> None:
    document = gray_matter.read(text.encode())
    assert (document.data, document.body) == (data, body)
    assert gray_matter.body(text.encode()) == body


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---js\n{a: 1}\n---\n", 1),
        ("--- # a remark\na: 1\n---\n", 1),
        ('---json\n{\n"a": }\n---\n', 3),
        ("---json\n[1]\n---\n", 2),
        ('---json\n{"a": NaN}\n---\n', 1),
        ("\n\n---\na: 1\n---\n", 3),
        ("---\na: 1\nwords: and, more: words\n", 3),
        ("---\n- a\n---\n", 2),
        ("---\ra: 1\r---\rx\r", 1),
    ],
)
def test_settings_that_are_not_read_are_told_with_their_line(text: str, line: int) -> None:
    with pytest.raises(BrokenPostError) as caught:
        gray_matter.read(text.encode())
    assert (caught.value.code, caught.value.line) == ("post.front-matter", line)
    assert caught.value.fix


SETTINGS = """
// url: "https://remark.example.com"
/* url: "https://remark.example.com" */
const pattern = /["'{]/g, half = 4 / 2, other = a ? 'url' : "x";
const config = {
  url: 'https://e.com', // trailing
  'baseUrl': "/b\\"/",
  joined: 'a' + 'b',
  chosen: isProduction ? 'a' : 'b',
  called: 'a'.trim(),
  made: `x${url}`,
  plain: `y`,
  on: true, off: false, number: 1,
  nested: { url: "inner", list: [{ deep: 'one' }, ["x", { deeper: 'two' }]] },
  twice: "a",
  get url() { return { url: "never" } },
  typed: 'ts' as const,
};
config.extra = { twice: "b" };
other({ twice: "b" });
"""


def test_only_plain_texts_and_truth_values_of_javascript_are_known() -> None:
    said = literals.read(SETTINGS)
    assert said["baseUrl"] == '/b"/'
    assert {key: said.get(key) for key in ("plain", "on", "off", "typed")} == {
        "plain": "y",
        "on": True,
        "off": False,
        "typed": "ts",
    }
    assert said["nested.url"] == "inner"
    assert said["nested.list.deep"] == "one"
    assert said["nested.list.deeper"] == "two"
    assert not {"joined", "chosen", "called", "made", "number", "twice"} & set(said)
    assert literals.read('const config = { url: "https://e.com" };')["url"] == "https://e.com"


@pytest.mark.parametrize(
    "text", ["{" * 300_000, "/" * 300_000, "'" * 300_001, "a:" * 100_000, "/*" * 100_000, "=/[" * 100_000, "`" * 99_999]
)
def test_settings_that_never_end_take_no_time(text: str) -> None:
    assert literals.read(text) == {}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("/a/{{ page.fileSlug }}/", "/a/my-post/"),
        ("/{{ page.date | date: '%Y/%-m/%d' }}/", "/2026/1/02/"),
        ("/{{title|slugify}}.html", "/a-title.html"),
        ("{{ '/x' | upcase }}/{{ nested.key }}/", "/X/inner/"),
    ],
)
def test_a_permalink_is_filled_in(template: str, filled: str) -> None:
    values = {"page.fileSlug": "my-post", "title": "A title", "nested.key": "inner"}
    assert permalinks.fill_in(template, values, datetime(2026, 1, 2, tzinfo=UTC)) == filled
    assert permalinks.unknown(template) == ""


@pytest.mark.parametrize(
    ("template", "static"),
    [
        ("/{% if x %}/", True),
        ("/{{ title | mine }}/", True),
        ("/{{ page.date | date: '%Q' }}/", False),
        ("/{{ page.date }}/", False),
        ("/{{ missing }}/", False),
        ("/{{ title + 1 }}/", True),
        ("/{{ (a) }}/", True),
    ],
)
def test_what_only_eleventy_can_fill_in_is_refused(template: str, static: bool) -> None:
    with pytest.raises(permalinks.UnknownError):
        permalinks.fill_in(template, {"title": "A"}, datetime(2026, 1, 2, tzinfo=UTC))
    assert bool(permalinks.unknown(template)) is static
