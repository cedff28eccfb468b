"""Every post of the example is read as Astro reads it; what only the project's code could know is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from digest.collect.sources.astro import Source, recognises
from digest.collect.words.excerpt import excerpt
from digest.errors import SourceError
from digest.models import Finding, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "astro"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("UTC"))
SITE = "https://astro.example.com"
BY_CUSTOM = {"src/content/blog/draft.md": "draft", "src/content/blog/future.md": "dated in the future"}
"""Astro shows them where its routes do not leave them out, as those of most themes do."""

RECORDED = {item["path"]: item for item in json.loads((DATA / "recorded.json").read_text("utf-8"))}


@pytest.fixture(scope="module")
def read() -> dict[str, Post]:
    return {post.path: post for post in Source("blog", DATA / "blog", time_zone="Asia/Tokyo").read(NOW).posts}


def test_the_same_files_are_posts_and_nothing_is_wrong_with_them(read: dict[str, Post]) -> None:
    assert set(read) == set(RECORDED)
    assert Source("blog", DATA / "blog").read(NOW).problems == ()


@pytest.mark.parametrize("path", sorted(RECORDED))
def test_a_post_is_what_astro_says(read: dict[str, Post], path: str) -> None:
    said, post = RECORDED[path], read[path]
    assert unquote(post.url) == SITE + unquote(said["url"])
    assert post.published_at == datetime.fromisoformat(said["date"])
    assert post.updated_at == (datetime.fromisoformat(said["updated"]) if "updated" in said else None)
    assert post.title == said["title"]
    assert list(post.tags) == [str(tag) for tag in said["tags"]]
    assert post.withheld == BY_CUSTOM.get(path, "")


def test_the_words_of_an_mdx_post_are_plain(read: dict[str, Post]) -> None:
    post = read["src/content/blog/component.mdx"]
    assert excerpt(post, 200) == "Dear , these words count."
    assert post.image == "", "a picture of the project's own has another address in the build"


Write = Callable[..., Source]


@pytest.fixture
def site(tmp_path: Path) -> Write:
    """Write a project from its files and return its source."""

    def write(options: dict[str, Any] | None = None, /, **files: str) -> Source:
        config = 'export default defineConfig({ site: "https://e.com" });\n'
        for name, text in {"astro.config.mjs": config, **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return Source("blog", tmp_path, **(options or {}))

    return write


def post(front: str = "title: x\npubDate: 2026-01-02") -> str:
    return f"---\n{front}\n---\nWords.\n"


def route(collection: str, param: str = "slug", value: str = "post.id") -> str:
    given = f"posts.map((post) => ({{ params: {{ {param}: {value} }} }}))"
    return f'---\nconst posts = await getCollection("{collection}");\n{given}\n---\n'


def only(source: Source) -> Post:
    (found,) = source.read(NOW).posts
    return found


def codes(source: Source) -> dict[str, Finding]:
    return {problem.code: problem for problem in source.read(NOW).problems}


@pytest.mark.parametrize(
    ("file", "param", "value", "url"),
    [
        ("src/pages/blog/[...slug].astro", "slug", "post.id", "https://e.com/blog/a-b/"),
        ("src/pages/[...id].astro", "id", "entry.slug", "https://e.com/a-b/"),
        ("src/pages/en/posts/[slug].astro", "slug", "p.slug", "https://e.com/en/posts/a-b/"),
    ],
)
def test_a_route_that_names_the_posts_by_their_id_is_their_address(
    site: Write, file: str, param: str, value: str, url: str
) -> None:
    source = site(**{file: route("blog", param, value), "src/content/blog/A b.md": post()})
    assert only(source).url == url
    assert source.read(NOW).problems == ()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"src/pages/[...slug].astro": route("notes")},
        {"src/pages/[...slug].astro": route("blog", value="getPath(post.id)")},
        {"src/pages/a/[...slug].astro": route("blog"), "src/pages/b/[...slug].astro": route("blog")},
    ],
)
def test_without_such_a_route_a_pattern_is_asked_for(site: Write, files: dict[str, str]) -> None:
    files = {**files, "src/content/blog/2026/A b.md": post()}
    problem = codes(site(**files))["blog.settings"]
    assert problem.level is Level.ERROR
    assert "url_pattern" in problem.fix
    assert only(site(**files)).withheld == "its address is not known"
    source = site({"url_pattern": "https://e.com/{year}/{path}"}, **files)
    assert (only(source).url, only(source).withheld) == ("https://e.com/2026/2026/a-b", "")
    assert source.read(NOW).problems == ()


def test_pages_have_their_own_addresses(site: Write) -> None:
    source = site(
        **{"src/pages/blog/First Post.md": post(), "src/pages/blog/b/index.mdx": post(), "src/pages/about.md": post()}
    )
    assert {found.url for found in source.read(NOW).posts} == {
        "https://e.com/blog/First%20Post/",
        "https://e.com/blog/b/",
    }
    assert source.read(NOW).problems == ()


@pytest.mark.parametrize("line", ['trailingSlash: "never"', 'build: { format: "file" }'])
def test_the_settings_decide_whether_addresses_end_with_a_slash(site: Write, line: str) -> None:
    config = f'export default defineConfig({{ site: "https://e.com/", base: "/b/", {line} }});\n'
    assert only(site(**{"astro.config.mjs": config, "src/pages/blog/a.md": post()})).url == "https://e.com/b/blog/a"


@pytest.mark.parametrize("key", ["pubDate", "pubDatetime", "publishDate", "date", "publishedAt", "published"])
def test_the_usual_names_of_the_date_are_known(site: Write, key: str) -> None:
    source = site(**{"src/pages/blog/a.md": post(f"title: x\n{key}: 2026-01-02T10:00:00+09:00")})
    assert only(source).published_at.isoformat() == "2026-01-02T01:00:00+00:00"


def test_a_date_in_the_name_serves_where_none_is_written(site: Write) -> None:
    source = site(**{"src/pages/blog/2026-01-02-a.md": post("title: x"), "src/pages/blog/b.md": post("title: y")})
    assert only(source).published_at.date().isoformat() == "2026-01-02"
    assert codes(source)["post.undated"].level is Level.WARNING


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: x\npubDate: soon", "post.date", 3),
        ("title: x\npubDate: [2026]", "post.date", 3),
        ("title: a: b", "post.front-matter", 2),
        ("title: x\npubDate: 2026-01-02\ntitle: y", "post.front-matter", 4),
    ],
)
def test_what_stops_astro_is_a_broken_post(site: Write, front: str, code: str, line: int) -> None:
    source = site(**{"src/pages/blog/a.md": post(front)})
    assert source.read(NOW).posts == ()
    assert (codes(source)[code].level, codes(source)[code].line) == (Level.ERROR, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [("---\ntitle: x\npubDate: 2026-01-02\n", 1), ("+++\ntitle = x\n+++\n", 2), ("\n\n---\na: b: c\n---\n", 4)],
)
def test_settings_that_astro_does_not_read_are_a_broken_post(site: Write, text: str, line: int) -> None:
    source = site(**{"src/pages/blog/a.md": text})
    assert codes(source)["post.front-matter"].line == line


@pytest.mark.parametrize(
    ("line", "reason"), [("draft: true", "draft"), ("isDraft: true", "draft"), ("published: false", "published: false")]
)
def test_what_themes_hide_is_withheld(site: Write, line: str, reason: str) -> None:
    assert only(site(**{"src/pages/blog/a.md": post(f"pubDate: 2026-01-02\n{line}")})).withheld == reason


def test_a_project_whose_posts_nobody_finds_is_one_error_that_names_the_option(site: Write) -> None:
    source = site(**{"src/texts/a.md": post()})
    with pytest.raises(SourceError) as caught:
        source.read(NOW)
    assert "posts =" in caught.value.fix
    assert only(site({"posts": "src/texts", "url_pattern": "/{slug}/"}, **{"src/texts/a.md": post()})).url == (
        "https://e.com/a/"
    )


def test_a_project_is_told_by_its_settings(tmp_path: Path) -> None:
    assert recognises(tmp_path, ["src", "astro.config.ts"])
    assert not recognises(tmp_path, ["src"])


@pytest.mark.parametrize("line", ["trailingSlash: slash()", "build: { format: process.env.FORMAT }"])
def test_settings_that_are_put_together_withhold_the_posts_and_are_said_once(site: Write, line: str) -> None:
    config = f'export default defineConfig({{ site: "https://e.com", {line} }});\n'
    posts = {f"src/pages/blog/{name}.md": post() for name in "abc"}
    found = site(**{"astro.config.mjs": config, **posts}).read(NOW)
    assert [each.withheld for each in found.posts] == ["its address is not known"] * 3
    assert [(each.code, each.file) for each in found.problems] == [("blog.settings", "astro.config.mjs")]


def test_a_base_that_is_put_together_leaves_the_address_unsaid(site: Write) -> None:
    config = 'const base = process.env.BASE;\nexport default defineConfig({ site: "https://e.com", base });\n'
    source = site({"url": ""}, **{"astro.config.mjs": config, "src/pages/blog/a.md": post()})
    assert codes(source)["blog.url"].level is Level.ERROR
