"""What a feed says as a blog, reading after reading."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from digest.collect import open_source
from digest.collect.feeds.state import recall
from digest.collect.fetching import retrying
from digest.collect.sources.feed import Source
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Level, Secret
from tests.servers.http import HttpServer, closed_port, reply, reset_after_body, unfinished_body
from tests.servers.site import Asked, Page, Site, moved, page

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = 7 * DAY


class Notebook:
    """A memory that can be looked into and spoilt."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def recall(self) -> Mapping[str, str]:
        return dict(self.entries)

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        self.entries.update(entries)
        for key in forgotten:
            self.entries.pop(key, None)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


def item(name: str, days_ago: float | None = None, **more: str) -> str:
    date = {"pubDate": format_datetime(NOW - days_ago * DAY)} if days_ago is not None else {}
    parts = {"title": f"Post {name}", "link": f"https://b.example/{name}", "guid": f"urn:{name}", **date, **more}
    return "<item>" + "".join(f"<{key}>{value}</{key}>" for key, value in parts.items() if value) + "</item>"


def rss(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


def atom(*entries: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{"".join(entries)}</feed>'


def blog(site: Site, **options: Any) -> Source:
    return Source("blog", f"{site.url}/feed", allow_private=True, **options)


def names(collection: Collection, shown: bool = True) -> set[str]:
    return {post.id.removeprefix("blog:urn:") for post in collection.posts if bool(post.withheld) != shown}


def codes(collection: Collection) -> list[str]:
    return [problem.code for problem in collection.problems]


def test_a_feed_is_a_blog(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(
        rss(item("a", 1, description="&lt;p&gt;Words.&lt;/p&gt;", category="News", author="Ada"))
    )
    collection = blog(site, time_zone="Asia/Tokyo").read(NOW, memory=notebook)
    (post,) = collection.posts
    assert (post.id, post.path, post.url) == ("blog:urn:a", "", "https://b.example/a")
    assert (post.title, post.author, post.categories, post.withheld) == ("Post a", "Ada", ("News",), "")
    assert post.published_at.isoformat() == "2026-11-21T21:00:00+09:00"
    assert (post.summary, post.body) == ("Words.", "<div>\n<p>Words.</p>\n</div>")
    assert collection.problems == ()
    assert blog(site).watched() == ()
    assert "application/rss+xml" in site.asked[0].headers["accept"]


def test_options_speak_for_posts_that_are_silent(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1), item("b", 2, category="Own", author="Own")))
    options = {"language": "ja", "author": "Editors", "categories": ("News", "Press")}
    first, second = blog(site, **options).read(NOW).posts
    assert (first.language, first.author, first.categories) == ("ja", "Editors", ("News", "Press"))
    assert (second.author, second.categories) == ("Own", ("Own",))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "url"),
        ({"url": "feed.xml"}, "no web address"),
        ({"url": "https://b.example/", "urls": []}, "urls"),
        ({"url": "https://b.example/", "time_zone": "Mars"}, "time zone “Mars”"),
        ({"url": "https://b.example/", "categories": [1]}, "categories"),
        ({"url": "https://me:secret@b.example/", "allow_private": "yes"}, "allow_private"),
    ],
)
def test_options_that_cannot_be_meant_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        open_source("blog", "feed", options)
    assert "secret" not in str(caught.value)


def test_a_private_address_is_asked_only_when_the_configuration_says_so(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    with pytest.raises(SourceError, match="private or reserved network") as caught:
        Source("blog", f"{site.url}/feed").read(NOW)
    assert "allow_private" in caught.value.fix
    assert site.asked == []


def test_a_future_post_is_withheld_until_its_time(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", -1), item("b", 1)))
    assert names(blog(site).read(NOW)) == {"b"}
    assert names(blog(site).read(NOW + 2 * DAY)) == {"a", "b"}


def test_posts_before_since_are_left_out(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1), item("b", 9)))
    collection = blog(site).read(NOW, NOW - WEEK)
    assert (names(collection), codes(collection)) == ({"a"}, [])


def test_an_item_without_a_page_is_left_out_and_told(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1, link=""), item("b", 1)))
    collection = blog(site).read(NOW)
    assert names(collection) == {"b"}
    assert [(each.code, each.level, each.file) for each in collection.problems] == [("post.url", Level.ERROR, "urn:a")]


