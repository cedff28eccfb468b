"""What a hostile blog can hold does not stop a run: it ends soon, says what is wrong, and runs nothing."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect import contents, open_source
from digest.collect.feeds.items import NoFeedError
from digest.collect.feeds.parsing import parse
from digest.collect.headers import bounds, front_matter, go_yaml, hugo_header, js_yaml, psych, py_yaml, ruby_time
from digest.collect.headers.toml_header import lines_of
from digest.collect.javascript import permalinks
from digest.collect.mkdocs import tagged
from digest.collect.mkdocs.exclusions import Exclusions
from digest.collect.mkdocs.words import heading, words
from digest.collect.pelican.lookup import is_explosive
from digest.collect.pelican.slugs import Slugs
from digest.collect.problems import BrokenPostError
from digest.errors import SourceError
from digest.models import Collection
from tests.contracts.test_sources import DATA, KINDS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
LONG = 200_000
DOUBLED = "".join(f"b{n}: &b{n} [*b{n - 1}, *b{n - 1}]\n" for n in range(1, 40))
MERGED = "".join(f"b{n}: &b{n} {{<<: [*b{n - 1}, *b{n - 1}]}}\n" for n in range(1, 40))
BOMBS = {"of lists": f"b0: &b0 [x]\n{DOUBLED}", "of merges": f"b0: &b0 {{a: 1}}\n{MERGED}"}
ZONED = "SITEURL = 'https://example.com'\nTIMEZONE = 'UTC'\n"


@contextmanager
def soon(seconds: float = 10) -> Iterator[None]:
    """Fail when what is done takes longer than a slow machine needs."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def example(kind: str, place: Path) -> tuple[Path, dict[str, Any]]:
    """Copy the kind's example blog; return it, and what its options.json says."""
    said: dict[str, Any] = json.loads((DATA / kind / "options.json").read_text("utf-8"))
    shutil.copytree(DATA / kind / "blog", place / "blog")
    return place / "blog", said


def collected(kind: str, blog: Path, said: dict[str, Any]) -> Collection:
    return open_source("blog", kind, {"path": blog, **said["options"]}).read(NOW)


def evil(blog: Path, said: dict[str, Any]) -> Path:
    name: str = said["name"].format(date="2026-11-20", slug="evil")
    return blog.joinpath(said["posts"], name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["pipe", "giant"])
def test_what_is_called_a_post_but_is_a_pipe_or_a_giant_is_a_problem_and_leaves_the_others(
    kind: str, what: str, tmp_path: Path
) -> None:
    blog, said = example(kind, tmp_path)
    before = collected(kind, blog, said)
    place = evil(blog, said)
    if what == "pipe":
        os.mkfifo(place)
    else:
        with place.open("wb") as file:
            file.truncate(contents.LARGEST_POST + 1)
    after = collected(kind, blog, said)
    assert [post.path for post in after.posts] == [post.path for post in before.posts]
    (problem,) = [each for each in after.problems if each.file.endswith(place.name)]
    assert problem.code == "post.unreadable"
    assert ("no ordinary file" if what == "pipe" else "larger than 10 MB") in problem.message


@pytest.mark.parametrize(
    ("kind", "file"),
    [("hugo", "config/_default/params.toml"), ("pelican", "pelicanconf.py"), ("pelican", "publishconf.py"),
     ("mkdocs", "mkdocs.yml")],
)  # fmt: skip
def test_settings_that_are_a_pipe_are_an_error(kind: str, file: str, tmp_path: Path) -> None:
    blog, said = example(kind, tmp_path)
    (blog / file).parent.mkdir(parents=True, exist_ok=True)
    (blog / file).unlink(missing_ok=True)
    os.mkfifo(blog / file)
    with pytest.raises(SourceError, match="no ordinary file"):
        collected(kind, blog, said)


