"""What a written date means: the table that real Jekyll gave, and Ruby's reading of single texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.collect.headers import psych, ruby_time

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02 20:00", "2026-01-02T20:00:00+09:00"),
        ("2026-01-02 20:00:00 +0000", "2026-01-03T05:00:00+09:00"),
        ("2026-01-02 20:00 -0800", "2026-01-03T13:00:00+09:00"),
        ("2026-01-02T20:00:00Z", "2026-01-03T05:00:00+09:00"),
        ("2026-01-02 20:00:00 EST", "2026-01-03T10:00:00+09:00"),
        ("2026-01-02 20:00:00 PDT", "2026-01-03T12:00:00+09:00"),
        ("2026-01-02 20:00:00 JST", "2026-01-02T20:00:00+09:00"),
        ("2026-01-02 20:00:00 CEST", "2026-01-02T20:00:00+09:00"),
        ("2026-01-02 20:00:00 Asia/Tokyo", "2026-01-02T20:00:00+09:00"),
        ("2026-01-02 20:00:00.987", "2026-01-02T20:00:00+09:00"),
        ("Jan 3, 2026 10:00 PM", "2026-01-03T22:00:00+09:00"),
        ("3 January 2026 12:00 am", "2026-01-03T00:00:00+09:00"),
        ("Tue, 06 Jan 2026 10:00:00 GMT", "2026-01-06T19:00:00+09:00"),
        ("3rd Jan 2026", "2026-01-03T00:00:00+09:00"),
        ("3-Jan-2026", "2026-01-03T00:00:00+09:00"),
        ("2/1/2026", "2026-01-02T00:00:00+09:00"),
        ("2026/1/2 8:05", "2026-01-02T08:05:00+09:00"),
        ("2026.1.2", "2026-01-02T00:00:00+09:00"),
        ("26-1-3", "2026-01-03T00:00:00+09:00"),
        ("99-1-3", "1999-01-03T00:00:00+09:00"),
        ("20260106", "2026-01-06T00:00:00+09:00"),
        ("20260106T100000Z", "2026-01-06T19:00:00+09:00"),
        ("2026-02-30", "2026-03-02T00:00:00+09:00"),
        ("2026-01-02 24:00", "2026-01-03T00:00:00+09:00"),
        ("Jan 3", "2026-01-03T00:00:00+09:00"),
    ],
)
def test_a_text_is_read_as_ruby_reads_it(text: str, instant: str) -> None:
    assert ruby_time.parse(text, TOKYO, NOW).isoformat() == instant


def test_a_zones_own_names_count_in_that_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert ruby_time.parse("2026-01-02 20:00 CEST", berlin, NOW).isoformat() == "2026-01-02T19:00:00+01:00"


def test_a_time_that_the_clock_skips_is_the_moment_after() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert ruby_time.parse("2026-03-29 02:30", berlin, NOW).isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    "text",
    ["", "not a date", "2026-13-01", "2026-01-32", "2026-01-02 25:00", "12:30", "2026", "2026-01", "45000", "26"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        ruby_time.parse(text, TOKYO, NOW)


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("2026-01-02 20:00:00", datetime(2026, 1, 2, 20, 0)),  # noqa: DTZ001 - no offset is written
        ("2026-01-02T20:00:00Z", datetime(2026, 1, 2, 20, 0, tzinfo=UTC)),
        ("2026-02-30 10:00:00", datetime(2026, 3, 2, 10, 0)),  # noqa: DTZ001 - likewise
        ("2026-01-02", date(2026, 1, 2)),
        ("2026-02-30", "2026-02-30"),
        ("2026-01-02 20:00", "2026-01-02 20:00"),
        ('"2026-01-02"', "2026-01-02"),
        ("12:30", 45000),
        ("12:30:15", 45015),
        ("007", 7),
        ("010", 8),
        ("08", "08"),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1,000", 1000),
        ("3.10", 3.1),
        ("1e3", "1e3"),
        (".", "."),
        ("Yes", True),
        ("off", False),
        ("~", None),
        ("null", None),
        ("n", "n"),
        ("=", "="),
        ("20 years", "20 years"),
        ("！", "！"),
    ],
)
def test_a_plain_scalar_is_what_ruby_makes_of_it(yaml: str, value: object) -> None:
    parsed = psych.parse(f"key: {yaml}\n").value
    assert parsed == {"key": value}
    assert isinstance(parsed, dict)
    assert type(parsed["key"]) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3.1, "3.1"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02 03:00:00 UTC"),
        (["a", None, 1], '["a", nil, 1]'),
        ({"a": "b"}, '{"a"=>"b"}'),
    ],
)
def test_a_value_is_written_as_ruby_writes_it(value: object, text: str) -> None:
    assert psych.to_s(value) == text


def test_merged_and_doubled_keys_are_told_apart() -> None:
    parsed = psych.parse("base: &b {x: 1}\nmine:\n  <<: *b\n  x: 2\nbase: 3\n")
    assert parsed.value == {"base": 3, "mine": {"x": 2}}
    assert parsed.duplicates == (("base", 5),)
    assert parsed.key_lines == {"base.x": 1, "base": 5, "mine": 2, "mine.x": 4}