def test_an_empty_feed_is_told(site: Site) -> None:
    site.pages["/feed"] = page(rss())
    collection = blog(site).read(NOW)
    assert (collection.posts, codes(collection)) == ((), ["blog.empty"])


def test_a_post_without_title_is_called_by_its_first_words(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1, title="", description="Just a thought."), item("b", 1, title="")))
    assert {post.title for post in blog(site).read(NOW).posts} == {"Just a thought.", "https://b.example/b"}


# Dates


def test_a_first_reading_holds_back_what_has_no_date_and_later_ones_date_it_by_themselves(
    site: Site, notebook: Notebook
) -> None:
    site.pages["/feed"] = page(rss(item("b"), item("a"), item("dated", 1)))
    first = blog(site).read(NOW, memory=notebook)
    assert (names(first), names(first, shown=False), codes(first)) == ({"dated"}, {"a", "b"}, ["blog.undated"])
    assert {post.withheld for post in first.posts} == {"", "without a date since the first reading"}
    site.pages["/feed"] = page(rss(item("c"), item("b"), item("a"), item("dated", 1)))
    for later in (WEEK, 2 * WEEK):
        again = blog(site).read(NOW + later, memory=notebook)
        assert names(again) == {"c", "dated"}
        assert {post.published_at for post in again.posts if post.id == "blog:urn:c"} == {NOW + WEEK}


def test_a_date_that_is_none_is_told_and_the_post_dated_by_its_first_sight(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("b", pubDate="2026-02-30"), item("c", pubDate="1767-01-01"), item("a", 1)))
    collection = blog(site).read(NOW + DAY, memory=notebook)
    assert names(collection) == {"a", "b", "c"}
    assert {post.published_at for post in collection.posts} == {NOW - DAY, NOW + DAY}
    assert [(each.code, each.file) for each in collection.problems] == [
        ("post.date", "https://b.example/b"),
        ("post.date", "https://b.example/c"),
    ]


def test_a_date_that_is_none_at_the_first_reading_holds_the_post_back_and_says_only_that(
    site: Site, notebook: Notebook
) -> None:
    site.pages["/feed"] = page(rss(item("a", pubDate="2026-02-30"), item("b", 1)))
    for later in (0 * DAY, WEEK):
        collection = blog(site).read(NOW + later, memory=notebook)
        assert (names(collection), codes(collection)) == ({"b"}, ["blog.undated"])
        assert "1 post had no date that can be relied on (“2026-02-30” is none)" in collection.problems[0].message
        assert "held back" in collection.problems[0].message


def test_a_date_without_zone_is_read_in_the_blogs_zone_and_told_when_nobody_named_one(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", pubDate="Fri, 20 Nov 2026 10:00:00")))
    (post,) = blog(site, time_zone="Asia/Tokyo").read(NOW).posts
    assert post.published_at.isoformat() == "2026-11-20T10:00:00+09:00"
    collection = blog(site).read(NOW)
    assert collection.posts[0].published_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert codes(collection) == ["blog.time-zone"]


def test_an_entry_that_tells_only_its_last_change_does_not_move_when_it_is_edited(
    site: Site, notebook: Notebook
) -> None:
    def entry(updated: str) -> str:
        return f'<entry><id>urn:a</id><title>A</title><link href="https://b.example/a"/><updated>{updated}</updated></entry>'

    site.pages["/feed"] = page(atom(entry("2026-11-10T00:00:00Z")))
    (before,) = blog(site).read(NOW, memory=notebook).posts
    site.pages["/feed"] = page(atom(entry("2026-11-21T00:00:00Z")))
    (after,) = blog(site).read(NOW, memory=notebook).posts
    assert before.published_at == after.published_at == datetime(2026, 11, 10, tzinfo=UTC)
    assert (before.updated_at, after.updated_at) == (None, datetime(2026, 11, 21, tzinfo=UTC))


# Identity


def test_a_post_keeps_its_identity_when_the_blog_moves_and_its_guids_change(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1), item("b", 2)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(
        rss(item("a", 1, guid="urn:new"), item("b", 2, guid="", link="https://b.example/b?utm_x=1"))
    )
    assert names(blog(site).read(NOW, memory=notebook)) == {"a", "b"}


def test_a_post_keeps_its_identity_when_its_address_or_title_changes(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("a", 1, link="https://b.example/new", title="New")))
    (post,) = blog(site).read(NOW, memory=notebook).posts
    assert (post.id, post.url, post.title) == ("blog:urn:a", "https://b.example/new", "New")


