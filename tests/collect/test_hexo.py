"""Hexo: posts at the addresses, moments and words that Hexo 8 itself gives them (recorded.json)."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect import detect
from digest.collect.headers import hexo_header
from digest.collect.hexo import globs, tags
from digest.collect.hexo.slugs import slugize
from digest.collect.sources.hexo import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import SourceError
from digest.models import Collection, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "hexo"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
RECORDED: dict[str, list[dict[str, Any]]] = json.loads((DATA / "recorded.json").read_text("utf-8"))
LEFT_OUT = {
    "_drafts/undated.md": "post.undated",
    "_posts/2026-03-04-named.md": "post.undated",
    "_posts/comment-only.md": "post.undated",
    "_posts/date-empty.md": "post.undated",
    "_posts/date-japanese.md": "post.date",
    "_posts/date-nonsense.md": "post.date",
    "_posts/json-broken.md": "post.front-matter",
    "_posts/never-closed.md": "post.front-matter",
    "_posts/no-settings.md": "post.undated",
    "_posts/title-date.md": "post.title",
    "_posts/title-mapping.md": "post.title",
}
"""What Hexo shows and the digest tells as a problem: posts with the date of their file, or a title nobody meant."""
REFUSED = {
    "colon.md": 2,
    "empty-item.md": 4,
    "foreign-tag.md": 3,
    "key-twice.md": 3,
    "list.md": 2,
    "permalink-number.md": 4,
    "rule-in-the-text.md": 3,
}
"""What Hexo leaves out with an error, and the line of it."""


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "awkward", tmp_path / "awkward"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "source" / "_posts").mkdir(parents=True)
    settings(tmp_path, "")
    return tmp_path


def settings(site: Path, more: str) -> None:
    (site / "_config.yml").write_text(f"url: https://hexo.example.com\ntimezone: Asia/Tokyo\n{more}", "utf-8")


def write(site: Path, name: str, text: str = "---\ntitle: x\ndate: 2026-01-02 20:00:00\n---\nWords.\n") -> None:
    file = site / "source" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def read(site: Path, **options: str) -> Collection:
    return Source("b", site, **options).read(NOW)


def only(site: Path, **options: str) -> Post:
    (post,) = read(site, **options).posts
    return post


@pytest.mark.parametrize("variant", RECORDED)
def test_every_post_is_what_hexo_makes_of_it(awkward: Path, variant: str) -> None:
    if variant == "tokens":
        with (awkward / "_config.yml").open("a", encoding="utf-8") as written:
            written.write((DATA / "tokens.yml").read_text("utf-8"))
    collection = read(awkward, build_time_zone="UTC") if variant == "in UTC" else read(awkward)
    posts = {post.path.removeprefix("source/"): post for post in collection.posts}
    answers = {answer["path"]: answer for answer in RECORDED[variant]}
    assert len(answers) > 80
    assert set(posts) <= set(answers)
    missing = set(answers) - set(posts)
    told = {problem.file.removeprefix("source/"): problem.code for problem in collection.problems}
    assert {path: told[path] for path in missing} == {path: LEFT_OUT[path] for path in missing}
    assert len(missing) in {len(LEFT_OUT), len(LEFT_OUT) - 1}  # the name says a date when the settings say so
    for path, post in posts.items():
        answer = answers[path]
        assert post.url == answer["url"], path
        assert post.published_at == datetime.fromisoformat(answer["date"]), path
        assert post.title == " ".join(answer["title"].split())
        assert (not post.withheld) == answer["shown"], path
        if answer["shown"]:  # Hexo does not tell the others
            assert set(post.tags) == set(answer["tags"]), path
            assert set(post.categories) == set(answer["categories"]), path


def test_what_hexo_refuses_is_an_error_with_its_line(awkward: Path) -> None:
    recorded = {answer["path"].removeprefix("_posts/") for answer in RECORDED["in Tokyo"]}
    assert not recorded & set(REFUSED)
    problems = {
        problem.file.removeprefix("source/_posts/"): (problem.level, problem.line)
        for problem in read(awkward).problems
        if problem.fix
    }
    assert {name: problems[name] for name in REFUSED} == {name: (Level.ERROR, line) for name, line in REFUSED.items()}


def test_the_details_of_a_post_are_read() -> None:
    posts = {post.path.removeprefix("source/_posts/"): post for post in read(DATA / "blog").posts}
    first, deep = posts["2026-02-01-first.md"], posts["技術/2026-02-08-deep.md"]
    assert (first.title, first.author, first.language) == ("最初の記事", "山田太郎", "ja")
    assert (first.categories, first.tags) == (("技術", "Web"), ("AI", "Hexo"))
    assert first.url == "https://hexo.example.com/blog/2026/02/01/first/"
    assert (first.pinned, first.weight, deep.weight) == (True, 0.5, -0.25)
    assert first.published_at.isoformat() == "2026-02-01T09:30:00+09:00"
    assert first.updated_at is not None
    assert first.updated_at.isoformat() == "2026-02-02T10:00:00+09:00"
    assert first.image == "https://hexo.example.com/blog/img/%E7%B5%B5.png"
    assert (deep.url, deep.language, deep.author) == ("https://hexo.example.com/blog/own/place/", "en", "編集部")
    assert posts["2026-02-03-tags.md"].published_at.isoformat() == "2026-02-03T00:00:00+09:00"
    assert posts["2026-02-05-twice.md"].categories == ("技術", "Web", "お知らせ")


def test_the_words_of_a_post_are_free_of_tags() -> None:
    collection = read(DATA / "blog")
    posts = {post.path.removeprefix("source/_posts/"): post for post in collection.posts}
    words = excerpt(posts["2026-02-03-tags.md"], 200)
    assert words == "The note is read, as is the link to the next post and to 最初の記事."
    assert excerpt(posts["2026-02-05-twice.md"], 40).startswith("Hexo needs only the line")
    assert [(problem.code, problem.level) for problem in collection.problems] == [("post.link", Level.WARNING)]
    assert "2026-02-05-twice" in collection.problems[0].message


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("a {% asset_img a.png x %} b", "a  b"),
        ("{% note info %}words{% endnote %}", "words"),
        ("{% blockquote A, B %}\nwords\n{% endblockquote %}", "\nwords\n"),
        ("a{% codeblock x.js %}{% y %}code{% endcodeblock %}b", "ab"),
        ("{% post_link there %}", "[The \\[other\\] post](https://x.example.com/there/)"),
        ("{% post_link there#part its own words true %}", "[its own words](https://x.example.com/there/#part)"),
        ("{% post_link nowhere 'a title' %}", "a title"),
        ("[x]({% post_path there %})", "[x](https://x.example.com/there/)"),
        ("{% link two words https://example.com/ true %}", "two words"),
        ("{% asset_link a.pdf 'the paper' %} {% asset_link b.pdf %}", "the paper b.pdf"),
        ('{% youtube "%}" %}x', "x"),
        ("a{# never seen #}b{{ page.title }}c", "abc"),
        ("{% raw %}{{ a }} {% b %}{% endraw %}c", "{\u200b{ a }} {\u200b% b %}c"),
        ("`{{ a }}` {{ a }}", "`{\u200b{ a }}` "),
        ("```\n{% raw %}\n```\n{% x %}y", "```\n{\u200b% raw %}\n```\ny"),
        ("no braces", "no braces"),
    ],
)
def test_a_tag_goes_and_its_inside_stays(written: str, left: str) -> None:
    def linked(name: str) -> tuple[str, str] | None:
        return ("https://x.example.com/there/", "The [other] post") if name == "there" else None

    assert tags.remove(written, linked) == left


@pytest.mark.parametrize(
    "text",
    [
        "{%a " * 50_000,
        '{%a "' * 50_000,
        "{{" * 100_000,
        "{#" * 100_000,
        "{%" + "a" * 200_000,
        "```\n" * 30_000 + "{{",
        "{{ " + "`a" * 100_000,
        "~~~~" * 50_000 + "{{",
    ],
)
def test_endless_tags_take_no_endless_time(text: str) -> None:
    before = time.process_time()
    tags.remove(text, lambda _: None)
    tags.links(text + "post_link")
    assert time.process_time() - before < 20


@pytest.mark.parametrize("text", ["---\n" * 100_000, "-" * 400_000, "---\n" + "\n--" * 100_000, ";;;\na\n" * 50_000])
def test_endless_separators_take_no_endless_time(text: str) -> None:
    before = time.process_time()
    hexo_header.body(text.encode())
    assert time.process_time() - before < 20


def test_a_post_can_be_linked_by_its_title(site: Path) -> None:
    write(site, "_posts/a.md", "---\ntitle: The Title\ndate: 2026-01-02\n---\nx\n")
    write(site, "_posts/b.md", "---\ntitle: b\ndate: 2026-01-03\n---\nSee {% post_link 'The Title' %} for all.\n")
    collection = read(site)
    assert collection.problems == ()
    assert collection.posts[0].body == "See [The Title](https://hexo.example.com/2026/01/02/a/) for all.\n"


def test_dates_in_addresses_are_those_of_the_building_machine(site: Path) -> None:
    write(site, "_posts/a.md", "---\ntitle: x\ndate: 2026-01-02 08:00:00\n---\n")
    assert only(site).url == "https://hexo.example.com/2026/01/02/a/"
    abroad = only(site, build_time_zone="UTC")
    assert abroad.url == "https://hexo.example.com/2026/01/01/a/"
    assert abroad.published_at.isoformat() == "2026-01-02T08:00:00+09:00"


def test_without_a_time_zone_utc_is_assumed_and_told(site: Path) -> None:
    (site / "_config.yml").write_text("url: https://hexo.example.com\n")
    write(site, "_posts/a.md")
    collection = read(site)
    assert collection.posts[0].published_at.isoformat() == "2026-01-02T20:00:00+00:00"
    assert [(problem.code, problem.level) for problem in collection.problems] == [("blog.time-zone", Level.WARNING)]
    assert read(site, time_zone="Europe/Berlin").problems == ()


@pytest.mark.parametrize("url", ["", "url: http://example.com", "url: ftp://x", "url: 3"])
def test_a_blog_that_is_read_nowhere_is_an_error(site: Path, url: str) -> None:
    (site / "_config.yml").write_text(f"{url}\ntimezone: Asia/Tokyo\n")
    write(site, "_posts/a.md")
    collection = read(site)
    assert collection.posts[0].url == "/2026/01/02/a/"
    assert [(problem.code, problem.level) for problem in collection.problems] == [("blog.url", Level.ERROR)]
    assert only(site, url="https://x.example.com/b/").url == "https://x.example.com/b/2026/01/02/a/"


def test_a_root_that_the_address_lacks_is_added_and_told(site: Path) -> None:
    settings(site, "root: /blog/\n")
    write(site, "_posts/a.md")
    collection = read(site)
    assert collection.posts[0].url == "https://hexo.example.com/blog/2026/01/02/a/"
    assert [(problem.code, problem.level) for problem in collection.problems] == [("blog.root", Level.WARNING)]


@pytest.mark.parametrize("token", ["abbrlink", "id", "tags", "permalink"])
def test_an_address_that_nobody_can_know_is_an_error(site: Path, token: str) -> None:
    settings(site, f"permalink: posts/:{token}/\n")
    write(site, "_posts/a.md", "---\ntitle: x\ndate: 2026-01-02\ntags: [a]\n---\n")
    write(site, "_posts/b.md", "---\ntitle: x\ndate: 2026-01-02\nabbrlink: 4f2a\nid: 7\n---\n")
    collection = read(site)
    assert {problem.code for problem in collection.problems} == {"post.permalink"}
    assert {post.url for post in collection.posts} <= {
        "https://hexo.example.com/posts/4f2a/",
        "https://hexo.example.com/posts/7/",
    }


def test_a_percent_sign_at_which_hexo_stops_is_an_error(site: Path) -> None:
    write(site, "_posts/100% sure.md")
    collection = read(site)
    assert collection.posts == ()
    assert [(problem.code, problem.level) for problem in collection.problems] == [("post.permalink", Level.ERROR)]


def test_drafts_and_hidden_posts_are_withheld_unless_the_blog_shows_drafts(site: Path) -> None:
    write(site, "_drafts/a.md")
    write(site, "_posts/b.md", "---\ntitle: x\ndate: 2026-01-02\npublished: false\n---\n")
    write(site, "_drafts/undated.md", "---\ntitle: x\n---\n")
    collection = read(site)
    assert {post.withheld for post in collection.posts} == {"draft", "published: false"}
    assert [(problem.code, problem.level) for problem in collection.problems] == [("post.undated", Level.INFO)]
    settings(site, "render_drafts: true\n")
    assert {post.withheld for post in read(site).posts} == {""}


def test_a_post_of_the_future_is_shown_unless_the_blog_hides_it(site: Path) -> None:
    write(site, "_posts/a.md", "---\ntitle: x\ndate: 2027-01-02\n---\n")
    assert only(site).withheld == ""
    settings(site, "future: false\n")
    assert only(site).withheld == "dated in the future"


def test_parts_of_a_name_count_as_settings(site: Path) -> None:
    settings(site, "new_post_name: :lang/:title.md\npermalink: :lang/:title/\n")
    write(site, "_posts/ja/a.md")
    post = only(site)
    assert (post.url, post.language) == ("https://hexo.example.com/ja/a/", "ja")


def test_a_name_that_is_not_like_the_pattern_says_no_date(site: Path) -> None:
    settings(site, "new_post_name: :year-:month-:day-:title.md\n")
    write(site, "_posts/2026-1-05-a.md", "---\ntitle: x\n---\n")
    write(site, "_posts/2026-01-05-b.md", "---\ntitle: x\n---\n")
    collection = read(site)
    assert [post.url for post in collection.posts] == ["https://hexo.example.com/2026/01/05/b/"]
    assert [(problem.code, problem.file) for problem in collection.problems] == [
        ("post.undated", "source/_posts/2026-1-05-a.md")
    ]


@pytest.mark.parametrize(
    ("pretty", "urls"),
    [
        ("{}", {"/a/index.html", "/b.html"}),
        ("{trailing_index: false}", {"/a/", "/b.html"}),
        ("{trailing_html: false}", {"/a/index.html", "/b"}),
    ],
)
def test_addresses_can_be_pretty(site: Path, pretty: str, urls: set[str]) -> None:
    settings(site, f"pretty_urls: {pretty}\n")
    write(site, "_posts/a.md", "---\ntitle: x\ndate: 2026-01-02\npermalink: a/index.html\n---\n")
    write(site, "_posts/b.md", "---\ntitle: x\ndate: 2026-01-02\npermalink: b.html\n---\n")
    assert {post.url.removeprefix("https://hexo.example.com") for post in read(site).posts} == urls


def test_a_name_with_too_many_free_parts_is_one_clear_error(site: Path) -> None:
    settings(site, "new_post_name: ':a-:b-:c-:title.md'\n")
    with pytest.raises(SourceError, match="more parts") as caught:
        read(site)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "line"), [("url: a: b\n", 1), ("a: 1\na: 2\n", 2), ("- a\n", 1), ("source_dir: ../..\n", 1)]
)
def test_settings_that_cannot_be_read_are_one_clear_error(site: Path, text: str, line: int) -> None:
    (site / "_config.yml").write_text(text)
    with pytest.raises(SourceError) as caught:
        read(site)
    assert caught.value.line == line


def test_settings_may_be_json_and_lie_beside_another_source_folder(tmp_path: Path) -> None:
    (tmp_path / "_config.json").write_text(
        '{"url": "https://hexo.example.com", "timezone": "UTC", "source_dir": ".", "language": ["zh-CN", "en"]}'
    )
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "a.md").write_text("---\ntitle: x\ndate: 2026-01-02\n---\n")
    assert (only(tmp_path).url, only(tmp_path).language) == ("https://hexo.example.com/2026/01/02/a/", "zh-CN")


def test_a_linked_folder_is_not_followed_and_is_told(site: Path) -> None:
    write(site, "_posts/real/a.md")
    (site / "source/_posts/linked").symlink_to(site / "source/_posts/real")
    collection = read(site)
    assert len(collection.posts) == 1
    assert [(problem.code, problem.file) for problem in collection.problems] == [
        ("blog.linked-folder", "source/_posts/linked")
    ]


def test_hexo_is_told_from_jekyll_by_its_folder_of_posts(site: Path) -> None:
    assert detect(site) == "hexo"
    (site / "source" / "_posts").rmdir()
    assert detect(site) == "jekyll"


@pytest.mark.parametrize(
    ("text", "data", "line"),
    [
        ("---\ntitle: a\n---\nx", {"title": "a"}, 2),
        ("title: a\n---\nx", {"title": "a"}, 1),
        (';;;\n"title": "a"\n;;;\nx', {"title": "a"}, 2),
        ('"title": "a"\n;;;\nx', {"title": "a"}, 1),
        ("-----\ntitle: a\n-----\nx", {"title": "a"}, 2),
        ("Plain words.\n---\nx", {}, 0),
        ("x", {}, 0),
    ],
)
def test_settings_are_found_with_their_lines(text: str, data: dict[str, str], line: int) -> None:
    document = hexo_header.read(text.encode())
    assert document.data == data
    assert document.lines.get("title", 0) == line
    assert document.body == hexo_header.body(text.encode()) == ("x" if data else text)


@pytest.mark.parametrize(
    ("name", "transform", "slug"),
    [
        ("Hello, World!", 0, "Hello-World"),
        ("C# & .NET", 1, "c-net"),
        ("日本語 の　タイトル（仮）", 0, "日本語-の-タイトル（仮）"),
        ("Ünïcödé ÆØßœł", 0, "Unicode-AEOsoel"),
        ("ａｂｃ", 2, "ABC"),
        ("--a--b--", 0, "a-b"),
    ],
)
def test_a_name_is_spelt_as_hexo_does(name: str, transform: int, slug: str) -> None:
    assert slugize(name, transform) == slug


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("_posts/a/*", "_posts/a/b.md", True),
        ("_posts/*", "_posts/a/b.md", False),
        ("_posts/**", "_posts/a/b.md", True),
        ("**/b.md", "_posts/a/b.md", True),
        ("**/*.{txt,md}", "_posts/a/b.md", True),
        ("_posts/?/b*d", "_posts/a/b.md", True),
        ("*.md", "b.md", True),
        ("*", ".hidden", False),
        ("*a" * 30 + "b", "a" * 60, False),
    ],
)
def test_paths_match_patterns(pattern: str, path: str, matched: bool) -> None:
    assert globs.matches(path, [pattern]) is matched


def test_many_posts_that_lack_the_same_part_of_their_address_are_one_finding(site: Path) -> None:
    settings(site, "permalink: posts/:abbrlink/\n")
    for number in range(11):
        write(site, f"_posts/{number:02}.md")
    collection = Source("blog", site).read(NOW)
    assert collection.posts == ()
    (problem,) = [each for each in collection.problems if each.code == "post.permalink"]
    assert "11 files: source/_posts/00.md, source/_posts/01.md" in problem.message