@pytest.mark.parametrize("kind", ["hexo", "zola", "hugo"])
def test_settings_that_are_a_giant_are_an_error(kind: str, tmp_path: Path) -> None:
    blog, said = example(kind, tmp_path)
    file = next(
        blog / name for name in ("_config.yml", "zola.toml", "hugo.toml", "config.toml") if (blog / name).exists()
    )
    with file.open("ab") as opened:
        opened.truncate(contents.LARGEST_SETTINGS + 1)
    with pytest.raises(SourceError, match="larger than 1 MB"):
        collected(kind, blog, said)


def test_no_more_of_a_file_is_read_than_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 200_000)
    assert len(contents.read(tmp_path / "a")) == 200_000
    assert len(contents.head(tmp_path / "a", 7)) == 7


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("parse", [psych.parse, js_yaml.parse, js_yaml.parse_4, go_yaml.parse, py_yaml.parse])
def test_aliases_that_double_again_and_again_are_refused(bomb: str, parse: Any) -> None:
    with soon(), pytest.raises(BrokenPostError, match="aliases repeat too much") as caught:
        front_matter.interpret(f"---\n{bomb}title: *b39\n---\n", "", parse)
    assert caught.value.line


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_aliases_that_double_in_settings_are_refused(bomb: str, tmp_path: Path) -> None:
    blog, said = example("mkdocs", tmp_path)
    with (blog / "mkdocs.yml").open("a", encoding="utf-8") as file:
        file.write(bomb)
    with soon(), pytest.raises(SourceError, match="aliases repeat too much"):
        collected("mkdocs", blog, said)


def test_aliases_as_people_use_them_are_no_matter() -> None:
    said = psych.parse("tags: &t [a, b]\ncategories: *t\nbase: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\n").value
    assert said == {"tags": ["a", "b"], "categories": ["a", "b"], "base": {"x": 1}, "more": {"x": 1, "y": 2}}


@pytest.mark.parametrize("opening", ["[", "{a: ", "? ", "- ", "[{? "])
def test_a_post_nested_without_end_does_not_end_the_program(opening: str) -> None:
    with soon(), pytest.raises(BrokenPostError, match="nested too deeply"):
        front_matter.read(f"---\nx:\n  {opening * LONG}\n---\n".encode())


@pytest.mark.parametrize("number", ["0x" + "f" * LONG, "1:" * LONG + "1", "9" * LONG, "0b" + "1" * LONG])
@pytest.mark.parametrize("parse", [psych.parse, js_yaml.parse, js_yaml.parse_4, go_yaml.parse, py_yaml.parse])
def test_a_number_longer_than_any_stays_text(number: str, parse: Any) -> None:
    with soon():
        assert parse(f"a: {number}\nb: [{number}]\nc: {{x: {number}}}\n").value == {
            "a": number, "b": [number], "c": {"x": number}
        }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ("+++\na = 0x" + "f" * LONG + "\n+++\n", "too large"),
        ("+++\n" + "a." * LONG + "b = 1\n+++\n", "too many parts"),
        ("+++\na = " + "{b = " * 200 + "1" + "}" * 200 + "\n+++\n", "nested too deeply"),
        ('{"a": ' + "9" * 4_000 + "}\n", "too large"),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}\n", "nested too deeply"),
    ],
)
def test_settings_in_toml_and_json_have_bounds(header: str, wrong: str) -> None:
    with soon(), pytest.raises(BrokenPostError, match=wrong):
        hugo_header.read(header.encode())


@pytest.mark.parametrize("text", ["[ " + " " * LONG, "a " + ". " * LONG, '."' * LONG, "[" + " " * LONG + "x"])
def test_looking_for_keys_in_toml_takes_no_longer_than_reading_it(text: str) -> None:
    with soon():
        lines_of(text)
        with pytest.raises(ValueError):  # noqa: PT011 - the library's own, or ours
            bounds.toml(text)