def test_two_posts_with_one_guid_are_two_and_stay_the_same_two(site: Site, notebook: Notebook) -> None:
    old, new = item("a", 2, guid="urn:same"), item("b", 1, guid="urn:same")
    newest = item("c", 0.5, guid="urn:same")
    seen = []
    for feed in (rss(old), rss(new, old), rss(new), rss(newest)):
        site.pages["/feed"] = page(feed)
        seen.append({post.url: post.id for post in blog(site).read(NOW, memory=notebook).posts})
    last = {url: known for each in seen for url, known in each.items()}
    assert last == {
        "https://b.example/a": "blog:urn:same",
        "https://b.example/b": "blog:https://b.example/b",
        "https://b.example/c": "blog:https://b.example/c",
    }
    assert all(each.items() <= last.items() for each in seen)


def test_of_two_posts_with_one_guid_the_older_one_has_it(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("b", 1, guid="urn:same"), item("a", 2, guid="urn:same")))
    assert [post.id for post in blog(site).read(NOW).posts] == ["blog:https://b.example/b", "blog:urn:same"]


def test_posts_that_all_link_to_one_page_are_not_taken_for_each_other(site: Site, notebook: Notebook) -> None:
    home = "https://b.example/"
    site.pages["/feed"] = page(rss(item("a", 2, link=home)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("b", 1, link=home)))
    assert names(blog(site).read(NOW, memory=notebook)) == {"a", "b"}


def test_one_post_that_is_there_twice_is_one(site: Site) -> None:
    twice = rss(
        item("a", 1), item("a", 1), item("a", 1, guid="urn:other"), item("b", 1, guid=""), item("b", 1, guid="")
    )
    site.pages["/feed"] = page(twice)
    assert [post.id for post in blog(site).read(NOW).posts] == ["blog:urn:a", "blog:https://b.example/b"]


def test_posts_without_guid_that_share_a_page_are_told_apart(site: Site) -> None:
    shared = [item(name, 1, guid="", link=f"https://b.example/log#{name}") for name in "ab"]
    same = [item(name, 1, guid="", link="https://b.example/one") for name in "cd"]
    site.pages["/feed"] = page(rss(*shared, *same))
    collection = blog(site).read(NOW)
    assert {post.title for post in collection.posts} == {"Post a", "Post b", "Post c", "Post d"}
    assert len({post.id for post in collection.posts}) == 4


def test_an_identity_is_never_too_long_for_the_store(site: Site) -> None:
    site.pages["/feed"] = page(rss(item("a", 1, guid="x" * 1500, link=f"https://b.example/{'y' * 1500}")))
    (post,) = blog(site).read(NOW).posts
    assert len(post.id) < 400


# What is there, was there, and was taken back


def test_what_was_pushed_out_of_a_short_feed_is_kept_and_what_was_taken_back_is_withheld(
    site: Site, notebook: Notebook
) -> None:
    site.pages["/feed"] = page(rss(*[item(name, days) for days, name in enumerate("fedcba", 1)]))
    blog(site).read(NOW, memory=notebook)
    left = [item(name, days) for days, name in enumerate("fedcba", 1) if name not in "eab"]
    site.pages["/feed"] = page(rss(item("h", -1), item("g", -0.5), *left))
    collection = blog(site).read(NOW + 2 * DAY, memory=notebook)
    assert names(collection) == set("abcdfgh")
    assert {post.withheld for post in collection.posts} == {"", "no longer in the feed"}
    site.pages["/feed"] = page(rss(item("e", 2), item("d", 3)))
    assert "e" in names(blog(site).read(NOW + 3 * DAY, memory=notebook))


def test_an_old_post_at_the_top_does_not_pass_for_the_reach_of_the_feed(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(*[item(name, days) for days, name in enumerate("dcba", 1)]))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("pinned", 900), *[item(name, days) for days, name in enumerate("hgfe", -4)]))
    collection = blog(site).read(NOW + WEEK, memory=notebook)
    assert names(collection) >= set("abcdefgh")


