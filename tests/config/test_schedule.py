"""A schedule is a line that people can read; a mistake in it is told with the nearest line that is right."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import read_newsletters
from digest.config.schedule import read_build, read_cut_off, read_rhythm, read_schedule
from digest.models import (
    CutOff,
    DaysBefore,
    EveryDays,
    LastWeekday,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rhythm,
    Schedule,
    Weekly,
)
from tests.conftest import ROOT

TOKYO = ZoneInfo("Asia/Tokyo")
WEEKLY = (ROOT / "config/newsletters/weekly.toml").read_text(encoding="utf-8")
NEAREST = re.compile(r'such as "([^"]*)"')

FORMS = """mon Tuesday tues sun friday every other 0 1 2 3 7 31 32 60 400 1st 2nd week weeks weekly fortnightly biweekly
day days daily month monthly first second fifth last from before at on 08:00 8:00 23:59 24:00 0:00 18:00 8am *
月曜 ８：００ 2026-11-02 2026-11-03 2026-02-30 9999-12-31 0001-01-01"""
words = st.sampled_from(FORMS.split())
lines = st.one_of(st.lists(words, max_size=8).map(" ".join), st.text(max_size=30))


def nearest(refused: pytest.ExceptionInfo[ValueError] | ValueError) -> str:
    found = NEAREST.search(str(refused.value if isinstance(refused, pytest.ExceptionInfo) else refused))
    assert found, refused
    return found[1]


@pytest.mark.parametrize(
    ("line", "rhythm", "at"),
    [
        ("mon 08:00", Weekly(0), time(8)),
        ("fri 8:05", Weekly(4), time(8, 5)),
        ("  Sunday   23:59 ", Weekly(6), time(23, 59)),
        ("ＭＯＮ　０８：００", Weekly(0), time(8)),
        ("every week tue 00:00", Weekly(1), time(0)),
        ("every 2 weeks mon 08:00 from 2026-11-02", Weekly(0, 2, date(2026, 11, 2)), time(8)),
        ("Every 3 Weeks Thursday 08:00 FROM 2026-11-05", Weekly(3, 3, date(2026, 11, 5)), time(8)),
        ("monthly 1 08:00", MonthlyOnDay(1), time(8)),
        ("monthly 31 08:00", MonthlyOnDay(31), time(8)),
        ("monthly last 08:00", MonthlyOnDay(31), time(8)),
        ("monthly first mon 08:00", MonthlyOnWeekday(1, 0), time(8)),
        ("monthly fourth Wednesday 08:00", MonthlyOnWeekday(4, 2), time(8)),
        ("monthly last fri 08:00", MonthlyOnWeekday(-1, 4), time(8)),
        ("every 10 days 08:00 from 2026-11-02", EveryDays(10, date(2026, 11, 2)), time(8)),
        ("every day 08:00", EveryDays(1, date(2026, 11, 2)), time(8)),
    ],
)
def test_a_line_says_when_issues_are_due(line: str, rhythm: Rhythm, at: time) -> None:
    assert read_rhythm(line) == (rhythm, at)


@pytest.mark.parametrize(
    ("line", "says", "right"),
    [
        ("1 08:00", "name the weekday: tools disagree whether 1 is Monday or Tuesday", "mon 08:00"),
        ("mon 24:00", "a time of day from 00:00 to 23:59", "mon 08:00"),
        ("every 2 weeks mon 09:60 from 2026-11-02", "00:00 to 23:59", "every 2 weeks mon 08:00 from 2026-11-02"),
        ("friday", "have a time of day", "fri 08:00"),
        ("", "have a time of day", "mon 08:00"),
        ("wensday 09:30", "the word 'wensday'", "wed 09:30"),
        ("daily 09:30", "the word 'daily'", "every day 09:30"),
        ("weekly sat 09:30", "the word 'weekly'", "sat 09:30"),
        ("fortnightly tue 09:30", "the word 'fortnightly'", "every 2 weeks tue 09:30 from 2026-11-03"),
        ("every mon 09:30", "known forms", "mon 09:30"),
        ("09:30 thu", "known forms", "thu 09:30"),
        ("thu 09:30 from 2026-11-05", "known forms", "thu 09:30"),
        ("every 2 weeks mon 09:30", 'end with "from"', "every 2 weeks mon 09:30 from 2026-11-02"),
        ("every 10 days 09:30", 'end with "from"', "every 10 days 09:30 from 2026-11-02"),
        (
            "every 2 weeks mon 09:30 from 2026-12-08",
            "counted from a Monday (and 2026-12-08 is a Tuesday)",
            "every 2 weeks mon 09:30 from 2026-12-07",
        ),
        (
            "every 2 weeks sun 09:30 from 2026-02-30",
            "a date of the calendar",
            "every 2 weeks sun 09:30 from 2026-11-01",
        ),
        ("every 2 weeks sun 09:30 from today", "a date of the calendar", "every 2 weeks sun 09:30 from 2026-11-01"),
        ("every 60 weeks mon 09:30 from 2026-11-02", "1 to 52 weeks", "every 52 weeks mon 09:30 from 2026-11-02"),
        ("every 0 days 09:30", "1 to 366 days", "every day 09:30"),
        ("every 400 days 09:30 from 2026-11-02", "1 to 366 days", "every 366 days 09:30 from 2026-11-02"),
        ("monthly 0 09:30", "from 1 to 31", "monthly 1 09:30"),
        ("monthly 32 09:30", "from 1 to 31", "monthly last 09:30"),
        ("monthly 09:30", "known forms", "monthly 1 09:30"),
        ("monthly 15th 09:30", "the word '15th'", "monthly 15 09:30"),
        ("monthly 2nd tue 09:30", "the word '2nd'", "monthly second tue 09:30"),
        ("every month 3 09:30", "the word 'month'", "monthly 3 09:30"),
        ("0 8 * * 1", "the word '*'", "mon 08:00"),
    ],
)
def test_a_mistake_is_told_with_the_nearest_right_form(line: str, says: str, right: str) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        read_rhythm(line)
    assert says in str(refused.value)
    assert nearest(refused) == right


def test_a_line_in_no_known_form_is_answered_with_all_of_them() -> None:
    with pytest.raises(ValueError, match="the forms are") as refused:
        read_rhythm("now and then")
    forms = re.findall(r'"([^"]+)"', str(refused.value).partition("the forms are")[2])
    kinds = {type(read_rhythm(form)[0]) for form in forms}
    assert kinds == {Weekly, EveryDays, MonthlyOnDay, MonthlyOnWeekday}


@given(lines)
def test_whatever_is_written_is_read_or_answered_with_what_can_be_read(line: str) -> None:
    try:
        read_rhythm(line)
    except ValueError as mistake:
        read_rhythm(nearest(mistake))


@pytest.mark.parametrize(
    ("schedule", "line", "cut_off"),
    [
        ("mon 08:00", "fri 18:00", LastWeekday(4, time(18))),
        ("mon 08:00", "Friday 18:00", LastWeekday(4, time(18))),
        ("mon 08:00", "mon 08:00", LastWeekday(0, time(8))),
        ("mon 08:00", "mon 09:00", LastWeekday(0, time(9))),
        ("mon 08:00", "2 days before 18:00", DaysBefore(2, time(18))),
        ("mon 08:00", "1 day before 9:00", DaysBefore(1, time(9))),
        ("mon 08:00", "00:00", DaysBefore(0, time(0))),
        ("mon 08:00", "08:00", DaysBefore(0, time(8))),
        ("mon 08:00", "7 days before 08:01", DaysBefore(7, time(8, 1))),
        ("monthly 1 08:00", "27 days before 18:00", DaysBefore(27, time(18))),
        ("every day 08:00", "1 day before 18:00", DaysBefore(1, time(18))),
    ],
)
def test_a_cut_off_says_until_when_posts_count(schedule: str, line: str, cut_off: CutOff) -> None:
    assert read_cut_off(line, *read_rhythm(schedule)) == cut_off
    assert read_schedule(schedule, line, TOKYO).cut_off == cut_off


@pytest.mark.parametrize(
    ("schedule", "line", "says", "right"),
    [
        ("mon 08:00", "08:01", "not be after the issue is due at 08:00", "1 day before 08:01"),
        ("mon 08:00", "7 days before 08:00", "less than one period (7 days)", "6 days before 08:00"),
        ("every 10 days 08:00 from 2026-11-02", "11 days before 18:00", "(10 days)", "10 days before 18:00"),
        ("monthly 1 08:00", "30 days before 08:00", "(28 days)", "27 days before 08:00"),
        ("every day 08:00", "1 day before 08:00", "(1 day)", "08:00"),
        ("every day 08:00", "fri 18:00", "(1 day)", "1 day before 18:00"),
        ("every 3 days 08:00 from 2026-11-02", "fri 18:00", "(3 days)", "1 day before 18:00"),
        ("mon 08:00", "24:00", "from 00:00 to 23:59", "00:00"),
        ("mon 08:00", "fri at 18:00", "the word 'at'", "fri 18:00"),
        ("mon 08:00", "fryday 18:00", "the word 'fryday'", "fri 18:00"),
        ("mon 08:00", "2 days 18:00", "known forms", "2 days before 18:00"),
        ("mon 08:00", "", "known forms", "00:00"),
    ],
)
def test_a_mistake_in_a_cut_off_is_told_too(schedule: str, line: str, says: str, right: str) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        read_cut_off(line, *read_rhythm(schedule))
    assert says in str(refused.value)
    assert nearest(refused) == right


@given(
    st.sampled_from(["mon 08:00", "every day 00:00", "every 3 days 23:59 from 2026-11-02", "monthly last fri 08:00"]),
    lines,
)
def test_whatever_cut_off_is_written_is_read_or_answered_with_one_that_can_be_read(schedule: str, line: str) -> None:
    rhythm, at = read_rhythm(schedule)
    try:
        read_cut_off(line, rhythm, at)
    except ValueError as mistake:
        read_cut_off(nearest(mistake), rhythm, at)


def test_without_a_cut_off_it_is_the_midnight_with_which_the_due_day_begins() -> None:
    assert read_schedule("mon 08:00", None, TOKYO) == Schedule(Weekly(0), time(8), TOKYO, DaysBefore(0, time.min))


def read(folder: Path, text: str) -> Schedule | str:
    (folder / "weekly.toml").write_text(text, encoding="utf-8")
    good, broken = read_newsletters(folder)
    return good["weekly"].schedule if good else str(broken["weekly"])


def test_the_newsletters_file_has_both_lines(tmp_path: Path) -> None:
    text = WEEKLY.replace('schedule = "mon 08:00"', 'schedule = "monthly first mon 08:00"\ncut_off = "fri 18:00"')
    assert read(tmp_path, text) == Schedule(MonthlyOnWeekday(1, 0), time(8), TOKYO, LastWeekday(4, time(18)))


@pytest.mark.parametrize(
    ("schedule", "cut_off", "at", "says"),
    [
        ("mon 08:00", "09:00", "cut_off =", "cut_off: must not be after the issue is due at 08:00"),
        # While the schedule itself is wrong, the cut-off is not judged.
        ("mon 25:00", "09:00", "schedule =", "schedule: must have a time of day"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(
    tmp_path: Path, schedule: str, cut_off: str, at: str, says: str
) -> None:
    text = WEEKLY.replace('schedule = "mon 08:00"', f'schedule = "{schedule}"\ncut_off = "{cut_off}"')
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith(at))
    told = read(tmp_path, text)
    assert isinstance(told, str)
    assert told.startswith(f"{tmp_path / 'weekly.toml'}:{line}: {says}")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("schedule", "cut_off", "line", "build"),
    [
        ("mon 08:00", "fri 18:00", "fri 18:00", LastWeekday(4, time(18))),
        ("mon 08:00", "fri 18:00", "2 days before 09:00", DaysBefore(2, time(9))),
        ("mon 08:00", "fri 18:00", "08:00", DaysBefore(0, time(8))),
        ("mon 08:00", None, "06:00", DaysBefore(0, time(6))),
        ("mon 08:00", "mon 09:00", "tue 00:00", LastWeekday(1, time(0))),
        ("monthly last 08:00", "27 days before 09:00", "fri 18:00", LastWeekday(4, time(18))),
        ("every 14 days 08:00 from 2026-11-02", "fri 18:00", "sun 18:00", LastWeekday(6, time(18))),
    ],
)
def test_a_build_says_when_the_issue_is_made(schedule: str, cut_off: str | None, line: str, build: CutOff) -> None:
    assert read_build(line, cut_off, *read_rhythm(schedule)) == build
    assert read_schedule(schedule, cut_off, TOKYO, line, is_reviewed=True).build == build


@pytest.mark.parametrize(
    ("schedule", "cut_off", "line", "says", "right"),
    [
        ("mon 08:00", "fri 18:00", "fri 17:59", "not be before the cut-off (fri 18:00)", "fri 18:00"),
        ("mon 08:00", "fri 18:00", "thu 20:00", "not be before the cut-off", "fri 18:00"),
        ("mon 08:00", None, "1 day before 18:00", "not be before the cut-off (00:00)", "00:00"),
        ("mon 08:00", "06:00", "05:00", "later posts belong to the issue", "06:00"),
        ("mon 08:00", "fri 18:00", "08:01", "not be after the issue is due at 08:00", "1 day before 08:01"),
        ("mon 08:00", None, "08:01", "not be after the issue is due at 08:00", "00:00"),
        ("mon 08:00", "fri 18:00", "fryday 18:00", "the word 'fryday'", "fri 18:00"),
        ("mon 08:00", "fri 18:00", "wensday 18:00", "the word 'wensday'", "fri 18:00"),
        # On a month that begins with a Saturday, Friday comes after Monday; on others it does not.
        ("monthly 1 08:00", "fri 18:00", "mon 18:00", "not be before the cut-off", "fri 18:00"),
    ],
)
def test_a_build_before_the_cut_off_or_after_the_due_moment_is_told(
    schedule: str, cut_off: str | None, line: str, says: str, right: str
) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        read_build(line, cut_off, *read_rhythm(schedule))
    assert says in str(refused.value)
    assert nearest(refused) == right


@given(
    st.sampled_from(["mon 08:00", "every day 00:00", "every 3 days 23:59 from 2026-11-02", "monthly last 08:00"]),
    st.sampled_from([None, "00:00", "1 day before 23:59", "fri 18:00"]),
    lines,
)
def test_whatever_build_is_written_is_read_or_answered_with_one_that_can_be_read(
    schedule: str, cut_off: str | None, line: str
) -> None:
    rhythm, at = read_rhythm(schedule)
    try:
        read_cut_off(cut_off or "00:00", rhythm, at)
    except ValueError:
        return
    try:
        read_build(line, cut_off, rhythm, at)
    except ValueError as mistake:
        read_build(nearest(mistake), cut_off, rhythm, at)


def test_an_issue_is_made_at_the_cut_off_when_people_look_at_it_and_else_when_it_is_due() -> None:
    closes = LastWeekday(4, time(18))
    assert read_schedule("mon 08:00", "fri 18:00", TOKYO, is_reviewed=True).build == closes
    assert read_schedule("mon 08:00", "fri 18:00", TOKYO).build is None
    assert read_schedule("mon 08:00", "fri 18:00", TOKYO, "sun 18:00").build is None


def test_a_mistake_in_the_build_is_told_with_its_line_and_a_key_without_meaning_is_noted(tmp_path: Path) -> None:
    def written(review: str, build: str) -> str:
        text = WEEKLY.replace('schedule = "mon 08:00"', f'schedule = "mon 08:00"\ncut_off = "sun 18:00"\n{build}')
        return text.replace('review = "none"', f'review = "{review}"')

    told = read(tmp_path, written("window", 'build = "sat 18:00"'))
    assert isinstance(told, str)
    assert "build: must not be before the cut-off (sun 18:00)" in told
    assert 'such as "sun 18:00"' in told
    for review, unused in [("none", ("build",)), ("window", ()), ("required", ())]:
        (tmp_path / "weekly.toml").write_text(written(review, 'build = "06:00"'), encoding="utf-8")
        assert read_newsletters(tmp_path)[0]["weekly"].unused == unused
