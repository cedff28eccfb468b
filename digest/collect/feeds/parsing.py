"""Decides which format a feed has, and what is no feed at all."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from digest.collect.feeds import encodings, json_feed, syndication
from digest.collect.feeds.items import Feed, NoFeedError
from digest.collect.feeds.links import absolute

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,400}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*){0,50}<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = 50_000
_FEEDS = {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"}


def parse(body: bytes, content_type: str, url: str) -> Feed:
    """Read what was fetched from `url`; raise `NoFeedError` with what it is instead."""
    text, notes = encodings.decode(body, content_type)
    if not text.strip():
        raise NoFeedError("it is empty", "open it in a browser; the blog's own log tells why")
    if text.lstrip().startswith(("{", "[")):
        feed = json_feed.read(text, url)
    elif _PAGE.match(text):
        raise _page(text, url)
    else:
        feed = syndication.read(text, url)
    return replace(feed, notes=notes + feed.notes)


def _page(text: str, url: str) -> NoFeedError:
    reader = _Links()
    reader.feed(text[:_HEAD])
    found = next((link for each in reader.feeds if (link := absolute(each, url))), "")
    fix = f"the page names this one: {found}" if found else "look for the address of the blog's feed, often /feed.xml"
    return NoFeedError("it is a web page", fix)


class _Links(HTMLParser):
    """Collects the feeds that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and "alternate" in (said.get("rel") or "").lower() and said.get("type") in _FEEDS:
            self.feeds.append(said.get("href") or "")
