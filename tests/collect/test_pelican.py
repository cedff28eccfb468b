"""A Pelican blog is read as Pelican 4.12 itself reads it; what it said is recorded in tests/data/sources/pelican."""

from __future__ import annotations

import html
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.collect import detect
from digest.collect.authoring import absolute
from digest.collect.pelican.dates import is_partial, parse
from digest.collect.pelican.literals import Settings
from digest.collect.pelican.literals import read as read_literals
from digest.collect.pelican.slugs import Slugs
from digest.collect.sources.pelican import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "pelican"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECORDED = json.loads((DATA / "recorded.json").read_text("utf-8"))
CONF = "SITEURL = 'https://pelican.example.com'\nTIMEZONE = 'Europe/Berlin'\nPATH = 'content'\n"


def _row(post: Post) -> dict[str, Any]:
    return {
        "path": post.path,
        "url": post.url,
        "date": post.published_at.isoformat(),
        "updated": post.updated_at.isoformat() if post.updated_at else None,
        "title": post.title,
        "category": ", ".join(post.categories),
        "tags": list(post.tags),
        "author": post.author,
        "lang": post.language,
        "shown": not post.withheld,
    }


def _encoded(url: str) -> str:
    return absolute(url.replace("%", "%25"), "")


def _title(title: str | list[str]) -> str:
    """Return the title that Pelican knows, which is HTML unless it was written in Markdown, as a reader sees it."""
    if isinstance(title, list):
        return " ".join(title)
    if title.startswith("<em>Marked"):
        return title
    return html.unescape(re.sub("<[^>]+>", "", title)).strip()


@pytest.fixture(scope="module")
def collection() -> Collection:
    return Source("blog", DATA / "blog").read(NOW)


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    (tmp_path / "pelicanconf.py").write_text(CONF)
    return tmp_path


def test_exactly_the_posts_that_pelican_shows_are_shown(collection: Collection) -> None:
    shown = sorted(row["path"] for row in RECORDED["posts"] if row["shown"])
    assert sorted(post.path for post in collection.shown) == shown
    assert len(shown) > 60


@pytest.mark.parametrize("row", RECORDED["posts"], ids=lambda row: row["path"])
def test_a_post_is_read_as_pelican_reads_it(row: dict[str, Any], collection: Collection) -> None:
    (found,) = (post for post in collection.posts if post.path == row["path"])
    expected = row | {"title": _title(row["title"]), "url": _encoded(row["url"])}
    if found.withheld == "draft":
        expected["url"] = found.url  # Pelican keeps drafts elsewhere, and nobody is sent there
    assert _row(found) == expected


