"""A configuration mistake names file, line, key, what was found, and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config import read_newsletters, read_operator
from digest.errors import ConfigError
from digest.toml_lines import line_of
from tests.conftest import ROOT

WEEKLY = (ROOT / "config/newsletters/weekly.toml").read_text(encoding="utf-8")
DIGEST = (ROOT / "config/digest.toml").read_text(encoding="utf-8")


def newsletter(folder: Path, text: str, name: str = "weekly.toml") -> ConfigError:
    (folder / name).write_text(text, encoding="utf-8")
    _, broken = read_newsletters(folder)
    return broken[name.removesuffix(".toml")]


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_files_are_read() -> None:
    assert read_operator(ROOT / "config/digest.toml").provider.kind == "file"
    weekly = read_newsletters(ROOT / "config/newsletters")[0]["weekly"]
    assert (weekly.slug, weekly.language, weekly.schedule.at.hour) == ("weekly", "ja", 8)
    assert [section.key for section in weekly.sections] == ["news", "practice", "engineering", "events"]


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("max_posts = 12", "max_post = 12", "max_post = 12", "did you mean 'max_posts'"),
        ('heading = "技術と開発"', 'headng = "技術と開発"', "headng", "did you mean 'heading'"),
        ("retold = 0.4", "retolt = 0.4", "[ranking.weights]", "did you mean 'retold'"),
        ('schedule = "mon 08:00"', 'schedule = "1 08:00"', "schedule =", 'such as "mon 08:00"'),
        ('schedule = "mon 08:00"', 'schedule = "mon 24:00"', "schedule =", 'such as "mon 08:00"'),
        ('"Asia/Tokyo"', '"Asia/Tokio"', "time_zone =", "did you mean Asia/Tokyo"),
        ('review = "none"', 'review = "maybe"', "review =", "'none', 'window' or 'required'"),
        ("weight = 0.9", "weight = 9", "weight = 9", "less than or equal to 1"),
        ('address = "digest@news.example.com"', 'address = "digest"', 'address = "digest"', "not an e-mail address"),
        ('key = "events"', 'key = "news"', "title =", "two sections have the same key"),
        ('title = "ことのは週報"', "", "", "the key 'title' is missing"),
        ('name = "ことのは編集部"', 'name = "a\\r\\nBcc: x@y.z"', 'name = "a', "pattern"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    assert old in WEEKLY
    text = WEEKLY.replace(old, new, 1)
    error = newsletter(tmp_path, text)
    assert says in str(error)
    assert error.file == str(tmp_path / "weekly.toml")
    assert error.line == (line_with(text, at) if at and at != "title =" else 1)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = WEEKLY.replace("max_posts", "max_post").replace("weight = 0.9", "weight = 9")
    told = str(newsletter(tmp_path, text))
    assert "max_post" in told
    assert "less than or equal to 1" in told


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    error = newsletter(tmp_path, 'title = "a"\nlanguage = \n')
    assert error.line == 2


def test_a_file_name_that_is_no_slug_is_refused(tmp_path: Path) -> None:
    assert "a-z, 0-9 and -" in str(newsletter(tmp_path, WEEKLY, "My Weekly.toml"))


def test_without_any_newsletter_the_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no newsletter"):
        read_newsletters(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('public_url = "https://news.example.com"', 'public_url = "http://news.example.com"', "https address"),
        ("[[sources]]", "[[source]]", "did you mean 'sources'"),
        ("concurrency = 2", "concurrency = 0", "greater than or equal to 1"),
        ('name = "blog" ', 'name = "My Blog" ', "pattern"),
    ],
)
def test_the_operators_mistakes_are_told_too(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in DIGEST
    file = tmp_path / "digest.toml"
    file.write_text(DIGEST.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        read_operator(file)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="digest init"):
        read_operator(tmp_path / "digest.toml")


def test_lines_are_found_in_tables_arrays_and_behind_long_strings() -> None:
    text = 'a = """\nb = 1\n"""\nb = 2\n[t]\nc.d = 3\n[[s]]\nx = 1\n[[s]]\nx = 2\n["q r"]\ny = 1\n'
    assert line_of(text, ("b",)) == 4
    assert line_of(text, ("t", "c", "d")) == 6
    assert line_of(text, ("s", 1, "x")) == 10
    assert line_of(text, ("s", 1, "missing")) == 9
    assert line_of(text, ("q r", "y")) == 12


def test_a_form_needs_a_list_in_the_store(tmp_path: Path) -> None:
    text = WEEKLY.replace("audience =", "subscribe = true\naudience =", 1)
    error = newsletter(tmp_path, text)
    assert 'needs audience = "store"' in str(error)
    assert error.line == line_with(text, "subscribe = true")
    (tmp_path / "weekly.toml").write_text(text.replace("examples/audience.csv", "store", 1), encoding="utf-8")
    assert read_newsletters(tmp_path)[0]["weekly"].subscribe
    assert not read_newsletters(ROOT / "config/newsletters")[0]["weekly"].subscribe
