"""A blog of Material for MkDocs is read as the tool itself reads it; what it said is in tests/data/sources/mkdocs."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from digest.collect import detect
from digest.collect.headers import py_yaml
from digest.collect.mkdocs.exclusions import Exclusions
from digest.collect.mkdocs.words import words
from digest.collect.sources.mkdocs import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import SourceError
from digest.models import Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "mkdocs"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECORDED = json.loads((DATA / "recorded.json").read_text("utf-8"))
HEAD = "site_name: x\nsite_url: https://mkdocs.example.com/site/\ntheme: material\n"


def _row(post: Post) -> dict[str, Any]:
    return {
        "path": post.path,
        "url": post.url,
        "date": post.published_at.isoformat(),
        "updated": post.updated_at.isoformat() if post.updated_at else None,
        "title": post.title,
        "categories": list(post.categories),
        "tags": list(post.tags),
        "author": post.author,
        "pinned": post.pinned,
    }


@pytest.fixture(scope="module")
def read() -> dict[str, Post]:
    return {found.path: found for found in Source("blog", DATA / "blog").read(NOW).posts}


def test_exactly_the_posts_that_mkdocs_shows_are_shown(read: dict[str, Post]) -> None:
    shown = sorted(path for path, post in read.items() if not post.withheld)
    assert shown == sorted(row["path"] for row in RECORDED["posts"])
    assert len(shown) > 40


@pytest.mark.parametrize("row", RECORDED["posts"], ids=lambda row: row["path"])
def test_a_post_is_read_as_mkdocs_reads_it(row: dict[str, Any], read: dict[str, Post]) -> None:
    assert _row(read[row["path"]]) == row | {"title": row["title"].replace("&amp;", "&")}, "titles are plain text"


@pytest.mark.parametrize("variant", RECORDED["variants"], ids=lambda variant: variant["name"])
def test_posts_stand_where_the_sites_settings_put_them(variant: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(DATA / "blog", tmp_path / "blog")
    (tmp_path / "blog/mkdocs.yml").write_text(variant["settings"], "utf-8")
    shown = sorted(Source("blog", tmp_path / "blog").read(NOW).shown, key=lambda post: post.path)
    assert [{key: _row(post)[key] for key in ("path", "url", "date", "categories")} for post in shown] == variant[
        "posts"
    ]
    assert shown


@pytest.mark.parametrize("case", RECORDED["refused"], ids=lambda case: case["name"])
def test_what_mkdocs_refuses_is_a_problem_with_a_remedy(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(HEAD + "plugins: [blog]\n")
    (tmp_path / "docs/blog/posts").mkdir(parents=True)
    (tmp_path / "docs/blog/posts/post.md").write_text(case["content"], "utf-8")
    collection = Source("blog", tmp_path).read(NOW)
    if not case["refused"]:
        assert len(collection.posts) == 1
        return
    (problem,) = collection.problems
    assert (collection.posts, problem.level, problem.file) == ((), Level.ERROR, "docs/blog/posts/post.md")
    assert problem.code.startswith("post.")
    assert problem.fix


def test_a_draft_and_a_post_of_the_future_are_withheld(read: dict[str, Post]) -> None:
    assert read["docs/news/posts/draft.md"].withheld == "draft"
    assert read["docs/news/posts/meta/private/secret.md"].withheld == "draft"
    assert read["docs/news/posts/future.md"].withheld == "dated in the future"
    assert not read["docs/news/posts/future-kept.md"].withheld
    later = Source("blog", DATA / "blog").read(datetime(2099, 1, 2, 1, 0, tzinfo=UTC)).shown
    assert "docs/news/posts/future.md" in {post.path for post in later}


def test_the_words_of_a_post_are_free_of_marks_and_end_at_the_blogs_own_marker(read: dict[str, Post]) -> None:
    post = read["docs/news/posts/boxes.md"]
    assert excerpt(post, 400) == ("The first real paragraph of the post, which is long enough to stand as its excerpt.")
    assert "<!-- more -->" in post.body
    assert "8<" not in post.body


def test_boxes_become_quotations_and_code_stays_code() -> None:
    text = "!!! tip\n    Inside.\n\n        code\n\nOutside {: .x } and {{ kept }}.\n\n```\n!!! note\n{ .y }\n```\n"
    assert words(text) == ("\n> Inside.\n>\n>     code\n>\n\nOutside and {{ kept }}.\n\n```\n!!! note\n{ .y }\n```\n")


def test_the_details_of_a_post_are_read(read: dict[str, Post]) -> None:
    post = read["docs/news/posts/yes.md"]
    assert post.summary == "The author's own words."
    assert post.image == "https://mkdocs.example.com/site/pictures/a%20b.png"
    assert post.language == "en"
    assert read["docs/news/posts/opts-out.md"].opt_out


def test_an_unknown_author_is_told(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(HEAD + "plugins: [blog]\n")
    (tmp_path / "docs/blog/posts").mkdir(parents=True)
    (tmp_path / "docs/blog/posts/a.md").write_text("---\ndate: 2026-01-01\nauthors: [nobody]\n---\n# A\n")
    collection = Source("blog", tmp_path).read(NOW)
    assert [(each.code, each.line) for each in collection.problems] == [("post.author", 3)]
    assert collection.posts[0].author == "nobody"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("plugins: [search]\n", "has no blog"),
        ("plugins:\n  - blog:\n      enabled: !ENV [CI, false]\n", "has no blog"),
        ("plugins:\n  - blog: {post_url_format: '{slug.__class__}'}\n", "post_url_format"),
        ("plugins: [blog\n", "cannot be read"),
        ("- a\n", "cannot be read"),
        ("plugins: [blog]\ndocs_dir: ../elsewhere\n", "docs_dir"),
        ("plugins: [blog]\nINHERIT: ../other.yml\n", "outside"),
        ("plugins: [blog]\nINHERIT: mkdocs.yml\n", "circle"),
    ],
)
def test_settings_that_cannot_be_followed_are_one_clear_error(tmp_path: Path, settings: str, reason: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(settings)
    with pytest.raises(SourceError, match=reason) as caught:
        Source("blog", tmp_path).read(NOW)
    assert caught.value.fix


def test_settings_are_taken_over_from_another_file_of_the_blog(tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text("site_url: https://a.example\nplugins: {blog: {blog_dir: b}}\n")
    (tmp_path / "mkdocs.yml").write_text("INHERIT: base.yml\nplugins: {blog: {post_url_format: '{slug}'}}\n")
    (tmp_path / "docs/b/posts").mkdir(parents=True)
    (tmp_path / "docs/b/posts/a.md").write_text("---\ndate: 2026-01-01\n---\n# A B\n")
    assert [post.url for post in Source("blog", tmp_path).read(NOW).posts] == ["https://a.example/b/a-b/"]


def test_python_code_in_the_settings_is_not_run_but_told(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(
        HEAD + "plugins:\n  - blog:\n      post_slugify: !!python/object/apply:os.mkdir ['made']\n"
    )
    posts = tmp_path / "docs/blog/posts"
    posts.mkdir(parents=True)
    (posts / "a.md").write_text("---\ndate: 2026-01-01\n---\n# A B\n")
    (posts / "b.md").write_text("---\ndate: 2026-01-01\nslug: own\n---\n# A B\n")
    collection = Source("blog", tmp_path).read(NOW)
    assert [post.url for post in collection.posts] == ["https://mkdocs.example.com/site/blog/2026/01/01/own/"]
    assert {(each.code, each.level, each.file) for each in collection.problems} == {
        ("blog.settings", Level.WARNING, "mkdocs.yml"),
        ("post.slug", Level.ERROR, "docs/blog/posts/a.md"),
    }
    assert not Path("made").exists()


def test_a_missing_address_is_an_error_and_an_option_stands_in(tmp_path: Path) -> None:
    shutil.copytree(DATA / "blog", tmp_path / "blog")
    (tmp_path / "blog/mkdocs.yml").write_text("site_name: x\nplugins: [blog: {blog_dir: news}]\n")
    problems = Source("blog", tmp_path / "blog").read(NOW).problems
    assert ("blog.url", Level.ERROR) in {(each.code, each.level) for each in problems}
    assert Source("blog", tmp_path / "blog", url="https://o.example/").read(NOW).posts[0].url.startswith("https://o.ex")


def test_only_a_site_with_a_blog_is_recognised(tmp_path: Path) -> None:
    assert detect(DATA / "blog") == "mkdocs"
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins:\n  - search\nnav:\n  - Blog: blog.md\n")
    assert detect(tmp_path) == "plain"
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins:\n  - search\n  - material/blog:\n      blog_dir: b\n")
    assert detect(tmp_path) == "mkdocs"


@pytest.mark.parametrize(
    ("lines", "path", "kept_out"),
    [
        ((".*",), ".a/b.md", True),
        ((".*",), "a/.b.md", True),
        (("/a/",), "a/b/c.md", True),
        (("/a/",), "b/a/c.md", False),
        (("a/*.md",), "a/b/c.md", False),
        (("a/**/c.md",), "a/c.md", True),
        (("*.md", "!b.md"), "a/b.md", False),
        (("[!ab].md",), "c.md", True),
        (("[ab].md",), "c.md", False),
        (("# a.md", ""), "a.md", False),
        ((r"\#a.md",), "#a.md", True),
        (("a?.md",), "ab.md", True),
    ],
)
def test_files_are_kept_out_as_gitignore_does(lines: tuple[str, ...], path: str, kept_out: bool) -> None:
    assert Exclusions(lines).holds(path) is kept_out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("~", None),
        ("012", 10),
        ("1:30", 90),
        ("1e3", "1e3"),
        (":symbol", ":symbol"),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31 10:00", "2026-01-31 10:00"),
        ("2026-01-31 10:00:00 +0900", "2026-01-31 10:00:00 +0900"),
        ("2026-01-31 10:00:00 +09:00", datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=9)))),
    ],
)
def test_a_value_without_quotes_means_what_pyyaml_reads(text: str, value: object) -> None:
    assert py_yaml.plain(text) == value
    assert yaml.safe_load(text) == value


def test_many_posts_that_only_foreign_code_could_place_are_one_finding(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(HEAD + "plugins:\n  - blog:\n      post_slugify: !!python/name:our.slugs\n")
    posts = tmp_path / "docs/blog/posts"
    posts.mkdir(parents=True)
    for number in range(12):
        (posts / f"{number}.md").write_text(f"---\ndate: 2026-01-01\n---\n# Title {number}\n")
    found = Source("blog", tmp_path).read(NOW)
    assert found.posts == ()
    assert [each.code for each in found.problems] == ["post.slug", "blog.settings"]
    assert "12 files" in found.problems[0].message
