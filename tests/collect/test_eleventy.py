"""Every post of the example is read as Eleventy reads it, and what Eleventy alone could know is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from digest.collect.sources.eleventy import Source, recognises
from digest.models import Finding, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "eleventy"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("UTC"))
SITE = "https://eleventy.example.com/site"
NO_POSTS = {"src/about.md", "src/index.njk", "src/posts/index.njk"}
HIDDEN = {
    "src/posts/draft.md": "draft",
    "src/posts/excluded.md": "eleventyExcludeFromCollections",
    "src/posts/permalink-false.md": "permalink: false",
}
OF_A_FOLDER = {"posts", "news", "flash"}

RECORDED = {item["path"]: item for item in json.loads((DATA / "recorded.json").read_text("utf-8"))}


@pytest.fixture(scope="module")
def read() -> dict[str, Post]:
    return {post.path: post for post in Source("blog", DATA / "blog").read(NOW).posts}


def test_the_same_templates_are_posts_and_nothing_is_wrong_with_them(read: dict[str, Post]) -> None:
    assert set(read) == set(RECORDED) - NO_POSTS
    assert Source("blog", DATA / "blog").read(NOW).problems == ()


@pytest.mark.parametrize("path", sorted(set(RECORDED) - NO_POSTS))
def test_a_post_is_what_eleventy_says(read: dict[str, Post], path: str) -> None:
    said, post = RECORDED[path], read[path]
    assert post.withheld == HIDDEN.get(path, "")
    if said["url"]:
        assert unquote(post.url) == SITE + said["url"]
    if said.get("excluded"):
        return
    assert post.published_at == datetime.fromisoformat(said["date"])
    if said["title"] is not None:
        assert post.title == said["title"]
    folder = {"scripted"} if "js" in path.split("/") else set()
    tags = [tag.strip() for tag in said["tags"] if tag not in OF_A_FOLDER - folder]
    assert list(post.tags) == [tag for tag in tags if tag not in folder]


Write = Callable[..., Source]


@pytest.fixture
def site(tmp_path: Path) -> Write:
    """Write a project from its files and return its source."""

    def write(options: dict[str, Any] | None = None, /, **files: str) -> Source:
        for name, text in {"eleventy.config.js": "export default function () {}\n", **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return Source("blog", tmp_path, **{"url": "https://e.com", **(options or {})})

    return write


def post(front: str = "title: x\ndate: 2026-01-02") -> str:
    return f"---\n{front}\n---\nWords.\n"


def only(source: Source) -> Post:
    (found,) = source.read(NOW).posts
    return found


def codes(source: Source) -> dict[str, Finding]:
    return {problem.code: problem for problem in source.read(NOW).problems}


@pytest.mark.parametrize("said", ["Last Modified", "git Last Modified", "Created", "git Created"])
def test_a_date_that_a_clone_does_not_keep_is_a_broken_post(site: Write, said: str) -> None:
    source = site(**{"posts/a.md": post(f"title: x\ndate: {said}")})
    assert source.read(NOW).posts == ()
    assert (codes(source)["post.date"].level, codes(source)["post.date"].line) == (Level.ERROR, 3)
    assert said in codes(source)["post.date"].message


def test_a_post_without_any_date_is_a_warning(site: Write) -> None:
    source = site(**{"posts/a.md": post("title: x")})
    assert source.read(NOW).posts == ()
    assert codes(source)["post.undated"].level is Level.WARNING


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: x\ndate: 2026-01-02 10:00:00 +0900", "post.date", 3),
        ("title: x\ndate: Jan 2, 2026", "post.date", 3),
        ("title: x\ndate: 20260102", "post.date", 3),
        ("title: a: b", "post.front-matter", 2),
        ("title: x\ndate: 2026-01-02\ntitle: y", "post.front-matter", 4),
        ("date: 2026-01-02\npermalink: true", "post.permalink", 3),
        ('date: 2026-01-02\npermalink: "/{{ page.date | readable }}/"', "post.permalink", 3),
        ('date: 2026-01-02\npermalink: "/{% if a %}b{% endif %}/"', "post.permalink", 3),
        ('date: 2026-01-02\npermalink: "/{{ unheard }}/"', "post.permalink", 3),
    ],
)
def test_what_stops_eleventy_or_only_eleventy_knows_is_a_broken_post(
    site: Write, front: str, code: str, line: int
) -> None:
    source = site(**{"posts/a.md": post(front)})
    assert source.read(NOW).posts == ()
    assert codes(source)[code].level is Level.ERROR
    assert codes(source)[code].line == line


@pytest.mark.parametrize(
    "text",
    [
        "---js\n{ title: 'x', date: '2026-01-02' }\n---\nx\n",
        '---json\n{"title": \n---\nx\n',
        "\n---\ntitle: x\ndate: 2026-01-02\n---\nx\n",
        "----\ntitle: x\ndate: 2026-01-02\n----\nx\n",
    ],
)
def test_settings_that_the_digest_does_not_read_are_a_broken_post(site: Write, text: str) -> None:
    source = site(**{"posts/a.md": text})
    assert source.read(NOW).posts == ()
    assert codes(source)["post.front-matter"].level is Level.ERROR


def test_a_pattern_stands_in_for_a_permalink_that_javascript_computes(site: Write) -> None:
    files = {
        "posts/posts.11tydata.js": "export default { permalink: (data) => `/${data.page.fileSlug}/` };\n",
        "posts/2026-01-02-a.md": post("title: x"),
        "posts/own.md": post("date: 2026-01-03\npermalink: /own/"),
    }
    told = codes(site(**files))["blog.settings"]
    assert (told.level, told.file) == (Level.ERROR, "posts/posts.11tydata.js")
    assert "url_pattern" in told.fix
    source = site({"url_pattern": "https://e.com/{year}/{slug}/"}, **files)
    assert source.read(NOW).problems == ()
    assert {found.url for found in source.read(NOW).posts} == {"https://e.com/2026/a/", "https://e.com/own/"}


def test_a_filter_of_the_blogs_own_in_a_data_file_is_said_once(site: Write) -> None:
    source = site(
        **{
            "posts/posts.json": json.dumps({"permalink": "/{{ page.date | year }}/{{ page.fileSlug }}/"}),
            **{f"posts/{name}.md": post() for name in "abc"},
        }
    )
    (problem,) = source.read(NOW).problems
    assert (problem.code, problem.file, problem.level) == ("blog.settings", "posts/posts.json", Level.ERROR)


def test_a_data_file_that_is_no_json_is_an_error_with_its_line(site: Write) -> None:
    problem = codes(site(**{"posts/posts.json": '{\n  "a": 1,\n}\n', "posts/a.md": post()}))["blog.settings"]
    assert (problem.file, problem.line, problem.level) == ("posts/posts.json", 3, Level.ERROR)


def test_without_a_folder_for_posts_all_templates_with_a_date_are_posts(site: Write) -> None:
    source = site(**{"texts/a.md": post(), "2026-02-03-b.md": post("title: y"), "about.md": post("title: z")})
    assert {found.path for found in source.read(NOW).posts} == {"texts/a.md", "2026-02-03-b.md"}


def test_a_folder_whose_data_tags_its_templates_as_posts_is_a_folder_of_posts(site: Write) -> None:
    source = site(**{"texts/texts.json": '{"tags": "post"}', "texts/a.md": post(), "now.md": post()})
    assert only(source).path == "texts/a.md"
    assert only(source).tags == ()


def test_the_folder_of_posts_can_be_said(site: Write) -> None:
    source = site({"posts": "./texts/"}, **{"texts/a.md": post(), "posts/b.md": post()})
    assert only(source).path == "texts/a.md"


def test_a_project_without_an_address_is_an_error_that_leaves_its_posts(site: Write) -> None:
    source = site({"url": ""}, **{"posts/a.md": post()})
    assert only(source).url == "/posts/a/"
    assert codes(source)["blog.url"].level is Level.ERROR


def test_the_input_folder_is_found_where_a_function_sets_it(site: Write) -> None:
    config = 'export default (e) => { e.setInputDirectory("content"); };\n'
    source = site(**{"eleventy.config.js": config, "content/posts/a.md": post(), "posts/b.md": post()})
    assert only(source).url == "https://e.com/posts/a/"


def test_nothing_outside_of_the_project_is_read(site: Write, tmp_path: Path) -> None:
    config = 'export const config = { dir: { input: "../elsewhere" } };\n'
    source = site(**{"eleventy.config.js": config, "posts/a.md": post()})
    assert only(source).path == "posts/a.md"


def test_a_project_is_told_by_its_settings_unless_jekylls_lie_beside_them(tmp_path: Path) -> None:
    assert recognises(tmp_path, [".eleventy.js", "posts"])
    assert not recognises(tmp_path, ["_config.yml", "_posts", ".eleventy.js"])
    assert not recognises(tmp_path, ["posts"])


def test_lists_of_a_folder_and_of_a_post_are_put_together(site: Write) -> None:
    source = site(
        **{
            "posts/posts.json": '{"categories": ["all posts"], "author": {"name": "Folder"}}',
            "posts/a.md": post("title: x\ndate: 2026-01-02\ncategories: [own]\nauthor: {url: /me}"),
            "posts/b.md": post('title: y\ndate: 2026-01-01\n"override:categories": [alone]'),
        }
    )
    first, second = source.read(NOW).posts
    assert (first.categories, second.categories) == (("all posts", "own"), ("alone",))
    assert first.author == "Folder"


UNKNOWN = "its address is not known"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("posts/posts.11tydata.js", "export default { permalink: ({page}) => `/web/${page.fileSlug}/` };\n"),
        ("posts/posts.11tydata.js", "export default { permalink: function(data) { return `/${data.x}/` } };\n"),
        ("posts/posts.json", '{"permalink": "/{{ page.date | year }}/"}'),
        ("posts/posts.json", '{"eleventyComputed": {"permalink": "/{{ title | ours }}/"}}'),
        ("posts/posts.json", '{"permalink": '),
        ("_data/eleventyComputed.js", "export default { permalink: (data) => `/x/${data.title}/` };\n"),
        ("_data/permalink.js", "export default () => (data) => `/x/${data.title}/`;\n"),
        (
            "eleventy.config.js",
            'export default (c) => { c.addGlobalData("eleventyComputed.permalink", () => (d) => `/${d.x}/`); };\n',
        ),
    ],
)
def test_a_post_whose_address_javascript_decides_is_withheld_and_that_is_said_once(
    site: Write, file: str, text: str
) -> None:
    found = site(**{file: text, **{f"posts/{name}.md": post() for name in "abc"}}).read(NOW)
    assert [each.withheld for each in found.posts] == [UNKNOWN] * 3
    assert [(each.code, each.file, each.level) for each in found.problems] == [("blog.settings", file, Level.ERROR)]


def test_a_permalink_of_the_posts_own_is_known_unless_a_computed_one_wins_over_it(site: Write) -> None:
    mine = post("title: x\ndate: 2026-01-02\npermalink: /mine/")
    data = "export default { permalink: (data) => `/${data.x}/` };\n"
    assert only(site(**{"posts/posts.11tydata.js": data, "posts/a.md": mine})).withheld == ""
    last = "export default { eleventyComputed: { permalink: (data) => `/${data.x}/` } };\n"
    files = {"posts/posts.11tydata.js": last, "posts/a.md": mine}
    assert only(site(**files)).withheld == UNKNOWN
    by_pattern = only(site({"url_pattern": "https://e.com/p/{slug}/"}, **files))
    assert (by_pattern.url, by_pattern.withheld) == ("https://e.com/p/a/", "")


def test_a_computed_permalink_in_plain_words_counts_before_others(site: Write) -> None:
    data = json.dumps({"permalink": "/no/", "eleventyComputed": {"permalink": "/{{ page.fileSlug }}/yes/"}})
    found = only(site(**{"posts/posts.json": data, "posts/a.md": post()}))
    assert (found.url, found.withheld) == ("https://e.com/a/yes/", "")


def test_settings_that_only_hide_drafts_leave_the_addresses_known(site: Write) -> None:
    config = """export default function (eleventyConfig) {
      eleventyConfig.addGlobalData("eleventyComputed.permalink", function() {
        return (data) => {
          if(data.draft && !process.env.BUILD_DRAFTS) { return false; }
          return data.permalink;
        }
      });
    }
    """
    source = site(**{"eleventy.config.js": config, "posts/a.md": post()})
    assert (only(source).url, only(source).withheld) == ("https://e.com/posts/a/", "")
    assert source.read(NOW).problems == ()


def test_many_posts_that_lack_the_same_value_are_one_finding(site: Write) -> None:
    files = {f"posts/{number}.md": post() for number in range(11)}
    found = site(**{"posts/posts.json": '{"permalink": "/{{ series }}/{{ page.fileSlug }}/"}', **files}).read(NOW)
    assert found.posts == ()
    (problem,) = found.problems
    assert "11 files: posts/0.md, posts/1.md, posts/10.md" in problem.message


def test_a_path_prefix_that_is_put_together_leaves_the_address_unsaid(site: Write) -> None:
    files = {
        "eleventy.config.js": "export default () => ({ pathPrefix: process.env.PREFIX });\n",
        "_data/metadata.json": '{"url": "https://e.com"}',
        "posts/a.md": post(),
    }
    assert codes(site({"url": ""}, **files))["blog.url"].level is Level.ERROR
    assert only(site(**files)).url == "https://e.com/posts/a/"