@pytest.mark.parametrize("variant", RECORDED["variants"], ids=lambda variant: variant["name"])
def test_posts_stand_where_the_blogs_settings_put_them(variant: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(DATA / "blog", tmp_path / "blog")
    (tmp_path / "blog/pelicanconf.py").write_text(variant["settings"], "utf-8")
    (tmp_path / "blog/publishconf.py").unlink()
    shown = sorted(Source("blog", tmp_path / "blog").read(NOW).shown, key=lambda post: post.path)
    told = [{key: _row(post)[key] for key in ("path", "url", "date", "category", "shown")} for post in shown]
    assert told == [row | {"url": _encoded(row["url"])} for row in variant["posts"] if row["shown"]]
    assert shown


def test_what_pelican_leaves_out_is_told(collection: Collection) -> None:
    told = {problem.file.removeprefix("content/"): (problem.code, problem.level) for problem in collection.problems}
    assert told == {
        "blank-first.md": ("post.undated", Level.WARNING),
        "draft-undated.md": ("post.undated-draft", Level.INFO),
        "empty-title.md": ("post.title", Level.WARNING),
        "html/fragment.html": ("post.undated", Level.WARNING),
        "rst/late.rst": ("post.undated", Level.WARNING),
        "rst/two-sections.rst": ("post.undated", Level.WARNING),
        "skip.md": ("post.skipped", Level.INFO),
        "twice.md": ("post.duplicate-key", Level.WARNING),
        "two-titles.md": ("post.title", Level.WARNING),
        "undated.md": ("post.undated", Level.WARNING),
        "untitled.md": ("post.title", Level.ERROR),
        "wrong-date.md": ("post.date", Level.ERROR),
        "wrong-modified.md": ("post.updated", Level.ERROR),
        "wrong-status.md": ("post.status", Level.ERROR),
    }
    assert all(problem.fix for problem in collection.problems if problem.level is not Level.INFO)


def test_drafts_hidden_posts_and_translations_are_withheld_with_a_reason(collection: Collection) -> None:
    reasons = {post.path.removeprefix("content/"): post.withheld for post in collection.posts if post.withheld}
    assert reasons == {
        "draft.md": "draft",
        "hidden.md": "hidden",
        "i18n/called.md": "a translation of content/i18n/called-too.md",
        "i18n/hello-fr.md": "a translation of content/i18n/hello.md",
        "placed/hidden-by-path.md": "draft",
        "rst/status.rst": "draft",
    }


def test_a_translation_is_withheld_though_its_original_is_too_old_to_be_read(blog: Path) -> None:
    (blog / "content/a.md").write_text("Title: A\nDate: 2020-01-01\nSlug: a\n\nWords.\n")
    (blog / "content/a-fr.md").write_text("Title: A\nDate: 2026-11-20\nSlug: a\nLang: fr\n\nMots.\n")
    recent = Source("blog", blog).read(NOW, datetime(2026, 11, 1, tzinfo=UTC))
    assert [post.withheld for post in recent.posts] == ["a translation of content/a.md"]


def test_the_authors_words_and_wishes_are_read(collection: Collection) -> None:
    posts = {post.path.removeprefix("content/"): post for post in collection.posts}
    assert excerpt(posts["summary.md"], 200) == "The author's own words."
    assert excerpt(posts["rst/plain.rst"], 200) == "A summary with code on two lines"
    assert excerpt(posts["rst/marks.rst"], 200) == "Words of the post."
    assert excerpt(posts["marker.md"], 200) == "First words of the post."
    assert excerpt(posts["html/page.html"], 200) == "Short words"
    assert posts["dashes.md"].body.strip() == "Words."
    assert posts["html/page.html"].body.strip() == "<p>Words of the page.</p>"
    assert (posts["newsletter.md"].weight, posts["newsletter.md"].pinned) == (0.5, True)
    assert posts["newsletter.md"].image == "https://pelican.example.com/blog/images/a%20b.png"
    assert posts["newsletter-no.md"].opt_out


def test_the_future_waits_only_where_the_blog_says_so(blog: Path) -> None:
    (blog / "content/a.md").write_text("Title: A\nDate: 2027-01-01\n\nWords.\n")
    assert Source("blog", blog).read(NOW).posts[0].withheld == ""
    (blog / "pelicanconf.py").write_text(CONF + "WITH_FUTURE_DATES = False\n")
    assert Source("blog", blog).read(NOW).posts[0].withheld == "dated in the future"
    assert Source("blog", blog).read(datetime(2027, 1, 1, tzinfo=UTC)).shown


# ---------------------------------------------------------------- settings


def test_settings_are_read_and_never_run(blog: Path) -> None:
    marker = blog / "ran"
    (blog / "publishconf.py").write_text(
        f"from pelicanconf import *\nopen({str(marker)!r}, 'w').write('x')\n"
        "HOST = 'https://' + 'a.example'\nSITEURL = f'{HOST}/b'\nTAG = [x for x in (1, 2)]\nraise SystemExit\n"
    )
    (blog / "content/a.md").write_text("Title: A\nDate: 2026-01-01\n\nWords.\n")
    collection = Source("blog", blog).read(NOW)
    assert [post.url for post in collection.posts] == ["https://a.example/b/a.html"]
    assert collection.problems == ()
    assert not marker.exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X = 'a'\nX = 'b'", "b"),
        ("A = 'a'\nX = A + '/' + A", "a/a"),
        ("X = ('a', 'b')", ["a", "b"]),
        ("X = ['a']\nX += ['b']", ["a", "b"]),
        ("X, Y = 'a', 'b'", "a"),
        ("X: str = 'a'", "a"),
        ("X = os.path.join('a', 'b')", "a/b"),
        ("X = pathlib.Path('a')", "a"),
        ("X = os.environ.get('HOME', 'a')", "a"),
        ("try:\n    X = 'a'\nexcept Exception:\n    X = 'b'", "a"),
        ("X = {'a': {'b': None, 'c': -1, 'd': True}}", {"a": {"b": None, "c": -1, "d": True}}),
    ],
)
def test_a_plain_value_is_known(text: str, value: object) -> None:
    settings = Settings()
    read_literals(text, "pelicanconf.py", settings)
    assert settings.values["X"] == value
    assert not settings.unread


