"""Which moment a feed's date means."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.collect.feeds.dates import parse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 06 Jan 2026 10:00:00 +0900", "2026-01-06T10:00:00+09:00"),
        ("Tue, 06 Jan 2026 10:00:00 JST", "2026-01-06T10:00:00+09:00"),
        ("Tue, 06 Jan 2026 10:00:00 GMT", "2026-01-06T10:00:00+00:00"),
        ("Tue, 06 Jan 2026 10:00:00 EST", "2026-01-06T10:00:00-05:00"),
        ("Tue, 06 Jan 2026 10:00:00 CEST", "2026-01-06T10:00:00+02:00"),
        ("Tue, 06 Jan 2026 10:00:00 IST", "2026-01-06T10:00:00+05:30"),
        ("Tue, 06 Jan 2026 10:00:00 -0000", "2026-01-06T10:00:00+00:00"),
        ("Tue, 06 Jan 2026 10:00 Z", "2026-01-06T10:00:00+00:00"),
        ("Tue, 6 January 2026 10:00:00 +0900 (JST)", "2026-01-06T10:00:00+09:00"),
        ("6 Jan 26 10:00 UT", "2026-01-06T10:00:00+00:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
        ("Tue Jan  6 10:00:00 JST 2026", "2026-01-06T10:00:00+09:00"),
        ("Tue Jan 06 2026 10:00:00 GMT+0900 (日本標準時)", "2026-01-06T10:00:00+09:00"),
        ("2026-01-06T10:00:00Z", "2026-01-06T10:00:00+00:00"),
        ("2026-01-06T10:00:00.123456+09:00", "2026-01-06T10:00:00+09:00"),
        ("2026-01-06T10:00:00-0330", "2026-01-06T10:00:00-03:30"),
        ("2026-01-06 10:00:00 +09", "2026-01-06T10:00:00+09:00"),
        ("2026-01-06T10:00:00 UTC+9", "2026-01-06T10:00:00+09:00"),
        ("2026-01-06 10:00:00 America/New_York", "2026-01-06T10:00:00-05:00"),
        ("20260106T100000Z", "2026-01-06T10:00:00+00:00"),
        ("20260106100000+0900", "2026-01-06T10:00:00+09:00"),
        ("1767661200", "2026-01-06T01:00:00+00:00"),
        ("1767661200000", "2026-01-06T01:00:00+00:00"),
        ("1767661200.25", "2026-01-06T01:00:00+00:00"),
        ("2026-01-06T24:00:00Z", "2026-01-07T00:00:00+00:00"),
        ("2025-12-31T24:00:00Z", "2026-01-01T00:00:00+00:00"),
        ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00+00:00"),
    ],
)
def test_a_date_with_its_zone_means_one_moment_and_keeps_its_offset(written: str, meant: str) -> None:
    for zone in (UTC, TOKYO):
        moment = parse(written, zone, NOW)
        assert (moment.at.isoformat(), moment.zoned) == (meant, True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 06 Jan 2026 10:00:00", "2026-01-06T10:00:00"),
        ("2026-01-06T10:00:00", "2026-01-06T10:00:00"),
        ("2026-1-6 9:05", "2026-01-06T09:05:00"),
        ("2026/1/6 10:00", "2026-01-06T10:00:00"),
        ("2016/6/29 10:00", "2016-06-29T10:00:00"),
        ("2026.01.06", "2026-01-06T00:00:00"),
        ("2026-01-06", "2026-01-06T00:00:00"),
        ("20260106", "2026-01-06T00:00:00"),
        ("Jan 6, 2026", "2026-01-06T00:00:00"),
        ("January 6th, 2026 10:00 PM", "2026-01-06T22:00:00"),
        ("Jan. 6, 2026 12:30 a.m.", "2026-01-06T00:30:00"),
        ("Jan 6, 2026 9 pm", "2026-01-06T21:00:00"),
        ("13/1/2026", "2026-01-13T00:00:00"),
        ("1/13/2026", "2026-01-13T00:00:00"),
        ("2026年1月6日", "2026-01-06T00:00:00"),
        ("2026年01月06日(火) 10時30分15秒", "2026-01-06T10:30:15"),
        ("2026年1月6日 午後3時", "2026-01-06T15:00:00"),
        ("2026年1月6日 午前0時5分", "2026-01-06T00:05:00"),
        ("２０２６年１月６日　１０：００", "2026-01-06T10:00:00"),
        ("令和8年1月6日", "2026-01-06T00:00:00"),
        ("令和元年5月1日", "2019-05-01T00:00:00"),
        ("火, 06 1月 2026 10:00:00", "2026-01-06T10:00:00"),
        ("火曜日, 6 1月 2026 10:00:00", "2026-01-06T10:00:00"),
    ],
)
def test_a_date_without_a_zone_is_local_to_the_blog(written: str, meant: str) -> None:
    assert parse(written, TOKYO, NOW).at.isoformat() == f"{meant}+09:00"
    assert not parse(written, UTC, NOW).zoned


def test_a_name_of_the_blogs_own_zone_comes_before_its_other_meanings() -> None:
    written = "Tue, 06 Jan 2026 10:00:00 CST"
    assert parse(written, UTC, NOW).at.isoformat() == "2026-01-06T10:00:00-06:00"
    assert parse(written, ZoneInfo("Asia/Shanghai"), NOW).at.isoformat() == "2026-01-06T10:00:00+08:00"


def test_a_clock_time_that_the_zone_skips_is_the_one_after() -> None:
    skipped = parse("2026-03-29 02:30", ZoneInfo("Europe/Berlin"), NOW)
    assert skipped.at.isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "soon", "2026", "2026-01", "2026-02-30", "2026-13-01", "1/2/2026", "10:00", "2026-01-06T25:00:00Z",
        "2026-01-06T24:00:01Z", "2026-01-06T10:61:00Z", "2026-01-06 10:00 XYZT", "2026-01-06 10:00 Mars/Olympus",
        "2026-01-06T10:00:00+99:00", "99999999999999", "0001-01-01T00:00:00Z", "1", "-1767661200",
        "9999-12-31T23:59:59-12:00", "2026-01-06" + " " * 200 + "x", "NaN", "Tue, 06 Foo 2026 10:00:00 GMT",
    ],
)  # fmt: skip
def test_what_cannot_be_relied_on_is_no_date(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the text itself
        parse(written, TOKYO, NOW)


def test_a_year_before_the_web_or_after_the_next_is_a_mistake() -> None:
    for written in ("Thu, 01 Jan 1970 00:00:00 GMT", "1989-12-31T00:00:00Z", "2028-01-01T00:00:00Z", "315532800"):
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            parse(written, UTC, NOW)
    assert parse("2027-12-31T00:00:00Z", UTC, NOW)
    assert parse("1990-01-01T00:00:00Z", UTC, NOW)


def test_no_text_breaks_the_reading_of_dates() -> None:
    chance = random.Random(4)
    pieces = [
        "2026",
        "1",
        "06",
        "-",
        "/",
        ":",
        "T",
        "Z",
        "+09:00",
        "Jan",
        "月",
        "年",
        "日",
        "午後",
        "pm",
        " ",
        ",",
        ".",
    ]
    pieces += ["令和", "99999", "００", "²", "٣", "\0", "Asia/Tokyo", "24:00:00", "(", "−", "JST"]
    for _ in range(20_000):
        written = "".join(chance.choices(pieces, k=chance.randint(1, 12)))
        try:
            moment = parse(written, TOKYO, NOW)
        except ValueError:
            continue
        assert 1990 <= moment.at.year <= 2027
        assert moment.at.utcoffset() is not None
