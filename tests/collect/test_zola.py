"""Zola: dated pages at the addresses, moments and words that Zola 0.22 itself gives them (recorded.json)."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from digest.collect import detect
from digest.collect.sources.zola import Source, recognises
from digest.collect.words.excerpt import excerpt
from digest.collect.zola import shortcodes
from digest.collect.zola.settings import ignoring
from digest.collect.zola.slugs import slugify, unsure
from digest.errors import SourceError
from digest.models import Collection, Level, Post

DATA = Path(__file__).parent.parent / "data" / "sources" / "zola"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
RECORDED: dict[str, Any] = json.loads((DATA / "recorded.json").read_text("utf-8"))
SLUGIFY = {
    "safe": '[slugify]\npaths = "safe"\n',
    "off, with dates": '[slugify]\npaths = "off"\npaths_keep_dates = true\n',
}
HIDDEN = {
    "draft.md": "draft",
    "hidden/inside.md": "in a section of drafts",
    "hidden/deep/inside.md": "in a section of drafts",
    "unrendered.md": "render: false",
}


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "awkward", tmp_path / "awkward"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    (tmp_path / "config.toml").write_text('base_url = "https://zola.example.com"\n[languages.ja]\n')
    return tmp_path


def write(site: Path, name: str, text: str) -> None:
    file = site / "content" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def read(site: Path, **options: str) -> Collection:
    return Source("b", site, **options).read(NOW)


def only(site: Path, **options: str) -> Post:
    (post,) = read(site, **options).posts
    return post


@pytest.mark.parametrize("variant", RECORDED["shown"])
def test_every_page_is_what_zola_makes_of_it(awkward: Path, variant: str) -> None:
    settings = awkward / "config.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[languages.ja]", f"{SLUGIFY.get(variant, '')}\n[languages.ja]"), "utf-8"
    )
    posts = {post.path.removeprefix("content/"): post for post in read(awkward).posts}
    answers: dict[str, dict[str, Any]] = RECORDED["shown"][variant]
    assert len(answers) > 50
    assert {path for path, post in posts.items() if not post.withheld} == set(answers)
    assert {path: post.withheld for path, post in posts.items() if post.withheld} == HIDDEN
    for path, answer in answers.items():
        post = posts[path]
        assert unquote(post.url) == answer["url"], path
        assert post.url.isascii()
        moment = datetime.fromisoformat(answer["date"])
        assert post.published_at == (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), path
        assert post.title == (answer["title"] or "")
        assert list(post.categories) == answer["taxonomies"].get("categories", []), path
        assert list(post.tags) == answer["taxonomies"].get("tags", []), path
        assert post.author == ", ".join(answer["authors"] or ["The Editors"])
        assert post.language == answer["language"]


@pytest.mark.parametrize("name", RECORDED["refused"])
def test_a_page_at_which_zola_stops_is_an_error_and_no_post(site: Path, name: str) -> None:
    shutil.copy(DATA / "refused" / name, site / "content" / name)
    collection = read(site)
    if not RECORDED["refused"][name]:
        assert all(problem.level is not Level.ERROR for problem in collection.problems)
        return
    assert collection.posts == ()
    (problem,) = collection.problems
    assert (problem.level, problem.file) == (Level.ERROR, f"content/{name}")
    assert problem.message
    assert problem.fix


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("rfc-offset.md", 3),
        ("draft-text.md", 4),
        ("empty-term.md", 5),
        ("taxonomy.md", 4),
        ("twice.md", 4),
        ("no-equals.md", 4),
        ("open.md", 1),
        ("yaml-yes.md", 3),
        ("yaml-twice.md", 3),
        ("yaml-colon.md", 2),
        ("null-byte.md", 4),
    ],
)
def test_the_line_at_which_zola_stops_is_told(site: Path, name: str, line: int) -> None:
    shutil.copy(DATA / "refused" / name, site / "content" / name)
    assert [problem.line for problem in read(site).problems] == [line]


def test_blank_lines_above_the_settings_count(site: Path) -> None:
    write(site, "a.md", '\n\n+++\ntitle = "x"\ndate = "soon"\n+++\n')
    write(site, "b.md", "\n\n---\ntitle: x\ndate: soon\n---\n")
    write(site, "c.md", "\n\n+++\ntitle = x\n+++\n")
    assert [problem.line for problem in read(site).problems] == [5, 5, 4]


def test_terms_in_yaml_are_what_is_written(site: Path) -> None:
    with (site / "config.toml").open("a") as settings:
        settings.write("[[languages.en.taxonomies]]\nname = 'tags'\n")
    write(site, "a.md", "---\ntitle: 1.50\ndate: 2026-01-02\ntaxonomies:\n  tags: [2026, true, 3.10]\n---\n")
    assert (only(site).title, only(site).tags) == ("1.50", ("2026", "true", "3.10"))


def test_the_details_of_a_post_are_read() -> None:
    posts = {post.path.removeprefix("content/blog/"): post for post in read(DATA / "blog").posts}
    first, yaml = posts["first.md"], posts["yaml.md"]
    assert (first.title, first.author, first.language) == ("最初の記事", "山田太郎, Jane Doe", "ja")
    assert (first.categories, first.tags) == (("ニュース",), ("AI", "Zola"))
    assert (first.pinned, first.weight, yaml.weight) == (True, 0.5, -0.25)
    assert first.updated_at == datetime(2026, 2, 2, tzinfo=UTC)
    assert first.published_at.isoformat() == "2026-02-01T09:30:00+09:00"
    assert first.image == "https://zola.example.com/img/%E7%B5%B5.png"
    assert posts["2026-02-11-with-a-folder/index.md"].image == "https://zola.example.com/blog/with-a-folder/cover.png"
    assert yaml.author == "編集部"
    assert posts["future.md"].withheld == ""
    assert posts["utc.md"].url == "https://zola.example.com/blog/ri-ben-yu-no-slug/"


def test_the_words_of_a_post_are_free_of_shortcodes() -> None:
    posts = {post.path.removeprefix("content/blog/"): post for post in read(DATA / "blog").posts}
    assert excerpt(posts["utc.md"], 60).startswith("A date without an offset is read")
    assert excerpt(posts["2026-02-11-with-a-folder/index.md"], 60) == "The picture lies beside the text."
    assert excerpt(posts["first.md"], 60) == "この記事の要約です。"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("a {{ x() }} b", "a  b"),
        ('a {{ x(a="}}", b=[1, "2"], c=`)`) }} b', "a  b"),
        ("{{\n  x(\n    a = 1,\n  )\n}}b", "b"),
        ("{% quote(author='V') %}words{% end %}", "words"),
        ("{% a() %}one {% b() %}two{% end %} {{ c() }}three{% end %}", "one two three"),
        ("a{% mermaid() %}graph {% x() %}y{% end %} TD{% end %}b", "ab"),
        ("a {{/* x() */}} b", "a {\u200b{ x() }} b"),
        ("{%/* x() */%}w{%/* end */%}", "{\u200b% x() %}w{\u200b% end %}"),
        ("a {{ no_call }} {% no %} b", "a {\u200b{ no_call }} {\u200b% no %} b"),
        ("no braces", "no braces"),
    ],
)
def test_a_shortcode_goes_and_its_inside_stays(written: str, left: str) -> None:
    assert shortcodes.remove(written) == left


def test_braces_that_are_plain_text_are_read_as_such(site: Path) -> None:
    write(site, "2026-01-02-a.md", '+++\ntitle = "x"\n+++\nWrite {{ page.title }} or `{{/* x() */}}` in a template.\n')
    assert excerpt(only(site), 80) == "Write {{ page.title }} or {{ x() }} in a template."


@pytest.mark.parametrize(
    "text", ["{{a(" * 50_000, '{{a("' * 50_000, "{%a(" + '"{{a("' * 30_000, "{{" * 100_000, "{{a(" + "b" * 200_000]
)
def test_endless_shortcodes_take_no_endless_time(text: str) -> None:
    before = time.process_time()
    shortcodes.remove(text)
    assert time.process_time() - before < 20


def test_a_date_in_an_own_path_counts_where_the_page_says_none(site: Path) -> None:
    write(site, "a.md", '+++\ntitle = "x"\npath = "2026/03/26/1.94.1-release"\n+++\n')
    write(site, "b.md", '+++\ntitle = "x"\npath = "news/2026-02-30/x"\n+++\n')
    collection = read(site)
    assert [(post.url, post.published_at.isoformat()) for post in collection.posts] == [
        ("https://zola.example.com/2026/03/26/1.94.1-release/", "2026-03-26T00:00:00+00:00")
    ]
    assert [(problem.code, problem.level) for problem in collection.problems] == [("post.undated", Level.INFO)]


def test_a_moment_can_stand_in_the_name(site: Path) -> None:
    write(site, "2026-01-08T10:00:00+09:00-hello.md", '+++\ntitle = "x"\n+++\n')
    post = only(site)
    assert (post.url, post.published_at.isoformat()) == ("https://zola.example.com/hello/", "2026-01-08T10:00:00+09:00")


def test_a_day_in_the_name_that_does_not_exist_is_an_error(site: Path) -> None:
    write(site, "2026-02-30-hello.md", '+++\ntitle = "x"\n+++\n')
    assert [(problem.code, problem.level) for problem in read(site).problems] == [("post.date", Level.ERROR)]


def test_a_page_without_a_date_is_a_warning_only_where_posts_are_listed_by_date(site: Path) -> None:
    write(site, "blog/_index.md", '+++\nsort_by = "date"\n+++\n')
    write(site, "blog/2026/_index.md", "+++\ntransparent = true\n+++\n")
    for name in ("about.md", "blog/a.md", "blog/b/index.md", "blog/2026/c.md"):
        write(site, name, '+++\ntitle = "x"\n+++\n')
    levels = {problem.file: problem.level for problem in read(site).problems if problem.code == "post.undated"}
    assert levels == {
        "content/about.md": Level.INFO,
        "content/blog/a.md": Level.WARNING,
        "content/blog/b/index.md": Level.WARNING,
        "content/blog/2026/c.md": Level.WARNING,
    }


def test_a_section_that_cannot_be_read_hides_its_pages(site: Path) -> None:
    write(site, "blog/_index.md", "+++\ndraft = yes\n+++\n")
    write(site, "blog/2026-01-02-a.md", '+++\ntitle = "x"\n+++\n')
    collection = read(site)
    assert [post.withheld for post in collection.posts] == ["in a section of drafts"]
    assert [(problem.code, problem.level, problem.line) for problem in collection.problems] == [
        ("blog.section", Level.ERROR, 2)
    ]


def test_only_one_section_can_be_asked_for(site: Path) -> None:
    write(site, "blog/2026-01-02-a.md", '+++\ntitle = "x"\n+++\n')
    write(site, "blogs/2026-01-02-b.md", '+++\ntitle = "x"\n+++\n')
    assert only(site, section="blog/").path == "content/blog/2026-01-02-a.md"
    with pytest.raises(SourceError, match="content/nowhere"):
        read(site, section="nowhere")
    with pytest.raises(SourceError, match="no folder"):
        read(site, section="../..")


def test_dates_without_an_offset_are_utc_unless_the_source_says_otherwise(site: Path) -> None:
    write(site, "a.md", '+++\ntitle = "x"\ndate = 2026-01-02T20:00:00\n+++\n')
    assert only(site).published_at.isoformat() == "2026-01-02T20:00:00+00:00"
    assert only(site, time_zone="Asia/Tokyo").published_at.isoformat() == "2026-01-02T20:00:00+09:00"


def test_a_linked_folder_is_not_followed_and_is_told(site: Path) -> None:
    write(site, "real/2026-01-02-a.md", '+++\ntitle = "x"\n+++\n')
    (site / "content" / "linked").symlink_to(site / "content" / "real")
    collection = read(site)
    assert len(collection.posts) == 1
    assert [(problem.code, problem.file) for problem in collection.problems] == [
        ("blog.linked-folder", "content/linked")
    ]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("", "blog.url"),
        ('base_url = ""', "blog.url"),
        ('base_url = "/"', "blog.url"),
        ('base_url = "ftp://x"', "blog.url"),
    ],
)
def test_a_site_that_is_read_nowhere_is_an_error(site: Path, settings: str, code: str) -> None:
    (site / "config.toml").write_text(settings)
    write(site, "2026-01-02-a.md", '+++\ntitle = "x"\n+++\n')
    collection = read(site)
    assert [post.url for post in collection.posts] == ["/a/"]
    assert [(problem.level, problem.code) for problem in collection.problems] == [(Level.ERROR, code)]
    assert only(site, url="https://x.example.com/").url == "https://x.example.com/a/"


@pytest.mark.parametrize(
    ("settings", "line"),
    [("base_url = x", 1), ('base_url = "x"\n[slugify]\npaths = "maybe"\n', 3), ("a = 1\na = 2\n", 2)],
)
def test_settings_that_cannot_be_read_are_one_clear_error(site: Path, settings: str, line: int) -> None:
    (site / "config.toml").write_text(settings)
    with pytest.raises(SourceError) as caught:
        read(site)
    assert (caught.value.line, bool(caught.value.fix)) == (line, True)


def test_settings_outside_of_the_blog_are_not_followed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "config.toml"
    secret.write_text('base_url = "https://secret.example.com"\n')
    (site / "config.toml").unlink()
    (site / "config.toml").symlink_to(secret)
    assert not recognises(site, ["config.toml"])
    with pytest.raises(SourceError, match="outside"):
        read(site)


def test_zola_is_told_from_hugo_by_the_name_of_the_address(site: Path) -> None:
    assert detect(site) == "zola"
    assert recognises(site, ["zola.toml"])
    (site / "config.toml").write_text('baseURL = "https://example.com"\n')
    assert not recognises(site, ["config.toml", "content"])


@pytest.mark.parametrize(
    ("name", "strategy", "slug"),
    [
        ("  --test_-_cool", "on", "test-cool"),
        ("Æúű--cool?", "on", "aeuu-cool"),
        ("user@example.com", "on", "user-example-com"),
        ("か\u3099ん", "on", "ka-n"),
        ("データ", "on", "deta"),
        ("学术什么价旅", "on", "xue-shu-shen-me-jia-lv"),
        ('a<b>: "c" /d\\|?*. . ', "safe", "ab c d"),
        ("a b?", "off", "a b?"),
    ],
)
def test_a_name_is_spelt_as_zola_does(name: str, strategy: str, slug: str) -> None:
    assert slugify(name, strategy) == slug
    assert unsure(name, strategy) == ""


def test_a_name_whose_spelling_is_unknown_is_told(site: Path) -> None:
    write(site, "2026-01-02-🎉party.md", '+++\ntitle = "x"\n+++\n')
    (problem,) = read(site).problems
    assert (problem.code, problem.level) == ("post.slug", Level.WARNING)
    assert "🎉" in problem.message
    assert only(site).withheld == "its address is not known"
    (site / "config.toml").write_text('base_url = "https://zola.example.com"\n[slugify]\npaths = "safe"\n')
    assert read(site).problems == ()
    assert only(site).withheld == ""


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("*.tmp.md", "/s/content/a/b.tmp.md", True),
        ("*.tmp.md", "/s/content/a/b.md", False),
        ("**/{x,y}/**", "/s/content/y/a.md", True),
        ("content/a.md", "/s/content/a.md", False),
        ("/s/**/a.md", "/s/a.md", True),
        ("*/[!a].md", "/s/b.md", True),
        ("*/[^a].md", "/s/a.md", False),
        (r"*/\{a\}.md", "/s/{a}.md", True),
        ("{" * 50, "/s/a.md", False),
        ("{a,b}" * 40, "/s/a.md", False),
    ],
)
def test_content_is_ignored_by_patterns(pattern: str, path: str, ignored: bool) -> None:
    found = ignoring([pattern])
    assert found is not None
    assert (found.match(path) is not None) == ignored


def test_what_was_not_understood_of_the_newsletter_is_told_with_its_line(site: Path) -> None:
    write(site, "2026-01-02-a.md", '+++\ntitle = "x"\n[extra.newsletter]\npin = true\nwieght = 1\n+++\n')
    collection = read(site)
    assert collection.posts[0].pinned
    assert [(problem.code, problem.line) for problem in collection.problems] == [("post.newsletter", 5)]


def test_a_title_is_missed_but_not_made_up(site: Path) -> None:
    write(site, "2026-01-02-a.md", "+++\n[extra]\ntitle = 'not the title'\n+++\n")
    collection = read(site)
    assert collection.posts[0].title == ""
    assert [problem.code for problem in collection.problems] == ["post.title"]