def test_settings_nested_by_long_keys_are_refused_as_a_whole(tmp_path: Path) -> None:
    blog, said = example("hugo", tmp_path)
    with (blog / "hugo.toml").open("a", encoding="utf-8") as file:
        file.write("\n[" + "a." * 20_000 + "b]\n")
    with soon(), pytest.raises(SourceError, match="too many parts"):
        collected("hugo", blog, said)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["-" * LONG, "+" * LONG, "---" + "a" * LONG + "\nx", "今" * (LONG // 3)])
def test_a_file_of_one_sign_is_read_in_no_time(kind: str, text: str, tmp_path: Path) -> None:
    blog, said = example(kind, tmp_path)
    evil(blog, said).write_text(text, "utf-8")
    with soon():
        for post in collected(kind, blog, said).posts:
            assert post.body is not None


def test_a_date_longer_than_ruby_reads_is_none() -> None:
    with soon(), pytest.raises(ValueError):  # noqa: PT011 - the date is its message
        ruby_time.parse("1" * LONG, ZoneInfo("UTC"), NOW)


def test_a_day_before_all_days_is_none() -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ruby_time.midnight(1, 1, 1, ZoneInfo("Asia/Tokyo"))


def test_published_that_is_a_list_is_a_problem_of_that_post_in_hugo(tmp_path: Path) -> None:
    blog, said = example("hugo", tmp_path)
    evil(blog, said).write_text("---\ntitle: x\ndate: 2026-11-20\npublished: [a]\n---\n", "utf-8")
    assert "post.date" in {each.code for each in collected("hugo", blog, said).problems if "evil" in each.file}


@pytest.mark.parametrize("kind", ["hexo", "zola"])
def test_an_address_of_the_blog_that_is_broken_is_told(kind: str, tmp_path: Path) -> None:
    blog, said = example(kind, tmp_path)
    file = next(blog / name for name in ("_config.yml", "zola.toml", "config.toml") if (blog / name).exists())
    key = "url:" if kind == "hexo" else "base_url ="
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(key.split()[0])]
    file.write_text("\n".join([f'{key} "https://[::1"', *lines]), "utf-8")
    said["options"].pop("url", None)
    assert "blog.url" in {problem.code for problem in collected(kind, blog, said).problems}


@pytest.mark.parametrize(
    "setting",
    [
        "Z = ['x']\n" + "Z = [Z, Z]\n" * 40 + "DEFAULT_METADATA = {'x': Z}\n",
        "Z = ['x']\n" + "Z = [Z, Z]\n" * 40 + "EXTRA_PATH_METADATA = {'x': {'y': Z}}\n",
        "Z = ['x']\n" + "Z = [Z, Z]\n" * 40 + "ARTICLE_URL = Z\nif x: ARTICLE_URL = 'a'\n",
        "DEFAULT_METADATA = {'x': 0x" + "f" * 50_000 + "}\n",
        "A = 'x'\n" + "A = A + A\n" * 40,
        "SLUG_REGEX_SUBSTITUTIONS = [" + "('t', 'tttttttttt')," * 40 + "]\n",
    ],
)
def test_settings_in_python_cannot_fill_the_memory(setting: str, tmp_path: Path) -> None:
    blog, said = example("pelican", tmp_path)
    (blog / "pelicanconf.py").write_text(f"{ZONED}PATH = 'content'\n{setting}", "utf-8")
    with soon():
        assert collected("pelican", blog, said).posts


@pytest.mark.parametrize("pattern", [r".*a*a*a*a*b", r"(?:a?){30}a{30}", r"(a|aa)+", r"(a*)*", r".*.*.*.*!"])
def test_patterns_that_could_run_for_years_are_known(pattern: str) -> None:
    assert is_explosive(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<date>\d{4}-\d{2}-\d{2}).*",
        r"(?P<date>\d{4}-\d{2}-\d{2})[-_](?P<slug>.*)",
        r"(?P<category>[^/]+)/(?P<year>\d+)/(?P<month>\d+)/(?P<slug>[^/]+)/index\.(?P<lang>\w+)",
        r"(?:blog/)?(?P<category>.*?)/(?P<slug>.*)",
        r"\s*&\s*",
    ],
)
def test_patterns_as_people_write_them_are_used(pattern: str) -> None:
    assert not is_explosive(pattern)