def test_an_old_post_that_an_edit_brought_up_does_not_pass_for_the_reach_of_the_feed(
    site: Site, notebook: Notebook
) -> None:
    def entry(name: str, published: str, updated: str) -> str:
        dates = f"<published>{published}T00:00:00Z</published><updated>{updated}T00:00:00Z</updated>"
        return f'<entry><id>urn:{name}</id><title>{name}</title><link href="https://b.example/{name}"/>{dates}</entry>'

    old, early = entry("old", "2015-01-01", "2026-11-10"), entry("early", "2026-11-09", "2026-11-09")
    site.pages["/feed"] = page(atom(old, early))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(atom(entry("late", "2026-11-20", "2026-11-20"), old))
    assert names(blog(site).read(NOW, memory=notebook)) == {"old", "early", "late"}


def test_a_feed_with_its_oldest_post_first_is_understood(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(*[item(name, days) for name, days in zip("abcde", (5, 4, 3, 2, 1), strict=True)]))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(*[item(name, days) for name, days in zip("bcef", (4, 3, 1, 0), strict=True)]))
    collection = blog(site).read(NOW, memory=notebook)
    assert (names(collection), names(collection, shown=False)) == (set("abcef"), {"d"})


def test_undated_posts_are_pushed_out_and_taken_back_too(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("old")))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(*map(item, "edcba")))
    blog(site).read(NOW + DAY, memory=notebook)
    site.pages["/feed"] = page(rss(*map(item, "gfecb")))
    collection = blog(site).read(NOW + 2 * DAY, memory=notebook)
    assert (names(collection), names(collection, shown=False)) == (set("abcefg"), {"d", "old"})


def test_a_feed_that_breaks_off_takes_nothing_back(site: Site, notebook: Notebook) -> None:
    whole = rss(*[item(name, days) for days, name in enumerate("fedcba", 1)])
    site.pages["/feed"] = page(whole)
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(whole[: whole.index("Post c")])
    collection = blog(site).read(NOW, memory=notebook)
    assert (names(collection), codes(collection)) == (set("abcdef"), ["blog.feed-broken"])


def test_a_feed_that_breaks_off_only_adds_and_is_told_until_it_is_whole_again(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("b", 1), item("a", 2)))
    blog(site, time_zone="Asia/Tokyo").read(NOW, memory=notebook)
    cut = rss(item("d", -140), item("c", 1.5), item("b", 1), item("a", 2)).partition("Post b")[0]
    site.pages["/feed"] = page(cut, etag='"1"', cache_control="max-age=600")
    for _ in range(2):
        collection = blog(site, time_zone="Asia/Tokyo").read(NOW + 141 * DAY, memory=notebook)
        assert names(collection) == set("abcd"), "neither taken back nor forgotten after 120 days"
        assert codes(collection) == ["blog.feed-broken"]
        assert "2026-11-22 21:00 +0900" in collection.problems[0].message
    assert "if-none-match" not in site.asked[-1].headers
    site.pages["/feed"] = Page(503)
    assert sorted(codes(blog(site).read(NOW + 141 * DAY, memory=notebook))) == ["blog.feed-broken", "blog.unreachable"]
    site.pages["/feed"] = page(rss(item("d", -140), item("c", 1.5), item("a", 2)))
    collection = blog(site).read(NOW + 141 * DAY, memory=notebook)
    assert (names(collection), codes(collection)) == (set("acd"), [])


def test_a_first_reading_that_breaks_off_mails_nothing_undated_that_lay_behind(site: Site, notebook: Notebook) -> None:
    whole = rss(item("b"), item("a"))
    site.pages["/feed"] = page(whole[: whole.index("Post a")])
    assert names(blog(site).read(NOW, memory=notebook)) == set()
    site.pages["/feed"] = page(whole)
    assert names(blog(site).read(NOW + DAY, memory=notebook)) == set()


def test_what_left_the_feed_is_forgotten_in_time(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("b", -130)))
    collection = blog(site).read(NOW + 131 * DAY, memory=notebook)
    assert (names(collection), [key for key in notebook.entries if "urn:a" in key]) == ({"b"}, [])


