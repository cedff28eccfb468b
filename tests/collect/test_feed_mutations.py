"""However a feed is broken, reading it ends in posts that can be sent, or in one clear sentence."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.collect.collection import assemble, seen_at
from digest.collect.feeds.history import after
from digest.collect.feeds.items import NoFeedError
from digest.collect.feeds.parsing import parse
from digest.collect.feeds.posts import Blog
from digest.collect.feeds.state import State, recall, remember
from digest.collect.sources.feed import Source
from digest.collect.words.excerpt import excerpt
from digest.errors import SourceError
from digest.models import Collection
from tests.servers.site import Page, Site

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://b.example/feed"
FEEDS = sorted(path for path in (Path(__file__).parent.parent / "data" / "feeds").iterdir() if path.suffix != ".md")
PIECES = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"</item>", b"<item>", b"<entry>", b"</entry>", b"<link>", b"</channel>",
    b"&#xD800;", b"&#0;", b"&nbsp;", b"&lt;b&gt;", b"\x00", b"\xff", b"\xe3\x82", b"\x1b$B", b"2026-02-30", b"24:00:00",
    b"http://", b"https://[", b"javascript:", b"\\ud800", b"null", b"[", b"{", b"}", b'"', b"1e999", b"-0", b"<title/>",
    b"<guid/>", b'xml:base="http://[x"', b"<?xml?>", b"<!DOCTYPE a [", b"<!--", b"-->", b"xmlns=''", b"\r",
    b"\xe2\x80\xa8", b"&#x110000;", b"&#31;",
]  # fmt: skip


class Notebook:
    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def recall(self) -> Mapping[str, str]:
        return self.entries

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        self.entries = {key: entry for key, entry in {**self.entries, **entries}.items() if key not in {*forgotten}}


def broken(body: bytes, chance: random.Random) -> bytes:
    """Change a few places: take away, double, exchange, put in."""
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        place = chance.randrange(len(body) + 1)
        length = chance.choice((1, 1, 4, 40, 400))
        match chance.randrange(5):
            case 0:
                body = body[:place] + body[place + length :]
            case 1:
                body = body[:place] + body[place : place + length] * 2 + body[place + length :]
            case 2:
                body = body[:place] + chance.choice(PIECES) + body[place:]
            case 3:
                body = (
                    body[:place] + bytes(chance.randrange(256) for _ in range(length % 5)) + body[place + length % 5 :]
                )
            case _:
                body = body[:place] + chance.choice(PIECES) + body[place + length :]
    return body


def check(collection: Collection) -> None:
    ids = [post.id for post in collection.posts]
    assert len(ids) == len(set(ids))
    for post in collection.posts:
        assert post.id.removeprefix("blog:")
        address = urlsplit(post.url)
        assert address.scheme in {"http", "https"}
        assert address.hostname
        assert post.url.isascii()
        assert post.title.strip()
        assert post.published_at.utcoffset() is not None
        assert 1990 <= post.published_at.year <= 2027
        for text in (post.id, post.title, post.body, post.summary, post.author, *post.categories, excerpt(post, 200)):
            text.encode()
            assert "\0" not in text
    for problem in collection.problems:
        assert problem.message
        assert problem.fix


@pytest.mark.parametrize("file", FEEDS, ids=lambda file: file.name)
def test_no_broken_feed_breaks_the_reading(file: Path) -> None:
    whole = file.read_bytes()
    read, told = 0, {"what to do"}
    for seed in range(300):
        chance = random.Random(f"{file.name} {seed}")
        notebook = Notebook()
        state = State(URL, URL)
        for hours, body in enumerate((whole, broken(whole, chance), broken(whole, chance))):
            now = NOW + timedelta(hours=hours)
            blog = Blog("blog")
            try:
                feed = parse(body, chance.choice(("", "text/xml; charset=utf-8", "application/json")), URL)
            except NoFeedError as error:
                told.add(error.fix)
                continue
            state = after(state, feed, blog, now, first=hours == 0)
            remember(notebook, state)
            assert recall(notebook, URL).known == state.known, seed
            readings = [seen_at(blog.reading(each, now), now) for each in state.known.values() if each.item.link]
            check(assemble(readings, feed.notes))
            read += len(readings)
    assert read > 300
    assert all(told)


def test_no_broken_feed_breaks_the_source() -> None:
    chance = random.Random(7)
    notebook, told = Notebook(), {"what to do"}
    with Site() as site, warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(60):
            body = broken(chance.choice(FEEDS).read_bytes(), chance)
            site.pages["/feed"] = Page(200, {}, body)
            try:
                found = Source("blog", f"{site.url}/feed", allow_private=True).read(
                    NOW + timedelta(hours=number), NOW - timedelta(days=7), notebook
                )
            except SourceError as error:
                told.add(error.fix)
            else:
                check(found)
    assert all(told)