@pytest.mark.parametrize(
    "text",
    [
        "X = os.environ['HOME']",
        "X = os.getenv('HOME')",
        "X = 'a' * 10**9",
        "if debug:\n    X = 'a'",
        "X = [y for y in z]",
        "X = Y",
        "X = f'{1:9999999d}'",
        "X = {**Y}",
        "X = 'a'\nfor X in []:\n    X = 'b'",
        "X = {}\nX['a'] = 'b'",
        "X = 'a'\n" + "X += X\n" * 40,
    ],
)
def test_what_takes_running_is_unread_and_costs_nothing(text: str) -> None:
    settings = Settings()
    read_literals(text, "pelicanconf.py", settings)
    assert settings.unread == {"X"}


@pytest.mark.parametrize("text", ["X = ", "X = '\0'", "(" * 5_000, "X = " + "-" * 90_000 + "1"])
def test_what_is_no_python_is_one_clear_error(blog: Path, text: str) -> None:
    (blog / "pelicanconf.py").write_text(text)
    with pytest.raises(SourceError, match="no Python") as caught:
        Source("blog", blog).read(NOW)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("settings", "code", "level", "line"),
    [
        ("TIMEZONE = 'UTC'\n", "blog.url", Level.ERROR, 0),
        ("TIMEZONE = 'UTC'\nSITEURL = os.environ['URL']\n", "blog.url", Level.ERROR, 2),
        ("TIMEZONE = 'UTC'\nSITEURL = os.environ.get('URL', 'http://localhost:8000')\n", "blog.url", Level.ERROR, 2),
        ("SITEURL = 'https://a.example'\n", "blog.time-zone", Level.WARNING, 0),
        ("SITEURL = 'https://a.example'\nTIMEZONE = 'Mars'\n", "blog.time-zone", Level.WARNING, 2),
        (CONF + "ARTICLE_URL = build()\n", "blog.settings", Level.WARNING, 4),
    ],
)
def test_what_the_settings_do_not_tell_is_told(blog: Path, settings: str, code: str, level: Level, line: int) -> None:
    (blog / "pelicanconf.py").write_text(settings)
    (blog / "content/a.md").write_text("Title: A\nDate: 2026-01-01\n\nWords.\n")
    (problem,) = Source("blog", blog).read(NOW).problems
    assert (problem.code, problem.level, problem.line) == (code, level, line)
    assert problem.fix


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("PATH = '../elsewhere'\n", "PATH"),
        ("FILENAME_METADATA = r'((a+)+)+$'\n", "repeats"),
        ("PATH_METADATA = r'(a|b|ab)*c'\n", "repeats"),
        ("SLUG_REGEX_SUBSTITUTIONS = [('(', '')]\n", "no regular expression"),
        ("PATH = 'missing'\n", "no folder"),
    ],
)
def test_settings_that_cannot_be_followed_are_one_clear_error(blog: Path, settings: str, reason: str) -> None:
    (blog / "pelicanconf.py").write_text(CONF + settings)
    with pytest.raises(SourceError, match=reason) as caught:
        Source("blog", blog).read(NOW)
    assert caught.value.fix


def test_options_stand_in_for_settings(blog: Path) -> None:
    (blog / "pelicanconf.py").write_text("ARTICLE_URL = made_by(code)\nSITEURL = other()\n")
    (blog / "content/a.md").write_text("Title: A B\nDate: 2026-01-01 08:00\n\nWords.\n")
    source = Source(
        "blog", blog, url="https://o.example", time_zone="Asia/Tokyo", language="ja", article_url="{date:%Y}/{slug}/"
    )
    collection = source.read(NOW)
    (post,) = collection.posts
    assert collection.problems == ()
    assert (post.url, post.language) == ("https://o.example/2026/a-b/", "ja")
    assert post.published_at.isoformat() == "2026-01-01T08:00:00+09:00"


@pytest.mark.parametrize("pattern", ["{slug.__class__}", "{nobody}", "{slug!r}", "{slug:>99999999}", "{", "{date[0]}"])
def test_a_pattern_of_addresses_reaches_nothing_but_the_post(blog: Path, pattern: str) -> None:
    with pytest.raises(ConfigError, match="article_url"):
        Source("blog", blog, article_url=pattern)
    (blog / "pelicanconf.py").write_text(CONF + f"ARTICLE_URL = {pattern!r}\n")
    (blog / "content/a.md").write_text("Title: A\nDate: 2026-01-01\n\nWords.\n")
    (problem,) = Source("blog", blog).read(NOW).problems
    assert (problem.code, problem.level) == ("post.url", Level.ERROR)