def test_a_feed_that_may_be_cut_is_told_until_it_reaches_back_to_what_was_read(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(*[item(name, days) for days, name in enumerate("cba", 1)]))
    first = blog(site).read(NOW, NOW - WEEK, notebook)
    assert [(each.code, each.level) for each in first.problems] == [("blog.feed-short", Level.WARNING)]
    site.pages["/feed"] = page(rss(*[item(name, days) for days, name in enumerate("fedcb", -2)]))
    joined = blog(site).read(NOW + 3 * DAY, NOW - 2 * DAY, notebook)
    assert codes(joined) == []
    site.pages["/feed"] = page(rss(*[item(name, days) for days, name in enumerate("zyx", -9)]))
    torn = blog(site).read(NOW + 9 * DAY, NOW + DAY, notebook)
    assert codes(torn) == ["blog.feed-short"]


# Protected feeds


LOGIN = Secret("FEED_LOGIN", "jö:hunter2:x")


def protected(asked: Asked) -> Page:
    given = asked.headers.get("authorization", "")
    fits = given == "Basic " + base64.b64encode(LOGIN.value.encode()).decode()
    return Page(200, {}, rss(item("a", 1)).encode()) if fits else Page(401)


def test_a_login_opens_a_protected_feed_and_is_neither_shown_nor_stored(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = protected
    source = blog(site, login=LOGIN)
    assert names(source.read(NOW, memory=notebook)) == {"a"}
    assert "hunter2" not in repr(source) + "".join(notebook.entries.values())
    with pytest.raises(SourceError, match="status 401") as caught:
        blog(site).read(NOW)
    assert 'login = "env:NAME"' in caught.value.fix
    with pytest.raises(SourceError, match="does not take the login of env:FEED_LOGIN") as caught:
        blog(site, login=Secret("FEED_LOGIN", "me:hunter2")).read(NOW)
    assert "hunter2" not in str(caught.value)


def test_a_login_is_told_to_no_other_server_also_after_the_feed_has_moved_there(notebook: Notebook) -> None:
    with Site({"/feed": page(rss(item("a", 1)))}) as other, Site({"/feed": moved(f"{other.url}/feed")}) as site:
        for _ in range(2):
            assert names(blog(site, login=LOGIN).read(NOW, memory=notebook)) == {"a"}
        assert [("authorization" in each.headers) for each in (*site.asked, *other.asked)] == [True, False, False]


def test_a_login_that_is_missing_or_none_is_told(site: Site) -> None:
    with pytest.raises(SourceError, match="environment has no FEED_LOGIN"):
        open_source("blog", "feed", {"url": f"{site.url}/feed", "login": "env:FEED_LOGIN"}, {}).read(NOW)
    with pytest.raises(ConfigError, match="FEED_LOGIN") as caught:
        blog(site, login=Secret("FEED_LOGIN", "hunter2"))
    assert "hunter2" not in str(caught.value)
    assert site.asked == []


# The network


def test_the_version_is_sent_back_byte_for_byte_and_the_same_is_the_same(site: Site, notebook: Notebook) -> None:
    etag, modified = 'W/"é-1"', "Sun, 22 Nov 2026 11:59:59 GMT"
    site.pages["/feed"] = page(rss(item("a", 1), item("b", 2)), etag=etag, last_modified=modified)
    first = blog(site).read(NOW, memory=notebook)
    again = blog(site).read(NOW + DAY, memory=notebook)
    assert first == again
    assert site.asked[1].headers["if-none-match"] == etag
    assert site.asked[1].headers["if-modified-since"] == modified
    assert not {"if-none-match", "if-modified-since"} & site.asked[0].headers.keys()


def test_a_version_belongs_to_the_address_that_told_it(site: Site, notebook: Notebook) -> None:
    site.pages = {"/feed": moved("/there", 302), "/there": page(rss(item("a", 1)), etag='"1"')}
    for _ in range(2):
        assert names(blog(site).read(NOW, memory=notebook)) == {"a"}
    assert not any("if-none-match" in each.headers for each in site.asked)


def test_a_version_whose_posts_are_lost_is_not_sent(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1), item("b", 2)), etag='"1"')
    blog(site).read(NOW, memory=notebook)
    notebook.entries["item:urn:b"] = notebook.entries["item:urn:b"].replace("Post b", "Spoilt")
    assert names(blog(site).read(NOW, memory=notebook)) == {"a", "b"}
    assert "if-none-match" not in site.asked[1].headers


