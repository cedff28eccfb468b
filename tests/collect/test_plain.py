"""A plain folder of Markdown: naive dates in the source's zone, addresses from a pattern."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.collect.sources.plain import Source
from digest.models import Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "plain" / "blog"
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)
PATTERN = "https://plain.example.com/{year}/{month}/{day}/{slug}/"


@pytest.fixture(scope="module")
def posts() -> dict[str, Post]:
    return {post.path: post for post in Source("b", DATA, PATTERN, "Asia/Tokyo", "ja").read(NOW).posts}


@pytest.mark.parametrize(
    ("path", "published_at", "url"),
    [
        ("2026/2026-01-05-first.md", "2026-01-05T23:30:00+09:00", "/2026/01/05/first/"),
        ("2026/offset.md", "2026-01-06T08:30:00+09:00", "/2026/01/06/offset/"),
        ("2026-01-06-only-a-name.md", "2026-01-06T00:00:00+09:00", "/2026/01/06/only-a-name/"),
        ("bundle/index.md", "2026-01-07T00:00:00+09:00", "/2026/01/07/%E6%9D%9F%20%E3%81%AD/"),
        ("own.md", "2026-01-10T00:00:00+09:00", "/own/place/?a=b"),
    ],
)
def test_a_post_has_its_moment_and_its_address(posts: dict[str, Post], path: str, published_at: str, url: str) -> None:
    assert posts[path].published_at.isoformat() == published_at
    assert posts[path].url == "https://plain.example.com" + url


def test_the_details_of_a_post_are_read(posts: dict[str, Post]) -> None:
    first, offset = posts["2026/2026-01-05-first.md"], posts["2026/offset.md"]
    assert (first.title, first.author, first.language) == ("最初の投稿", "山田太郎, Jane Doe", "ja")
    assert (first.categories, first.tags) == (("ニュース",), ("AI", "最新ニュース"))
    assert first.image == "https://plain.example.com/img/%E7%B5%B5.png"
    assert (offset.id, offset.pinned, offset.weight, offset.language) == ("b:tag:plain,1", True, -0.5, "en")
    assert offset.updated_at == datetime(2026, 1, 7, tzinfo=TOKYO)
    assert posts["2026-01-06-only-a-name.md"].title == "Only a name"
    assert posts["own.md"].opt_out


def test_a_naive_date_is_local_here_and_not_utc(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ndate: 2026-01-02 20:00:00\n---\n")
    (post,) = Source("b", tmp_path, PATTERN, "Asia/Tokyo").read(NOW).posts
    assert post.published_at.isoformat() == "2026-01-02T20:00:00+09:00"


def test_hidden_and_underscored_folders_are_left_out_and_an_undated_file_is_said(posts: dict[str, Post]) -> None:
    assert not any(path.startswith("_") for path in posts)
    problems = Source("b", DATA, PATTERN).read(NOW).problems
    assert [(problem.level, problem.file) for problem in problems] == [(Level.WARNING, "README.md")]


def test_without_a_pattern_the_posts_are_there_but_nothing_may_leave(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "2026-01-02-b c.md").write_text("x")
    collection = Source("b", tmp_path).read(NOW)
    assert [post.url for post in collection.posts] == ["/a/2026-01-02-b%20c/"]
    assert [(problem.level, problem.code) for problem in collection.problems] == [(Level.ERROR, "blog.url")]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "mailto:a@example.com"])
def test_an_address_that_is_none_is_a_broken_post(tmp_path: Path, address: str) -> None:
    (tmp_path / "2026-01-02-a.md").write_text(f"---\ntitle: x\nurl: {address}\n---\n")
    collection = Source("b", tmp_path, PATTERN).read(NOW)
    assert collection.posts == ()
    assert [(problem.code, problem.line) for problem in collection.problems] == [("post.url", 3)]


def test_braces_in_a_slug_or_category_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "2026-01-02-a.md").write_text("---\nslug: '{x}/../y'\ncategory: a/b\n---\n")
    (post,) = Source("b", tmp_path, "https://e.com/{category}/{slug}/").read(NOW).posts
    assert post.url == "https://e.com/a%2Fb/%7Bx%7D%2F..%2Fy/"


@pytest.mark.parametrize(("files", "findings"), [(10, 10), (11, 1)])
def test_many_files_without_a_date_are_one_finding(tmp_path: Path, files: int, findings: int) -> None:
    for number in range(files):
        (tmp_path / f"{number:02}.md").write_text("Words.\n")
    problems = Source("b", tmp_path, PATTERN).read(NOW).problems
    told = [problem for problem in problems if problem.code == "post.undated"]
    assert (len(told), {problem.level for problem in told}) == (findings, {Level.WARNING})
    assert findings > 1 or "11 files: 00.md, 01.md, 02.md and others" in told[0].message