def test_a_blog_without_dates_of_its_own_says_why(blog: Path) -> None:
    (blog / "pelicanconf.py").write_text(CONF + "DEFAULT_DATE = 'fs'\n")
    (blog / "content/a.md").write_text("Title: A\n\nWords.\n")
    (problem,) = Source("blog", blog).read(NOW).problems
    assert "DEFAULT_DATE" in problem.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Too short\n====\n\n:date: 2026-01-01\n\nWords.\n", 1),
        ("Title\n=====\n\n:date: 2026-01-01\n\n" + "x" * 10_001 + "\n", 6),
    ],
)
def test_a_text_that_docutils_refuses_is_left_out(blog: Path, text: str, line: int) -> None:
    (blog / "content/a.rst").write_text(text)
    collection = Source("blog", blog).read(NOW)
    assert [(each.code, each.level, each.line) for each in collection.problems] == [
        ("post.restructured", Level.ERROR, line)
    ]
    assert collection.posts == ()


def test_a_pelican_blog_is_recognised() -> None:
    assert detect(DATA / "blog") == "pelican"


# ---------------------------------------------------------------- slugs and dates


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("東京の天気", "dong-jing-notian-qi"),
        ("한국어 제목", "hangugeo-jemog"),
        ("Straße & Ærø – Ŋ", "strasse-aero-ng"),
        ("<!-- x --><b>A</b> &eacute; <", "a-e"),
        ("", ""),
    ],
)
def test_a_slug_is_spelt_in_ascii_as_unidecode_spells_it(title: str, slug: str) -> None:
    assert Slugs().slug(title) == slug


def test_a_character_that_unidecode_does_not_know_leaves_nothing() -> None:
    assert Slugs(substitutions=()).slug("A乽🎉b") == "ab"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", "2026-01-31T00:00:00"),
        ("20260131T1000", "2026-01-31T10:00:00"),
        ("2026-01-31T10:00:05.5Z", "2026-01-31T10:00:05.500000+00:00"),
        ("Sat, 03 Jan 2026 10:00:00 -0530", "2026-01-03T10:00:00-05:30"),
        ("Saturday January 3rd, 2026 at 12am", "2026-01-03T00:00:00"),
        ("1/2/2026", "2026-01-02T00:00:00"),
        ("13/2/2026", "2026-02-13T00:00:00"),
        ("1/2/99", "1999-01-02T00:00:00"),
        ("2026-02", "2026-02-22T00:00:00"),
        ("Jan 3", "2026-01-03T00:00:00"),
    ],
)
def test_a_date_means_what_dateutil_reads(text: str, moment: str) -> None:
    assert parse(text, NOW).isoformat() == moment
    assert is_partial(text) == (text in {"2026-02", "Jan 3"})


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-01-31 25:00", "12026-01-02", "10:00", "1" * 10_000])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(text, NOW)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ("ARTICLE_URL = build()\n", ["c.md"]),
        ("SLUGIFY_SOURCE = build()\n", ["b.md", "c.md"]),
        ("EXTRA_PATH_METADATA = build()\n", ["b.md", "c.md"]),
        ("ARTICLE_URL = '{category}/{slug}.html'\nCATEGORY_REGEX_SUBSTITUTIONS = build()\n", ["c.md"]),
        ("ARTICLE_LANG_URL = build()\nCATEGORY_REGEX_SUBSTITUTIONS = build()\n", ["a.md", "b.md", "c.md"]),
    ],
)
def test_a_post_whose_address_an_unread_setting_decides_is_withheld(
    blog: Path, settings: str, shown: list[str]
) -> None:
    (blog / "pelicanconf.py").write_text(CONF + settings)
    for name, more in {"a": "", "b": "Slug: b\n", "c": "Slug: c\nUrl: c/\n"}.items():
        (blog / f"content/{name}.md").write_text(f"Title: {name}\nDate: 2026-01-01\n{more}\nWords.\n")
    posts = Source("blog", blog).read(NOW).posts
    assert [post.path.removeprefix("content/") for post in posts if not post.withheld] == shown
    assert {post.withheld for post in posts} <= {"", "its address is not known"}
