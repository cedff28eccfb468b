"""A Ghost site says the same here as its pages do, and what it said last stands in when it is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.collect import open_source
from digest.collect.fetching import Fetcher
from digest.collect.sources.ghost import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import ConfigError, SourceError
from digest.models import Level, Post, Secret
from tests.contracts.test_sources import Notebook
from tests.servers.blogs import Ghost, as_json, page
from tests.servers.http import closed_port

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data/sources/ghost/recorded.json").read_text("utf-8")
)
SHOWN = {shown["slug"]: shown for shown in RECORDED["shown"] if shown["status"] == 200}


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""

    async def at_once(_: float) -> None:
        return None

    monkeypatch.setattr("digest.collect.sources.ghost.Fetcher", partial(Fetcher, wait=at_once))


@pytest.fixture
def blog() -> Iterator[Ghost]:
    with Ghost(RECORDED["posts"], RECORDED["settings"]) as running:
        yield running


def source(blog: Ghost, **options: object) -> Source:
    return Source("blog", **{"url": blog.url, "key": Secret("GHOST_KEY", Ghost.KEY), "allow_private": True, **options})  # type: ignore[arg-type] - a mix of types


def posts_of(blog: Ghost, **options: object) -> dict[str, Post]:
    """Return the posts by their slug in Ghost."""
    slugs = {f"blog:{post['id']}": post["slug"] for post in blog.posts}
    return {slugs[post.id]: post for post in source(blog, **options).read(NOW).posts}


def made(number: int, **fields: object) -> dict[str, Any]:
    """Return a post as the Content API writes it."""
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number)
    return {
        "id": f"{number:024x}",
        "slug": f"post-{number}",
        "title": f"Post {number}",
        "url": f"https://blog.example/{number}/",
        "html": "<p>Words.</p>",
        "published_at": moment.isoformat(timespec="milliseconds"),
        "updated_at": moment.isoformat(timespec="milliseconds"),
        **fields,
    }


@pytest.mark.parametrize("slug", SHOWN)
def test_each_post_is_as_its_page_tells_machines(blog: Ghost, slug: str) -> None:
    post, shown = posts_of(blog)[slug], SHOWN[slug]
    assert post.url == shown["url"]
    assert post.published_at == datetime.fromisoformat(shown["published_at"])
    assert post.published_at.utcoffset() == timedelta(hours=9)
    assert post.title == shown["title"]
    assert list(post.tags) == shown["tags"]
    assert list(post.categories) == shown["tags"][:1]
    assert post.author == shown["author"]
    assert post.image == shown["image"]
    assert post.language == "ja"
    assert not post.withheld


def test_no_post_is_missing_and_none_is_too_many(blog: Ghost) -> None:
    assert set(posts_of(blog)) == set(SHOWN)
    assert len(SHOWN) == 25


def test_a_post_for_members_is_in_with_what_is_free_of_it(blog: Ghost) -> None:
    posts = posts_of(blog)
    assert posts["members"].body == ""
    assert posts["paid"].body == ""
    assert excerpt(posts["paid-preview"], 100) == "Free words before the wall."
    assert excerpt(posts["paid-summary"], 100) == "An open summary."
    assert not any("cost" in post.body for post in posts.values())


def test_words_are_read_as_they_are_written(blog: Ghost) -> None:
    posts = posts_of(blog)
    assert excerpt(posts["summary"], 100) == "By hand & kept; 2 * 3 * 4."
    assert excerpt(posts["markup"], 200).startswith("A linked word.")
    assert excerpt(posts["plain"], 120).endswith("counts words.")


def test_a_featured_post_is_not_pinned(blog: Ghost) -> None:
    assert not posts_of(blog)["featured"].pinned


def test_options_come_before_what_the_site_says(blog: Ghost) -> None:
    posts = posts_of(blog, time_zone="Europe/Berlin", language="de", author="x")
    assert {post.language for post in posts.values()} == {"de"}
    assert posts["plain"].published_at.isoformat() == "2026-11-01T04:04:05+01:00"


def test_every_page_is_read_and_the_version_is_asked_for(blog: Ghost) -> None:
    blog.posts = [made(number) for number in range(1, 251)]
    assert len(source(blog).read(NOW).posts) == 250
    asked = [asked for asked in blog.requests if asked.path.endswith("/posts/")]
    assert sorted(each.query.get("page", "1") for each in asked) == ["1", "2", "3"]
    assert {each.headers["accept-version"] for each in blog.requests} == {"v5.0"}


def test_with_since_only_what_is_newer_is_asked_for(blog: Ghost) -> None:
    since = datetime(2026, 11, 12, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    posts = source(blog).read(NOW, since).posts
    everything = source(blog).read(NOW).posts
    assert list(posts) == [post for post in everything if post.offered_at >= since]
    assert 0 < len(posts) < len(everything)
    asked = next(asked for asked in blog.requests if asked.path.endswith("/posts/"))
    assert asked.query["filter"] == "published_at:>='2026-11-10 00:00:00'"


def test_a_wrong_key_is_told_without_showing_it(blog: Ghost) -> None:
    memory = Notebook()
    source(blog).read(NOW, memory=memory)
    assert Ghost.KEY not in "".join(memory.entries.values())
    before = source(blog).read(NOW, memory=memory)
    for key in ("ffffffffffffffffffffffffff", Ghost.KEY[:-1]):
        with pytest.raises(SourceError, match="Unknown Content API Key") as error:
            source(blog, key=Secret("GHOST_KEY", key)).read(NOW)
        assert key not in str(error.value)
        collection = source(blog, key=Secret("GHOST_KEY", key)).read(NOW, memory=memory)
        (finding,) = set(collection.problems) - set(before.problems)
        assert (collection.posts, finding.level) == (before.posts, Level.ERROR)
        assert "Unknown Content API Key" in finding.message
        assert key not in finding.message + finding.fix
        assert "Content API key" in error.value.fix
        assert key not in repr(source(blog, key=Secret("GHOST_KEY", key)))
    with pytest.raises(SourceError, match="environment has no GHOST_KEY") as error:
        source(blog, key=Secret("GHOST_KEY")).read(NOW)
    assert "set GHOST_KEY" in error.value.fix
    with pytest.raises(ConfigError, match="Admin API") as refused:
        source(blog, key=Secret("GHOST_KEY", "5f00:secret"))
    assert "secret" not in str(refused.value)


def test_what_is_no_ghost_is_told(blog: Ghost) -> None:
    blog.answer = lambda _: page("<html>Not found</html>", 404)
    with pytest.raises(SourceError, match="status 404"):
        source(blog).read(NOW)
    blog.answer = lambda _: as_json({"posts": []})
    with pytest.raises(SourceError, match="does not answer as a Ghost site does"):
        source(blog).read(NOW)


def test_when_the_site_is_away_its_last_good_answers_are_used_and_that_is_said(blog: Ghost) -> None:
    memory = Notebook()
    before = source(blog).read(NOW - timedelta(days=1), memory=memory)
    for answer in (page("Maintenance", 503), page("<html>Wi-Fi login</html>"), as_json({"posts": None})):
        blog.answer = lambda path, answer=answer: answer if "/posts/" in path else None  # type: ignore[misc]
        collection = source(blog).read(NOW, memory=memory)
        assert collection.posts == before.posts
        (finding,) = collection.problems
        assert (finding.level, finding.code) == (Level.WARNING, "blog.unreachable")
        assert "2026-11-21 09:00 +0900" in finding.message
        assert Ghost.KEY not in finding.message + finding.fix
    with pytest.raises(SourceError, match="cannot be reached") as error:
        source(blog, url=f"http://127.0.0.1:{closed_port()}").read(NOW, memory=memory)
    assert Ghost.KEY not in str(error.value)


def test_broken_posts_are_told_and_leave_the_others_alone(blog: Ghost) -> None:
    blog.posts = [
        made(
            1,
            tags=[{"name": "#secret", "visibility": "internal"}, None, {"name": " A "}, {"name": "A"}, "x"],
            authors=[7, {}],
        ),
        made(2, published_at="2026-11-02T00:00:00"),
        made(3, url="javascript:alert(1)"),
        made(4, url="https://blog.example/404/"),
        made(5, title="", html=None, plaintext="Only *plain* words.\n\nAnd more."),
        made(6, id=None),
        made(7, title=None, html=["x"], custom_excerpt=7, feature_image={}, updated_at="later"),
    ]
    collection = source(blog, author="Editors").read(NOW)
    by_number = {int(post.id.removeprefix("blog:"), 16): post for post in collection.posts}
    assert set(by_number) == {1, 4, 5, 7}
    assert (by_number[1].tags, by_number[1].author) == (("A",), "Editors")
    assert by_number[4].withheld == "not on the site"
    assert by_number[5].title == "Only *plain* words. And more."
    assert excerpt(replace(by_number[5], title="x"), 100).startswith("Only *plain* words.")
    told = sorted((problem.code, problem.level) for problem in collection.problems if "empty" not in problem.code)
    assert told == [("post.date", Level.ERROR), ("post.url", Level.ERROR), ("post.url", Level.WARNING)]


def test_a_site_without_posts_is_said(blog: Ghost) -> None:
    blog.posts = []
    assert [problem.code for problem in source(blog).read(NOW).problems] == ["blog.empty"]


def test_the_kind_is_opened_by_its_name(blog: Ghost) -> None:
    opened = open_source(
        "blog",
        "ghost",
        {"url": f"{blog.url}/ghost/#/site", "key": "env:GHOST_KEY", "allow_private": True},
        {"GHOST_KEY": Ghost.KEY},
    )
    assert len(opened.read(NOW).posts) == 25
    assert opened.watched() == ()
