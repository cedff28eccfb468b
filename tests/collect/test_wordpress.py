"""A WordPress site says the same here as it shows by itself, and what it said last stands in when it is away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect import open_source
from digest.collect.fetching import Fetcher
from digest.collect.sources.wordpress import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import ConfigError, SourceError
from digest.models import Level, Post
from tests.contracts.test_sources import Notebook
from tests.servers.blogs import WordPress, as_json, page
from tests.servers.http import closed_port

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data/sources/wordpress/recorded.json").read_text("utf-8")
)
SHOWN = {shown["slug"]: shown for shown in RECORDED["shown"]}


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""

    async def at_once(_: float) -> None:
        return None

    monkeypatch.setattr("digest.collect.sources.wordpress.Fetcher", partial(Fetcher, wait=at_once))


@pytest.fixture
def blog() -> Iterator[WordPress]:
    with WordPress(RECORDED["posts"], RECORDED["site"]) as running:
        yield running


def source(blog: WordPress, **options: object) -> Source:
    return Source("blog", blog.url, allow_private=True, **options)  # type: ignore[arg-type] - a mix of types


def posts_of(blog: WordPress, **options: object) -> dict[str, Post]:
    """Return the posts by their slug in WordPress."""
    slugs = {f"blog:{post['id']}": post["slug"] for post in blog.posts}
    return {slugs[post.id]: post for post in source(blog, **options).read(NOW).posts}


def made(number: int, **fields: object) -> dict[str, Any]:
    """Return a post as the REST API writes it."""
    moment = datetime.fromisoformat("2026-11-01T01:00:00") + timedelta(hours=number % 400 - 1)
    return {
        "id": number,
        "date": moment.isoformat(),
        "date_gmt": (moment + timedelta(hours=5)).isoformat(),
        "modified_gmt": (moment + timedelta(hours=5)).isoformat(),
        "slug": f"post-{number}",
        "status": "publish",
        "link": f"https://blog.example/{number}/",
        "title": {"rendered": f"Post {number}"},
        "content": {"rendered": "<p>Words of the post.</p>", "protected": False},
        "excerpt": {"rendered": "", "protected": False},
        "categories": [],
        "_embedded": {},
        **fields,
    }


@pytest.mark.parametrize("slug", SHOWN)
def test_each_post_is_as_the_real_tool_shows_it(blog: WordPress, slug: str) -> None:
    post, shown = posts_of(blog)[slug], SHOWN[slug]
    assert post.url == shown["url"]
    assert int(post.published_at.timestamp()) == shown["instant"]
    if slug != "skipped":  # no clock ever showed that hour
        assert post.published_at.strftime("%Y-%m-%d %H:%M:%S") == shown["shown_date"]
    assert list(post.categories) == shown["categories"]
    assert list(post.tags) == shown["tags"]
    assert post.author == shown["author"]
    assert post.image == shown["image"]
    assert bool(post.withheld) is shown["protected"]
    if shown["title"] and not shown["protected"]:
        assert post.title == shown["title"]


def test_no_post_is_missing_and_none_is_too_many(blog: WordPress) -> None:
    assert set(posts_of(blog)) == set(SHOWN)
    assert len(SHOWN) == 32


def test_a_post_without_a_title_is_called_by_its_slug_or_its_words(blog: WordPress) -> None:
    posts = posts_of(blog)
    assert posts["micro-note"].title == "Micro note"
    assert posts["20-2"].title == "Neither a title nor a slug, so that the number is the slug."


def test_only_what_an_author_wrote_is_a_summary(blog: WordPress) -> None:
    posts = posts_of(blog)
    assert posts["plain"].summary == "", "WordPress cut the text by itself"
    assert posts["%e6%97%a5%e6%9c%ac%e8%aa%9e%e3%81%ae%e3%82%b9%e3%83%a9%e3%83%83%e3%82%b0"].summary == ""
    assert excerpt(posts["summary"], 100) == "Written by hand & kept; 2 * 3 * 4."
    assert excerpt(posts["plain"], 120).endswith("counts words.")
    assert excerpt(posts["blocks"], 200).startswith("A paragraph of a block, with a link.")
    assert excerpt(posts["more"], 100) == "Before the fold, a sentence."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<p>Words of the [&hellip;]</p>", ""),
        ('<p>Words of&hellip; <a class="more-link" href="/1/">Continue reading Post 1</a></p>', ""),
        ('<p>By hand. <a href="/1/" class="read-more button">Weiterlesen</a></p>', "By hand."),
        ("<p>By hand. Continue reading</p>", "By hand."),
        ("<p>Words of the post.</p>\n", ""),
        ("<p>Of my own &amp; short &#8212; so it stays</p>", "Of my own \\& short — so it stays"),
        ("<p>あとは本文で。<a class='more-link'>続きを読む</a></p>", "あとは本文で。"),
    ],
)
def test_the_tail_of_an_excerpt_is_taken_off(blog: WordPress, written: str, expected: str) -> None:
    content = {"rendered": "<p>Words of the post. And many more of them.</p>", "protected": False}
    if written.startswith("<p>Words of the post."):
        content["rendered"] = "<p>Words of the post.</p>"
    blog.posts = [made(1, excerpt={"rendered": written}, content=content)]
    (post,) = source(blog).read(NOW).posts
    assert post.summary == expected


def test_a_change_is_no_publication(blog: WordPress) -> None:
    post = posts_of(blog)["edited"]
    assert post.published_at.isoformat() == "2026-11-18T12:00:00-05:00"
    assert post.updated_at is not None
    assert post.updated_at.isoformat() == "2026-11-20T08:00:00-05:00"


def test_a_sticky_post_is_not_pinned(blog: WordPress) -> None:
    assert not posts_of(blog)["sticky"].pinned


@pytest.mark.parametrize(
    ("site", "options", "offset"),
    [
        ({"timezone_string": "Asia/Tokyo", "gmt_offset": 9}, {}, "+09:00"),
        ({"timezone_string": "", "gmt_offset": "5.5"}, {}, "+05:30"),
        ({"timezone_string": "", "gmt_offset": 0}, {}, "+00:00"),
        ({"timezone_string": "Nowhere/Atall", "gmt_offset": "-3.5"}, {}, "-03:30"),
        ({"timezone_string": "", "gmt_offset": "nan"}, {}, "-05:00"),
        ({}, {}, "-05:00"),
        ({"timezone_string": "Asia/Tokyo"}, {"time_zone": "Europe/Berlin"}, "+01:00"),
    ],
)
def test_the_moment_is_told_in_the_zone_of_the_site(
    blog: WordPress, site: Mapping[str, object], options: Mapping[str, object], offset: str
) -> None:
    blog.site = {"namespaces": [], **site}
    blog.posts = [made(1)]
    (post,) = source(blog, **options).read(NOW).posts
    assert post.published_at.isoformat().endswith(offset)
    assert post.published_at == datetime.fromisoformat("2026-11-01T06:00:00+00:00")


@pytest.mark.parametrize("utc", ["1970-01-01T00:00:00", "0000-00-00T00:00:00", None, "2026-11-01T09:00:01+00:00:00"])
def test_a_utc_date_that_an_import_left_wrong_does_not_count(blog: WordPress, utc: str | None) -> None:
    blog.posts = [made(1, date="2026-11-01T09:00:00", date_gmt=utc)]
    (post,) = source(blog).read(NOW).posts
    assert post.published_at.isoformat() == "2026-11-01T09:00:00-05:00"


@pytest.mark.parametrize("tells", [True, False])
def test_every_page_is_read(blog: WordPress, tells: bool) -> None:
    blog.posts = [made(number) for number in range(1, 351)]
    blog.tells_totals = tells
    posts = source(blog).read(NOW).posts
    assert {post.id for post in posts} == {f"blog:{number}" for number in range(1, 351)}
    assert len([asked for asked in blog.requests if asked.path.endswith("posts")]) == (4 if tells else 5)


def test_a_post_that_moves_to_the_next_page_meanwhile_counts_once(blog: WordPress) -> None:
    blog.posts = [made(number) for number in range(1, 151)]

    def one_more_after_the_first_page(path: str) -> None:
        if "page=2" in path and len(blog.posts) == 150:
            blog.posts.append(made(399))

    blog.answer = one_more_after_the_first_page
    assert len({post.id for post in source(blog).read(NOW).posts}) == 150


def test_with_since_only_what_is_newer_is_asked_for(blog: WordPress) -> None:
    since = datetime(2026, 11, 12, 9, 0, tzinfo=ZoneInfo("America/New_York"))
    posts = source(blog).read(NOW, since).posts
    everything = source(blog).read(NOW).posts
    assert list(posts) == [post for post in everything if post.offered_at >= since]
    assert len(posts) < len(everything)
    asked = next(asked for asked in blog.requests if asked.path.endswith("posts"))
    assert asked.query["after"] == "2026-11-10T14:00:00Z"


@pytest.mark.parametrize("link_in", ["header", "head", ""])
def test_without_pretty_permalinks_the_api_is_found(blog: WordPress, link_in: str) -> None:
    blog.pretty, blog.link_in = False, link_in
    assert len(source(blog).read(NOW).posts) == 32


def test_the_address_of_the_api_is_taken_too(blog: WordPress) -> None:
    posts = Source("blog", f"{blog.url}/wp-json/wp/v2/posts", allow_private=True).read(NOW).posts
    assert len(posts) == 32


def test_a_closed_index_does_not_matter_when_the_posts_are_open(blog: WordPress) -> None:
    closed = as_json({"code": "rest_forbidden", "message": "No."}, 401)
    blog.answer = lambda path: closed if path.startswith("/wp-json/?") else None
    posts = source(blog).read(NOW).posts
    assert len(posts) == 32
    assert posts[0].published_at.isoformat() == "2026-11-19T11:00:00-05:00"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "rest_not_logged_in"), (403, "rest_disabled"), (404, "rest_no_route")]
)
def test_a_site_that_says_no_is_an_error_that_names_the_way_out_beside_its_last_good_answers(
    blog: WordPress, status: int, code: str
) -> None:
    memory = Notebook()
    before = source(blog).read(NOW, memory=memory)
    refusal = as_json({"code": code, "message": "Only for\x1b members"}, status)
    blog.answer = lambda path: refusal if "wp/v2/posts" in path else None
    collection = source(blog).read(NOW, memory=memory)
    (finding,) = set(collection.problems) - set(before.problems)
    assert (collection.posts, finding.level, finding.code) == (before.posts, Level.ERROR, "blog.unreachable")
    assert f"(status {status}): Only for members. Its posts are those of the last good reading" in finding.message
    with pytest.raises(SourceError, match=f"status {status}.: Only for members") as error:
        source(blog).read(NOW)
    for fix in (finding.fix, error.value.fix):
        assert "/wp-json/wp/v2/posts" in fix
        assert 'kind = "feed"' in fix


def test_what_is_no_wordpress_is_told(blog: WordPress) -> None:
    memory = Notebook()
    before = source(blog).read(NOW, memory=memory)
    blog.answer = lambda _: page("<html>A shop</html>")
    with pytest.raises(SourceError, match="does not answer as a WordPress site does"):
        source(blog).read(NOW)
    collection = source(blog).read(NOW, memory=memory)
    (finding,) = set(collection.problems) - set(before.problems)
    assert (collection.posts, finding.level) == (before.posts, Level.ERROR)
    assert "does not answer as a WordPress site does" in finding.message
    blog.answer = lambda _: page("<html>Gone</html>", 410)
    (finding,) = set(source(blog).read(NOW, memory=memory).problems) - set(before.problems)
    assert finding.level is Level.ERROR
    assert "does not answer as a WordPress site does: " in finding.message
    assert "status 410" in finding.message


def test_a_site_that_has_no_posts_any_more_is_not_believed(blog: WordPress) -> None:
    memory = Notebook()
    before = source(blog).read(NOW, memory=memory)
    blog.posts = []
    collection = source(blog).read(NOW, memory=memory)
    (finding,) = set(collection.problems) - set(before.problems)
    assert (collection.posts, finding.level, finding.code) == (before.posts, Level.WARNING, "blog.unreachable")
    assert "it has no posts any more, and had 3" in finding.message


def test_trouble_that_passes_is_an_error_after_three_days(blog: WordPress) -> None:
    memory = Notebook()
    source(blog).read(NOW, memory=memory)
    blog.answer = lambda _: page("Away", 503)
    levels = [
        max(problem.level for problem in source(blog).read(NOW + days * timedelta(days=1), memory=memory).problems)
        for days in (3, 4)
    ]
    assert levels == [Level.WARNING, Level.ERROR]


def test_when_the_site_is_away_its_last_good_answers_are_used_and_that_is_said(blog: WordPress) -> None:
    memory = Notebook()
    before = source(blog).read(NOW - timedelta(days=2), memory=memory)
    later = NOW + timedelta(days=1)
    for answer in (page("Bad gateway", 502), page("Maintenance", 503), page("Wi-Fi login"), page("[{]")):
        blog.answer = lambda path, answer=answer: answer if "wp/v2/posts" in path else None  # type: ignore[misc]
        collection = source(blog).read(later, memory=memory)
        assert collection.posts == before.posts
        (finding,) = set(collection.problems) - set(before.problems)
        assert (finding.level, finding.code) == (Level.WARNING, "blog.unreachable")
        assert "2026-11-19 19:00 -0500" in finding.message
        assert finding.fix
    with pytest.raises(SourceError):
        source(blog).read(later, memory=Notebook())


def test_a_site_that_cannot_be_reached_needs_last_good_answers() -> None:
    away = Source("blog", f"http://127.0.0.1:{closed_port()}", allow_private=True)
    with pytest.raises(SourceError, match="cannot be reached"):
        away.read(NOW, memory=Notebook())


def test_a_page_that_fails_spoils_the_whole_answer(blog: WordPress) -> None:
    blog.posts = [made(number) for number in range(1, 351)]
    memory = Notebook()
    source(blog).read(NOW, memory=memory)
    blog.posts.append(made(351))
    blog.answer = lambda path: page("Gone", 500) if "page=3" in path else None
    collection = source(blog).read(NOW, memory=memory)
    assert len(collection.posts) == 350
    assert [problem.code for problem in collection.problems] == ["blog.unreachable"]


def test_a_server_that_breaks_down_over_a_hundred_posts_is_asked_for_fewer(blog: WordPress) -> None:
    blog.answer = lambda path: page("Fatal error", 500) if "per_page=100" in path else None
    collection = source(blog).read(NOW)
    assert len(collection.posts) == 32
    assert collection.problems == ()


def test_short_readings_add_to_what_is_kept_and_drop_what_was_taken_back(blog: WordPress) -> None:
    memory = Notebook()
    source(blog).read(NOW - timedelta(days=1), memory=memory)
    blog.posts = [post for post in blog.posts if post["slug"] != "emoji"] + [
        made(900, date="2026-11-21T15:00:00", date_gmt="2026-11-21T20:00:00")
    ]
    source(blog).read(NOW, NOW - timedelta(days=7), memory)
    blog.answer = lambda _: page("Away", 503)
    collection = source(blog).read(NOW + timedelta(days=1), memory=memory)
    slugs = {post.url.rstrip("/").rpartition("/")[2] for post in collection.posts}
    assert {"900", "old", "plain"} <= slugs
    assert "emoji" not in slugs
    assert "missing" not in collection.problems[0].message


def test_what_is_kept_says_how_far_back_it_reaches(blog: WordPress) -> None:
    memory = Notebook()
    source(blog).read(NOW, NOW - timedelta(days=7), memory)
    blog.answer = lambda _: page("Away", 503)
    short = source(blog).read(NOW, NOW - timedelta(days=7), memory)
    assert "missing" not in short.problems[0].message
    whole = source(blog).read(NOW, memory=memory)
    assert "Posts from before 2026-11-12 19:00 -0500 are missing" in whole.problems[0].message


@pytest.mark.parametrize("harm", ["line", "lost", "about"])
def test_a_spoilt_memory_is_not_used(blog: WordPress, harm: str) -> None:
    memory = Notebook()
    source(blog).read(NOW, memory=memory)
    key = "" if harm == "about" else "33"
    if harm == "lost":
        del memory.entries[key]
    else:
        memory.entries[key] = memory.entries[key].replace("e", "f", 1)
    blog.answer = lambda _: page("Away", 503)
    with pytest.raises(SourceError):
        source(blog).read(NOW, memory=memory)
    blog.answer = lambda _: None
    assert source(blog).read(NOW, memory=memory) == source(blog).read(NOW)
    other = Source("blog", f"http://127.0.0.1:{closed_port()}", allow_private=True)
    with pytest.raises(SourceError):
        other.read(NOW, memory=memory)


def test_what_is_remembered_is_written_once(blog: WordPress) -> None:
    memory = Notebook()
    first = source(blog).read(NOW, memory=memory)
    lines = {key: line for key, line in memory.entries.items() if key}
    assert source(blog).read(NOW, memory=memory) == first
    assert {key: line for key, line in memory.entries.items() if key} == lines
    assert len(lines) == 32


def test_broken_posts_are_told_and_leave_the_others_alone(blog: WordPress) -> None:
    blog.posts = [
        made(1),
        made(2, date=None, date_gmt="soon"),
        made(3, link="javascript:alert(1)"),
        made(4, link=None, title=None, content=None, excerpt=[], categories={}),
        made(5, date="0000-00-00T00:00:00", date_gmt=""),
        made(
            6, _embedded={"author": [{"code": "rest_user_invalid_id"}], "wp:term": [None, [7]], "wp:featuredmedia": {}}
        ),
        made(7, categories=[3], title={"rendered": "A &amp;amp; B\n<br>\ud800"}),
        made(8, status="private"),
    ]
    answer = as_json([*blog.posts, 0, "no post", {"id": "9"}, {"id": True}, {}], headers={"X-WP-TotalPages": "1"})
    blog.answer = lambda path: answer if "wp/v2/posts" in path else None
    collection = source(blog).read(NOW)
    assert {post.id for post in collection.posts} == {"blog:1", "blog:6", "blog:7", "blog:8"}
    told = {(problem.code, problem.level, problem.file.rpartition(" ")[2]) for problem in collection.problems}
    assert told == {
        ("post.date", Level.ERROR, "2)"),
        ("post.date", Level.ERROR, "5)"),
        ("post.url", Level.ERROR, "3)"),
        ("post.url", Level.ERROR, "4)"),
        ("post.categories", Level.WARNING, "https://blog.example/7/"),
    }
    assert next(post.title for post in collection.posts if post.id == "blog:7") == "A &amp; B \ufffd"
    assert {post.id for post in collection.shown} == {"blog:1", "blog:6", "blog:7"}


def test_an_earlier_now_does_not_see_what_came_later(blog: WordPress) -> None:
    then = datetime(2026, 11, 10, tzinfo=NOW.tzinfo)
    assert all(post.published_at <= then for post in source(blog).read(then).shown)


def test_a_blog_without_posts_is_said(blog: WordPress) -> None:
    blog.posts = []
    (problem,) = source(blog).read(NOW).problems
    assert problem.code == "blog.empty"


def test_options_are_checked_and_a_private_network_is_closed(blog: WordPress) -> None:
    for url in ("blog.example", "ftp://blog.example", "https://", "https://jo:secret@blog.example"):
        with pytest.raises(ConfigError) as error:
            open_source("blog", "wordpress", {"url": url})
        assert "secret" not in str(error.value)
    with pytest.raises(SourceError, match="private or reserved"):
        open_source("blog", "wordpress", {"url": blog.url}).read(NOW)
    assert open_source("blog", "wordpress", {"url": blog.url, "language": "ja", "author": "x"}).watched() == ()