def test_a_feed_that_moved_for_good_is_asked_for_there_and_told(site: Site, notebook: Notebook) -> None:
    site.pages = {"/feed": moved("/new?key=secret"), "/new": page(rss(item("a", 1)), etag='"1"')}
    for _ in range(2):
        collection = blog(site).read(NOW, memory=notebook)
        assert names(collection) == {"a"}
        assert [(each.code, each.level) for each in collection.problems] == [("blog.moved", Level.INFO)]
        assert "secret" not in collection.problems[0].message
    assert [each.path for each in site.asked] == ["/feed", "/new?key=secret", "/new?key=secret"]
    assert site.asked[2].headers["if-none-match"] == '"1"'


def test_when_the_new_address_fails_the_old_one_is_asked_again(site: Site, notebook: Notebook) -> None:
    site.pages = {"/feed": moved("/new"), "/new": page(rss(item("a", 1)))}
    blog(site).read(NOW, memory=notebook)
    site.pages = {"/feed": page(rss(item("a", 1)))}
    collection = blog(site).read(NOW, memory=notebook)
    assert (names(collection), codes(collection)) == ({"a"}, [])


def test_a_redirect_to_a_page_is_no_move(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    blog(site).read(NOW, memory=notebook)
    site.pages = {"/feed": moved("/login"), "/login": page("<!doctype html><title>Log in</title>")}
    assert codes(blog(site).read(NOW, memory=notebook)) == ["blog.unreachable"]
    assert recall(notebook, f"{site.url}/feed").address == f"{site.url}/feed"


def test_a_feed_that_is_gone_gives_its_last_posts_and_says_to_drop_it_when_it_has_ended(
    site: Site, notebook: Notebook
) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)))
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = Page(410)
    collection = blog(site).read(NOW, memory=notebook)
    (problem,) = collection.problems
    assert (names(collection), problem.code, problem.level) == ({"a"}, "blog.unreachable", Level.ERROR)
    assert "drop the source when the feed has ended" in problem.fix
    with pytest.raises(SourceError, match="status 410"):
        blog(site).read(NOW)


@pytest.mark.parametrize("later", [DAY, 4 * DAY])
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (reset_after_body(), "broke off"),
        (reply(500), "status 500"),
        (reply(408), "status 408"),
        (reply(404), "status 404"),
        (reply(410), "status 410"),
        (reply(403), "does not let this program in"),
        (reply(401), "password"),
        (reply(429, {"Retry-After": "3600"}), "too often"),
        (reply(304), "status 304"),
        (reply(200, {}, "<html>Down for maintenance</html>"), "web page"),
        (reply(200, {}, ""), "empty"),
        (reply(200, {}, rss()), "no posts any more"),
        (reply(200, {}, '{"version": "https://jsonfeed.org/version/1.1", "items": ['), "JSON"),
        (reply(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(20_000_000))), "longer than 10 MB"),
        (reply(302, {"Location": "/"}), "more than 5 times"),
    ],
)
def test_what_is_remembered_stands_in_for_a_feed_that_cannot_be_read(
    trouble: Any, said: str, later: timedelta, notebook: Notebook
) -> None:
    with HttpServer(reply(200, {}, rss(item("a", 1))), default=trouble) as server:
        source = Source("blog", server.url, allow_private=True)
        source.read(NOW, memory=notebook)
        collection = source.read(NOW + later, memory=notebook)
    (problem,) = collection.problems
    assert names(collection) == {"a"}
    refused = any(f"status {status}" in problem.message for status in (401, 403, 404, 410))
    passing = later == DAY and not refused
    assert (problem.code, problem.level) == ("blog.unreachable", Level.WARNING if passing else Level.ERROR)
    assert said in problem.message
    assert "those of the last good reading, of 2026-11-22 12:00 +0000" in problem.message
    assert problem.fix


def test_a_feed_that_never_answered_is_an_error_which_names_it_and_no_secret(notebook: Notebook) -> None:
    url = f"http://me:hunter2@127.0.0.1:{closed_port()}/feed?key=hunter2"
    with pytest.raises(SourceError, match="the feed “blog” cannot be read") as caught:
        Source("blog", url, allow_private=True).read(NOW, memory=notebook)
    assert caught.value.fix
    assert "hunter2" not in str(caught.value)
    assert notebook.entries == {}