def test_a_slug_stays_short_whatever_replaces_its_letters() -> None:
    assert len(Slugs(substitutions=(("a", "aaaa"),) * 30).slug("aaaa")) <= 500


@pytest.mark.parametrize("line", ["*a" * 30 + "*b", "**/" * 30 + "b", "**/a/" * 20 + "b", "*?" * 50 + "b"])
def test_exclusions_of_mkdocs_take_no_longer_than_a_path_is_long(line: str) -> None:
    with soon():
        assert not Exclusions((line,)).holds("a/" * 60 + "a" * 200)


@pytest.mark.parametrize(
    ("line", "path", "held"),
    [
        ("**/drafts/**", "a/b/drafts/c/d.md", True),
        ("a/**/b/*.md", "a/x/b/y/b/c.md", True),
        ("a/**/b/**/c.md", "a/b/c.md", True),
        ("a/**", "a/b/c", True),
        ("a/**", "ab/c", False),
        ("x*y*z.md", "d/xaybyz.md", True),
        ("x*y*z.md", "xayb.md", False),
        ("/", "a", False),
        ("!", "a", False),
    ],
)
def test_exclusions_of_mkdocs_hold_what_they_name(line: str, path: str, held: bool) -> None:
    assert Exclusions((line,)).holds(path) is held


def test_settings_of_mkdocs_with_endless_numbers_are_read() -> None:
    with soon():
        assert tagged.load("a: " + "1:" * 100_000 + "1\n")[0]["a"] == "1:" * 100_000 + "1"


@pytest.mark.parametrize(
    "line", [" " * LONG, "# " + " " * LONG + "x", "#" * LONG, "{ " * LONG, "a\n" + "=" * LONG + "x"]
)
def test_looking_for_the_heading_of_a_post_takes_no_longer_than_the_post(line: str) -> None:
    with soon():
        heading(line)
        words(line)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("# One ##\n", "One"),
        ("\n#One {: .big }\nx", "One"),
        ("One {#id}\n=== \nx", "One"),
        ("## Two\n", ""),
        ("One\n--\n", ""),
        ("#\n===\n", "#"),
    ],
)
def test_the_heading_of_a_post_is_found(written: str, text: str) -> None:
    assert heading(written) == text


@pytest.mark.parametrize("permalink", ["{{" * LONG, "{{ a | " * LONG, "{{" + " " * LONG])
def test_a_permalink_longer_than_any_is_not_filled_in(permalink: str) -> None:
    with soon(), pytest.raises(permalinks.UnknownError, match="more than 1000 characters"):
        permalinks.fill_in(permalink, {}, NOW)
    assert "more than 1000 characters" in permalinks.unknown(permalink)


def test_a_jekyll_site_with_settings_of_any_kind_is_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "2026-01-02-a.md").write_text("---\ntitle: \u202eevil\n---\nWords.\n", "utf-8")
    config = tmp_path / "_config.yml"
    config.write_text("url: https://[::1\ntimezone: UTC\n")
    collection = open_source("blog", "jekyll", {"path": tmp_path}).read(NOW)
    assert "blog.url" in {problem.code for problem in collection.problems}
    assert [post.title for post in collection.posts] == ["evil"], "the direction of writing stays as it is"
    config.write_text("x" * 1_000_001)
    with pytest.raises(SourceError, match="larger than 1 MB"):
        open_source("blog", "jekyll", {"path": tmp_path}).read(NOW)
    config.unlink()
    os.mkfifo(config)
    (tmp_path / "_posts" / "2026-01-03-pipe.md").unlink(missing_ok=True)
    assert open_source("blog", "jekyll", {"path": tmp_path}).read(NOW).posts, "a pipe is no settings"


def test_a_feed_of_comments_without_end_is_refused_at_once() -> None:
    feed = f"<rss version='2.0'><channel><item><description>{'&lt;!--' * 200_000}</description></item></channel></rss>"
    with pytest.raises(NoFeedError, match="never end"):
        parse(feed.encode(), "application/rss+xml", "https://example.com/feed")
