"""What a Jekyll site's settings, folders and single posts lead to, and what is said about those that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect.jekyll.permalinks import Address, UnknownPlaceholderError, path_of
from digest.collect.sources.jekyll import Source, recognises
from digest.errors import ConfigError, SourceError
from digest.models import Finding, Level, Post

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)
CONFIG = "url: https://example.com\ntimezone: Asia/Tokyo\n"

Write = Callable[..., Source]


@pytest.fixture
def site(tmp_path: Path) -> Write:
    """Write a site from its settings and files, and return its source."""

    def write(config: str = CONFIG, /, *, options: dict[str, Any] | None = None, **files: str) -> Source:
        (tmp_path / "_posts").mkdir(exist_ok=True)
        (tmp_path / "_config.yml").write_text(config, "utf-8")
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return Source("blog", tmp_path, **(options or {}))

    return write


def post(front: str = "title: x", body: str = "Body.\n") -> str:
    return f"---\n{front}\n---\n{body}"


def only(source: Source, now: datetime = NOW) -> Post:
    (found,) = source.read(now).posts
    return found


def codes(source: Source) -> dict[str, Finding]:
    return {problem.code: problem for problem in source.read(NOW).problems}


# ---------------------------------------------------------------- settings


def test_without_a_time_zone_utc_is_taken_and_said(site: Write) -> None:
    source = site("url: https://example.com\n", **{"_posts/2026-01-02-a.md": post("date: 2026-01-02 23:30")})
    assert only(source).published_at.isoformat() == "2026-01-02T23:30:00+00:00"
    assert codes(source)["blog.time-zone"].level is Level.WARNING


def test_a_time_zone_that_does_not_exist_is_said(site: Write) -> None:
    assert codes(site("url: https://e.com\ntimezone: Mars/Base\n"))["blog.time-zone"].line == 2
    with pytest.raises(ConfigError, match="Mars"):
        site(options={"time_zone": "Mars/Base"})


def test_options_win_over_the_sites_settings(site: Write) -> None:
    source = site(
        CONFIG + "baseurl: /never\nlang: ja\n",
        options={"url": "https://other.example/x/", "time_zone": "UTC", "language": "en"},
        **{"_posts/2026-01-02-a.md": post("date: 2026-01-02 16:00:00 +0000")},
    )
    found = only(source)
    assert found.url == "https://other.example/x/2026/01/02/a.html"
    assert found.language == "en"


def test_a_blog_without_an_address_is_an_error_that_leaves_its_posts(site: Write) -> None:
    source = site("timezone: UTC\nurl: example.com\n", **{"_posts/2026-01-02-a.md": post()})
    assert only(source).url == "/2026/01/02/a.html"
    assert codes(source)["blog.url"].level is Level.ERROR
    assert codes(source)["blog.url"].place == "_config.yml:2"


def test_the_custom_domain_of_github_pages_is_an_address(site: Write) -> None:
    assert only(site("timezone: UTC\n", CNAME="blog.example.org\n", **{"_posts/2026-01-02-a.md": post()})).url == (
        "https://blog.example.org/2026/01/02/a.html"
    )


@pytest.mark.parametrize(
    ("config", "line"), [("url: [\n", 2), ("a: b: c\n", 1), ("- a\n", 1), ("permalink: /:yaer/:title/\n", 1)]
)
def test_unreadable_settings_are_one_error_with_file_and_line(site: Write, config: str, line: int) -> None:
    with pytest.raises(SourceError) as caught:
        site(config).read(NOW)
    assert str(caught.value.file).endswith("_config.yml")
    assert caught.value.line == line


def test_an_unknown_placeholder_names_the_nearest_one() -> None:
    with pytest.raises(UnknownPlaceholderError, match="did you mean :year"):
        path_of("/:yaer/", Address(NOW, "a", "_posts/a.md"))


@pytest.mark.parametrize(
    ("line", "shown"), [("future: true", 3), ("unpublished: true", 3), ("limit_posts: 1", 1), ("", 2)]
)
def test_settings_decide_what_is_shown(site: Write, line: str, shown: int) -> None:
    source = site(
        CONFIG + line + "\n",
        **{
            "_posts/2026-01-01-a.md": post(),
            "_posts/2026-01-02-b.md": post(),
            "_posts/2026-01-03-c.md": post("published: false"),
            "_posts/2027-01-03-d.md": post(),
        },
    )
    collection = source.read(NOW)
    assert len(collection.shown) == shown
    assert all(found.withheld for found in collection.posts if found not in collection.shown)


def test_a_newer_post_survives_limit_posts(site: Write) -> None:
    source = site(CONFIG + "limit_posts: 1\n", **{f"_posts/2026-01-0{day}-a.md": post() for day in (1, 2)})
    assert [found.withheld for found in source.read(NOW).posts] == ["", "beyond limit_posts: 1"]


def test_drafts_are_shown_when_the_site_shows_them(site: Write) -> None:
    files = {"_drafts/a.md": post("date: 2026-01-02"), "_drafts/b.md": post("title: [a"), "_drafts/c.md": post()}
    hidden, shown = site(**files), None
    assert only(hidden).withheld == "draft"
    assert {problem.level for problem in hidden.read(NOW).problems} == {Level.WARNING, Level.INFO}
    shown = site(CONFIG + "show_drafts: true\n", **files)
    assert only(shown).withheld == ""
    assert {problem.level for problem in shown.read(NOW).problems} == {Level.ERROR, Level.WARNING}


def test_a_folder_of_collections_is_where_posts_are_looked_for(site: Write) -> None:
    source = site(
        CONFIG + "collections_dir: all\npermalink: /:path\n",
        **{
            "all/_posts/2026-01-01-a.md": post(),
            "_posts/2026-01-01-b.md": post(),
            "all/n/_posts/2026-01-01-c.md": post(),
        },
    )
    assert {(found.path, found.url.removeprefix("https://example.com")) for found in source.read(NOW).posts} == {
        ("all/_posts/2026-01-01-a.md", "/2026-01-01-a"),
        ("all/n/_posts/2026-01-01-c.md", "/n/2026-01-01-c"),
    }


def test_the_marker_of_the_blog_ends_the_summary(site: Write) -> None:
    source = site(
        CONFIG + "excerpt_separator: <!--cut-->\n",
        **{"_posts/2026-01-01-a.md": post("title: x", "# One\n\nTwo.\n<!--cut-->\nThree.\n")},
    )
    assert only(source).summary == "# One\n\nTwo."


def test_a_setting_that_begins_with_a_colon_is_text(site: Write) -> None:
    source = site(CONFIG + "permalink: :title\nsass:\n  style: :compressed\n", **{"_posts/2026-01-01-a.md": post()})
    assert only(source).url == "https://example.com/a"


@pytest.mark.parametrize("written", ["src", "./src/", "src/."])
def test_source_names_the_folder_that_holds_the_site(site: Write, written: str) -> None:
    source = site(
        f"timezone: Asia/Tokyo\nsource: {written}\npermalink: /:categories/:title/\nexclude: [drop]\n"
        "defaults:\n- scope: {path: _posts/deep}\n  values: {tags: [deep]}\n"
        "- scope: {path: src/_posts}\n  values: {tags: [never]}\n",
        **{
            "CNAME": "wrong.example",
            "_posts/2026-01-01-outside.md": post(),
            "src/CNAME": "example.com",
            "src/_data/authors.yml": "may: {name: May Day}\n",
            "src/_posts/2026-01-01-a.md": post("author: may"),
            "src/_posts/deep/2026-01-02-b.md": post(),
            "src/news/_posts/2026-01-03-c.md": post(),
            "src/drop/_posts/2026-01-04-d.md": post(),
        },
    )
    assert [(found.path, found.url, found.tags, found.author) for found in source.read(NOW).shown] == [
        ("news/_posts/2026-01-03-c.md", "https://example.com/news/c/", (), ""),
        ("_posts/deep/2026-01-02-b.md", "https://example.com/b/", ("deep",), ""),
        ("_posts/2026-01-01-a.md", "https://example.com/a/", (), "May Day"),
    ]


@pytest.mark.parametrize(
    ("settings", "left_out"),
    [
        ("destination: out", "out"),
        ("destination: ./out/", "out"),
        ("source: src\ndestination: src/out", "src/out"),
        ("source: src\ndestination: out", ""),
        ("source: src", ""),
    ],
)
def test_only_the_folder_into_which_the_site_is_built_is_left_out(site: Write, settings: str, left_out: str) -> None:
    folders = ("out", "news/out", "src/out", "src/news/out")
    source = site(f"{CONFIG}{settings}\n", **{f"{folder}/_posts/2026-01-01-a.md": post() for folder in folders})
    root = "src/" if "source" in settings else ""
    assert {root + found.path for found in source.read(NOW).posts} == {
        f"{folder}/_posts/2026-01-01-a.md" for folder in folders if folder.startswith(root) and folder != left_out
    }


@pytest.mark.parametrize(("line", "jekyll"), [("source: source", True), ("source_dir: source", False)])
def test_a_site_below_source_is_known_by_its_settings(tmp_path: Path, line: str, jekyll: bool) -> None:
    (tmp_path / "source" / "_posts").mkdir(parents=True)
    (tmp_path / "_config.yml").write_text(f"title: x\n{line}\n", "utf-8")
    assert recognises(tmp_path, ["_config.yml", "source"]) is jekyll


# ---------------------------------------------------------------- posts


def test_a_draft_that_jekyll_shows_all_the_same_is_said(site: Write) -> None:
    source = site(**{"_posts/2026-01-01-a.md": post("title: x\ndraft: true")})
    assert only(source).withheld == ""
    assert codes(source)["post.draft"].line == 3


def test_a_summary_that_only_repeats_the_title_gives_way_to_one_that_does_not(site: Write) -> None:
    source = site(**{"_posts/2026-01-01-a.md": post("title: One two\nexcerpt: One two!\ndescription: Something else")})
    assert only(source).summary == "Something else"


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: {a: b}", "post.title", 2),
        ("title: x\npermalink: [a]", "post.permalink", 3),
        ("title: x\npermalink: /:nothing/", "post.permalink", 3),
        ("title: x\ncategories: 5", "post.categories", 3),
        ("title: x\nslug: [a]", "post.slug", 3),
    ],
)
def test_what_jekyll_cannot_use_is_a_broken_post(site: Write, front: str, code: str, line: int) -> None:
    source = site(**{"_posts/2026-01-01-a.md": post(front)})
    assert source.read(NOW).posts == ()
    assert codes(source)[code].line == line


def test_a_file_name_that_is_no_date_is_a_broken_post(site: Write) -> None:
    source = site(**{"_posts/2026-13-45-a.md": post()})
    assert "2026-13-45" in codes(source)["post.date"].message


def test_an_update_that_is_no_date_is_ignored_and_said(site: Write) -> None:
    source = site(**{"_posts/2026-01-01-a.md": post("title: x\nlastmod: soon")})
    assert only(source).updated_at is None
    assert codes(source)["post.updated"].line == 3


def test_a_link_to_nothing_is_said_and_left_out(site: Write) -> None:
    source = site(**{"_posts/2026-01-01-a.md": post("title: x", "a {% post_url 2020-01-01-gone %} b")})
    assert only(source).body == "a  b"
    assert "2020-01-01-gone" in codes(source)["post.link"].message


def test_files_and_pages_can_be_linked(site: Write) -> None:
    source = site(
        **{
            "_posts/2026-01-01-a.md": post(
                "title: x", "{% link a/b.pdf %} {% link about.md %} {% link d/index.html %}"
            ),
            "a/b.pdf": "",
            "about.md": "",
            "d/index.html": "",
        }
    )
    assert only(source).body == "https://example.com/a/b.pdf https://example.com/about.html https://example.com/d/"


# ---------------------------------------------------------------- folders


def test_hidden_excluded_and_generated_folders_hold_no_posts(site: Write) -> None:
    folders = ("_site", "node_modules/x", ".git", "vendor/bundle/x", "out", "drop", "a~")
    source = site(
        CONFIG + "destination: ./out\nexclude: [drop]\n",
        **{f"{folder}/_posts/2026-01-01-a.md": post() for folder in folders},
        **{f"_posts/{name}": post() for name in ("2026-01-01-b.md~", ".2026-01-01-c.md", "#2026-01-01-d.md")},
    )
    assert source.read(NOW).posts == ()


def test_a_link_inside_the_blog_is_followed_and_a_circle_ends(site: Write, tmp_path: Path) -> None:
    source = site(**{"shelf/2026-01-01-a.md": post()})
    (tmp_path / "_posts" / "2026-01-01-a.md").symlink_to(tmp_path / "shelf" / "2026-01-01-a.md")
    (tmp_path / "again").symlink_to(tmp_path)
    assert only(source).path == "_posts/2026-01-01-a.md"


def test_a_linked_folder_outside_is_not_followed(
    site: Write, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "_posts").mkdir()
    (elsewhere / "_posts" / "2026-01-01-a.md").write_text(post())
    source = site()
    (tmp_path / "more").symlink_to(elsewhere)
    assert source.read(NOW).posts == ()
    assert codes(source)["post.outside"].file == "more"
    (tmp_path / "_posts").rmdir()
    (tmp_path / "_posts").symlink_to(elsewhere / "_posts")
    with pytest.raises(SourceError, match="not followed"):
        source.read(NOW)


def test_a_folder_without_posts_is_one_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no _posts folder") as caught:
        Source("blog", tmp_path).read(NOW)
    assert "_config.yml" in caught.value.fix
