"""The front matter of Hugo's pages: four languages, names in any case, dates as Go reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.collect.headers import go_time, go_yaml, hugo_header
from digest.collect.problems import BrokenPostError

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"---\ntitle: a: b\n---\nx\n", 2),
        (b"\n\n---\ntitle: x\nother: a: b\n---\nx\n", 5),
        (b"---  \ntitle: x\n\ttags: a\n---\nx\n", 3),
        (b"---\ntitle: x\n", 1),
        (b"\n---\ntitle: x\n", 2),
        (b"+++\ntitle = x\n+++\nx\n", 2),
        (b'+++\ntitle = "x"\n', 1),
        (b'\n{\n "title": x\n}\nx\n', 3),
        (b'{ "title": "x"\n', 1),
        (b"- a list, no front matter\n", 1),
        (b"----\ntitle: x\n----\nx\n", 1),
        (b"---\n- a\n- b\n---\nx\n", 2),
        ("---\ntitle: 山田\n---\nx\n".encode("shift_jis"), 2),
    ],
)
def test_broken_front_matter_is_told_with_its_line(raw: bytes, line: int) -> None:
    with pytest.raises(BrokenPostError) as caught:
        hugo_header.read(raw)
    assert caught.value.line == line
    assert caught.value.fix


def test_names_are_known_in_any_case_and_so_are_those_within() -> None:
    document = hugo_header.read(b"---\nTitle: x\nNewsLetter:\n  PIN: true\nList:\n- Name: y\n---\nbody\n")
    assert document.data == {"title": "x", "newsletter": {"pin": True}, "list": [{"name": "y"}]}
    assert document.lines["title"] == 2
    assert document.lines["newsletter.pin"] == 4
    assert document.body == "body\n"
    assert document.body_line == 8


def test_toml_json_and_org_have_lines_too() -> None:
    toml = hugo_header.read(b'+++\ntitle = "x"\n[params]\nAuthor = "y"\n+++\nbody\n')
    assert (toml.lines["title"], toml.lines["params.author"], toml.body) == (2, 4, "body\n")
    said = hugo_header.read(b'{\n "title": "x }",\n "date": "2026-01-02"\n}\nbody\n')
    assert (said.data["title"], said.lines["date"], said.body) == ("x }", 3, "body\n")
    org = hugo_header.read(b"#+TITLE: x\n#+TAGS[]: a b\n#+FILETAGS: :c:d:\n#+DATE: <2026-01-02 Fri>\n\nbody\n")
    assert org.data == {"title": "x", "tags": ["a", "b"], "filetags": ["c", "d"], "date": "2026-01-02"}
    assert (org.lines["tags"], org.body) == (2, "\nbody\n")


def test_a_fence_may_be_followed_by_anything_as_in_hugo() -> None:
    assert hugo_header.read(b"---\ntitle: x\n---END---\nbody\n").body == "END---\nbody\n"
    assert hugo_header.read(b"\xef\xbb\xbf\r\n---\r\ntitle: x\r\n---\r\nbody\r\n").body == "body\n"
    assert hugo_header.read(b"# Heading\n").data == {}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("True", True),
        ("~", None),
        ("007", 7),
        ("089", "089"),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", 1000),
        ("12:30", "12:30"),
        ("1e3", "1e3"),
        ("1.5e3", 1500.0),
        ("-5", -5),
        ("1.2.3", "1.2.3"),
        ("2026-01-02", "2026-01-02"),
        ("18446744073709551616", "18446744073709551616"),
        ("-", "-"),
    ],
)
def test_a_plain_scalar_means_what_it_means_to_hugo(written: str, value: object) -> None:
    assert go_yaml.plain(written) == value
    assert type(go_yaml.plain(written)) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (3.10, "3.1"), (1.0, "1"), (1e21, "1" + "0" * 21), (0.00001, "0.00001"), (None, ""), ([1], "")],
)
def test_a_value_is_written_as_hugo_writes_it(value: object, text: str) -> None:
    assert go_yaml.to_s(value) == text


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-02 20:00",
        "2026-1-2",
        "2026-01-02 20:00:00 JST",
        "2026-01-02t20:00:00",
        "2026-01-02 20:00:00 Z",
        "2026-02-30",
        "2026-01-02T24:00:00",
        "Jan 2, 2026",
        "2026/01/02",
        "２０２６-01-02",
        " 2026-01-02",
        1767350400.5,
        True,
        10**30,
        "9999-12-31T23:00:00-12:00",
        "0001-01-01T00:00:00+12:00",
        ["2026-01-02"],
    ],
)
def test_what_go_cannot_read_is_no_date(written: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        go_time.parse(written, TOKYO)


def test_a_zone_by_name_is_passed_over_and_an_offset_is_kept() -> None:
    assert go_time.parse("Fri, 02 Jan 2026 20:00:00 EST", TOKYO) == datetime(2026, 1, 2, 20, tzinfo=TOKYO)
    kept = go_time.parse("2026-01-02T20:00:00-08:00", TOKYO)
    assert kept.isoformat() == "2026-01-02T20:00:00-08:00"
    assert go_time.parse(0, TOKYO) == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_layout_of_go_is_filled_in() -> None:
    moment = datetime(2026, 1, 2, 15, 4, 5, tzinfo=TOKYO)
    assert go_time.written(moment, "Monday_Jan_06_3PM") == "Friday_Jan_26_3PM"
    assert go_time.written(moment, "January") == "January"
    assert not go_time.is_layout("slugg")