def test_what_is_written_down_holds_no_password(site: Site, notebook: Notebook) -> None:
    site.pages = {"/feed": moved("/new"), "/new": page(rss(item("a", 1)), etag='"1"')}
    url = site.url.replace("//", "//me:hunter2@")
    for _ in range(2):
        Source("blog", f"{url}/feed?key=hunter3", allow_private=True).read(NOW, memory=notebook)
    assert not any("hunter" in entry for entry in notebook.entries.values())
    assert site.asked[-1].path == "/new"


def test_trouble_that_passes_is_not_even_noticed(notebook: Notebook) -> None:
    busy = reply(429, {"Retry-After": "0"})
    with HttpServer(busy, reset_after_body(), reply(200, {}, rss(item("a", 1)))) as server:
        collection = Source("blog", server.url, allow_private=True).read(NOW, memory=notebook)
    assert (names(collection), codes(collection)) == ({"a"}, [])


def test_a_server_that_wants_to_be_left_alone_is_for_a_quarter_of_an_hour(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)), cache_control="public, max-age=86400")
    minute = timedelta(minutes=1)
    for after in (0 * minute, 14 * minute, 15 * minute, -1 * minute):
        assert names(blog(site).read(NOW + after, memory=notebook)) == {"a"}
    assert len(site.asked) == 3
    site.pages["/feed"] = page(rss(item("a", 1)), cache_control="no-cache, max-age=86400")
    for _ in range(3):
        blog(site).read(NOW + DAY, memory=notebook)
    assert len(site.asked) == 6


def test_a_new_address_in_the_configuration_is_another_feed_with_the_same_posts(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a")), etag='"1"')
    blog(site).read(NOW, memory=notebook)
    site.pages["/feed"] = page(rss(item("b"), item("a")), etag='"2"')
    blog(site).read(NOW, memory=notebook)
    site.pages["/other"] = page(rss(item("c"), item("b"), item("a")), etag='"2"')
    collection = Source("blog", f"{site.url}/other", allow_private=True).read(NOW + DAY, memory=notebook)
    assert (names(collection), names(collection, shown=False)) == ({"b"}, {"a", "c"})
    assert "if-none-match" not in site.asked[-1].headers


def test_a_spoilt_memory_is_no_memory(site: Site, notebook: Notebook) -> None:
    site.pages["/feed"] = page(rss(item("a", 1)), etag='"1"')
    blog(site).read(NOW, memory=notebook)
    sound = dict(notebook.entries)
    spoilt = ["", "x", "null", "00000000 {}", "[]", '{"a":' * 5000, *(entry[:-9] for entry in sound.values())]
    spoilt += [json.dumps(None), "\ud800", sound["feed"].replace('"etag"', '"etaq"')]
    for key in sound:
        for entry in spoilt:
            notebook.entries = {**sound, key: entry}
            assert names(blog(site).read(NOW, memory=notebook)) == {"a"}
    assert notebook.entries == sound


def test_the_same_feed_and_memory_give_the_same_collection_in_whatever_order_it_was_kept(
    site: Site, notebook: Notebook
) -> None:
    site.pages["/feed"] = page(rss(*[item(name, 1) for name in "abcdefgh"]))
    first = blog(site).read(NOW, memory=notebook)
    notebook.entries = dict(reversed(notebook.entries.items()))
    assert blog(site).read(NOW, memory=notebook) == first


def test_a_feed_is_read_in_whatever_way_it_comes() -> None:
    packed = gzip.compress(rss(item("a", 1)).encode())
    with HttpServer(reply(200, {"Content-Encoding": "gzip"}, packed), default=unfinished_body()) as server:
        assert names(Source("blog", server.url, allow_private=True).read(NOW)) == {"a"}


def test_relative_links_are_of_the_page_that_answered(site: Site) -> None:
    def told(asked: Asked) -> Page:
        return Page(200, {}, rss(item("a", 1, link="post/1")).encode())

    site.pages = {"/feed": moved("/deep/er/feed.xml", 302), "/deep/er/feed.xml": told}
    (post,) = blog(site).read(NOW).posts
    assert post.url == f"{site.url}/deep/er/post/1"
