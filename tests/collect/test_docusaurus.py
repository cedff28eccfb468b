"""Every post of the example is read as Docusaurus reads it, and what Docusaurus alone could know is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from digest.collect.sources.docusaurus import Source, recognises
from digest.collect.words.excerpt import excerpt
from digest.models import Finding, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "docusaurus"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("UTC"))
SITE = "https://docusaurus.example.com"
DRAFTS = {"blog/2026-02-07-draft.md", "blog/2026-02-07-draft-text.md"}

RECORDED = {item["path"]: item for item in json.loads((DATA / "recorded.json").read_text("utf-8"))}


@pytest.fixture(scope="module")
def read() -> dict[str, Post]:
    return {post.path: post for post in Source("blog", DATA / "blog").read(NOW).posts}


def test_the_same_files_are_posts(read: dict[str, Post]) -> None:
    assert {path for path in read if path not in DRAFTS} == set(RECORDED)
    assert {read[path].withheld for path in DRAFTS} == {"draft"}


def test_nothing_is_wrong_with_the_example_but_an_empty_title() -> None:
    assert {problem.code for problem in Source("blog", DATA / "blog").read(NOW).problems} == {"post.title"}


@pytest.mark.parametrize("path", sorted(RECORDED))
def test_a_post_is_what_docusaurus_says(read: dict[str, Post], path: str) -> None:
    said, post = RECORDED[path], read[path]
    assert unquote(post.url) == SITE + said["url"]
    assert post.published_at == datetime.fromisoformat(said["date"])
    assert post.title == said["title"]
    assert list(post.tags) == said["tags"]
    assert post.author == said["author"]
    assert post.withheld == ("unlisted" if said["unlisted"] else "")


def test_the_last_update_and_the_language_are_told(read: dict[str, Post]) -> None:
    updated = read["blog/2026-02-10-updated.md"]
    assert updated.updated_at == datetime(2026, 2, 12, tzinfo=ZoneInfo("UTC"))
    assert updated.language == "en"


def test_the_words_of_an_mdx_post_are_plain_and_end_at_the_marker(read: dict[str, Post]) -> None:
    post = read["blog/2026-02-11-mdx.mdx"]
    assert excerpt(post, 200) == "The first paragraph counts."
    assert "import" not in post.body
    assert post.image == "", "a picture beside the post has another address in the build"


Write = Callable[..., Source]


@pytest.fixture
def site(tmp_path: Path) -> Write:
    """Write a site from its files and return its source."""

    def write(options: dict[str, Any] | None = None, /, **files: str) -> Source:
        config = 'module.exports = { url: "https://e.com", baseUrl: "/" };\n'
        for name, text in {"docusaurus.config.js": config, **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return Source("blog", tmp_path, **(options or {}))

    return write


def post(front: str = "title: x\ndate: 2026-01-02") -> str:
    return f"---\n{front}\n---\nWords.\n"


def only(source: Source) -> Post:
    (found,) = source.read(NOW).posts
    return found


def codes(source: Source) -> dict[str, Finding]:
    return {problem.code: problem for problem in source.read(NOW).problems}


@pytest.mark.parametrize(("slash", "address"), [("true", "https://e.com/blog/a/"), ("false", "https://e.com/blog/a")])
def test_the_settings_decide_whether_addresses_end_with_a_slash(site: Write, slash: str, address: str) -> None:
    config = f'export default {{ url: "https://e.com", baseUrl: "/", trailingSlash: {slash} }};\n'
    assert only(site(**{"docusaurus.config.js": config, "blog/a.md": post()})).url == address


def test_a_blog_can_lie_and_be_read_elsewhere(site: Write) -> None:
    source = site({"posts": "texts", "route": "/"}, **{"texts/a.md": post(), "blog/b.md": post()})
    assert only(source).url == "https://e.com/a"


def test_an_address_that_is_put_together_has_to_be_given(site: Write) -> None:
    config = 'const host = "e.com";\nmodule.exports = { url: `https://${host}`, baseUrl: "/" };\n'
    files = {"docusaurus.config.js": config, "blog/a.md": post()}
    assert codes(site(**files))["blog.url"].level is Level.ERROR
    assert only(site({"url": "https://given.com/x/"}, **files)).url == "https://given.com/x/blog/a"


def test_a_post_whose_date_only_git_knows_is_a_warning(site: Write) -> None:
    source = site(**{"blog/a.md": post("title: x")})
    assert source.read(NOW).posts == ()
    assert codes(source)["post.undated"].level is Level.WARNING


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: x\ndate: soon", "post.date", 3),
        ("title: x\ndate: 2026", "post.date", 3),
        ('title: x\ndate: "2026-01-02T10:00:00Z"', "post.date", 3),
        ("title: a: b", "post.front-matter", 2),
        ("title: x\ndate: 2026-01-02\ntitle: y", "post.front-matter", 4),
        ("date: 2026-01-02\ntags: one", "post.tags", 3),
    ],
)
def test_what_stops_docusaurus_is_a_broken_post(site: Write, front: str, code: str, line: int) -> None:
    source = site(**{"blog/a.md": post(front)})
    assert source.read(NOW).posts == ()
    assert (codes(source)[code].level, codes(source)[code].line) == (Level.ERROR, line)


def test_a_name_that_holds_an_impossible_date_is_a_broken_post(site: Write) -> None:
    assert "2026-13-45" in codes(site(**{"blog/2026-13-45-a.md": post("title: x")}))["post.date"].message


def test_an_author_who_is_not_in_the_list_is_said(site: Write) -> None:
    source = site(**{"blog/a.md": post("date: 2026-01-02\ntitle: x\nauthors: [nobody]")})
    assert only(source).author == "nobody"
    assert (codes(source)["post.author"].level, codes(source)["post.author"].line) == (Level.WARNING, 4)


@pytest.mark.parametrize(("file", "code"), [("authors.yml", "blog.authors"), ("tags.yml", "blog.tags")])
def test_a_list_that_cannot_be_read_is_said_with_its_line(site: Write, file: str, code: str) -> None:
    source = site(**{f"blog/{file}": "a:\n  name: x: y\n", "blog/a.md": post()})
    problem = codes(source)[code]
    assert (problem.file, problem.line, problem.level) == (f"blog/{file}", 2, Level.WARNING)


def test_a_site_is_told_by_its_settings(tmp_path: Path) -> None:
    assert recognises(tmp_path, ["blog", "docusaurus.config.ts"])
    assert not recognises(tmp_path, ["blog"])


@pytest.mark.parametrize(
    "more",
    [
        "presets: [['classic', { blog: false }]], plugins: ['./plugins/blog.js']",
        "plugins: [['@docusaurus/plugin-content-blog', { path: 'blog' }]]",
        "presets: [['classic', { blog: { routeBasePath: route() } }]]",
        "presets: [['classic', { blog: settings }]]",
    ],
)
def test_posts_at_a_route_that_only_javascript_knows_are_withheld_and_that_is_said_once(site: Write, more: str) -> None:
    config = f'module.exports = {{ url: "https://e.com", baseUrl: "/", {more} }};\n'
    files = {"docusaurus.config.js": config, "blog/a.md": post(), "blog/b.md": post()}
    found = site(**files).read(NOW)
    assert [each.withheld for each in found.posts] == ["its address is not known"] * 2
    (problem,) = found.problems
    assert (problem.code, problem.file, problem.level) == ("blog.settings", "docusaurus.config.js", Level.ERROR)
    told = site({"route": "/news"}, **files).read(NOW)
    assert ({each.url for each in told.posts}, told.problems) == ({"https://e.com/news/a", "https://e.com/news/b"}, ())
    assert {each.withheld for each in told.posts} == {""}


def test_a_base_that_is_put_together_leaves_the_address_unsaid(site: Write) -> None:
    config = 'module.exports = { url: "https://e.com", baseUrl: process.env.BASE };\n'
    assert codes(site(**{"docusaurus.config.js": config, "blog/a.md": post()}))["blog.url"].level is Level.ERROR
