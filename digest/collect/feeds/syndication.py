"""Decides what RSS 0.9 to 2.0 and Atom say, as `feedparser` reads them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from xml.sax import SAXException

import feedparser

from digest.collect.feeds.cut_short import whole_items
from digest.collect.feeds.html_text import from_plain
from digest.collect.feeds.items import Feed, Item, NoFeedError, line, long_text, terms
from digest.collect.feeds.links import absolute, is_absolute, page_of
from digest.collect.feeds.mending import mended
from digest.models import Finding, Level

_ESCAPED_TWICE = re.compile(r"\s*&lt;(?:p|div|h[1-6]|ul|ol|blockquote|figure|img|a|section|article|table|span)\b")
_TAG = re.compile(r"<[a-z/]", re.IGNORECASE)
_OPEN_COMMENTS = 1_000
"""More than anybody writes; feedparser looks for the end of each anew."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def read(xml: str, url: str) -> Feed:
    """Read a feed that was fetched from `url`; raise `NoFeedError`."""
    whole, cut = whole_items(mended(xml))
    if whole.count("&lt;!--") + whole.count("<!--") > whole.count("--&gt;") + whole.count("-->") + _OPEN_COMMENTS:
        raise NoFeedError("it holds thousands of comments that never end", "check it with a feed validator")
    told = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        # A stream: feedparser takes bytes for the name of a file, or for an address, if they look like one.
        read = feedparser.parse(io.BytesIO(whole.encode("utf-8", "replace")), response_headers=told)
    except Exception as error:  # feedparser fails in many ways on what is broken enough
        raise NoFeedError("it is too broken to be read", "check it with a feed validator") from error
    if not read.version and not read.entries:
        raise NoFeedError(
            "it is neither RSS nor Atom nor JSON Feed", "open it in a browser, and look for the feed's address"
        )
    broken = not cut and isinstance(read.get("bozo_exception"), SAXException)
    notes = (_malformed(read.bozo_exception),) if broken else ()
    escapes = str(read.version).startswith("rss")
    items = tuple(item for entry in read.entries if (item := _item(entry, url, escapes)).says_anything)
    about: Mapping[str, Any] = read.feed
    language = line(about.get("language")) or _language(about.get("title_detail"))
    return Feed(items, language, _author(about), cut, notes)


def _item(entry: Mapping[str, Any], url: str, escapes: bool) -> Item:
    """Take an item; `escapes` is said of formats that do not tell plain titles from HTML."""
    guid = line(entry.get("id"))
    link = page_of(entry.get("links", ()), url)
    if not link and is_absolute(guid) and entry.get("guidislink"):
        link = absolute(guid, url)
    teaser = _markup(entry.get("summary_detail"))
    content = max((_markup(each) for each in entry.get("content", ())), key=len, default="")
    return Item(
        guid=guid,
        link=link if link != url else "",  # an empty address is taken for the feed's own
        title=_title(entry.get("title_detail"), escapes),
        published=line(entry.get("published") or entry.get("created")),
        updated=line(_updated(entry)),
        text=long_text(content or teaser),
        summary=long_text(teaser) if content and content != teaser else "",
        author=_author(entry),
        categories=terms([tag.get("label") or tag.get("term") for tag in entry.get("tags", ())]),
        image=_image(entry, url),
        language=_language(entry.get("title_detail")),
    )


def _updated(entry: Mapping[str, Any]) -> object:
    """Return the date of the last change, which asked for by `get` would be the one of publication."""
    return entry["updated"] if "updated" in entry else ""  # noqa: SIM401 - `get` is what must not be used


def _title(detail: Mapping[str, Any] | None, escapes: bool) -> str:
    if not detail:
        return ""
    said = long_text(detail.get("value"))
    if detail.get("type") in _HTML:
        return line(_without_tags(said))
    return line(html.unescape(said) if escapes else said)


def _without_tags(markup: str) -> str:
    """Return the words of a title, with its entities resolved once."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.words.append(" ")


def _markup(detail: Mapping[str, Any] | None) -> str:
    """Return a text as HTML, whatever type it has."""
    if not detail:
        return ""
    said = long_text(detail.get("value"))
    if detail.get("type") not in _HTML:
        return from_plain(said)
    return html.unescape(said) if _ESCAPED_TWICE.match(said) and not _TAG.search(said) else said


def _author(said: Mapping[str, Any]) -> str:
    """Name the authors, without their addresses."""
    names = [line(each.get("name")) for each in said.get("authors", ())] or [line(said.get("author"))]
    return ", ".join(dict.fromkeys(name for name in names if name and "@" not in name))


def _language(detail: Mapping[str, Any] | None) -> str:
    return line(detail.get("language")) if detail else ""


def _image(entry: Mapping[str, Any], url: str) -> str:
    """Return the picture that the feed itself names, not one from within the text."""
    media = [each for each in entry.get("media_content", ()) if _is_image(each)]
    found = [each.get("url") for each in [*media, *entry.get("media_thumbnail", ())]]
    found += [each.get("href") for each in entry.get("enclosures", ()) if _is_image(each)]
    said = entry.get("image")
    found += [said.get("href")] if isinstance(said, Mapping) else []
    return next((picture for each in found if each and (picture := absolute(html.unescape(each), url))), "")


def _is_image(media: Mapping[str, Any]) -> bool:
    return media.get("medium") == "image" or str(media.get("type", "")).startswith("image/")


def _malformed(error: Exception) -> Finding:
    place = getattr(error, "getLineNumber", lambda: 0)() or 0
    return Finding(
        Level.WARNING,
        "blog.feed-broken",
        f"The feed is not well-formed{f' (line {place})' if place else ''}; it was read as well as it can be.",
        fix="check it with a feed validator; a stray & or an unclosed element is the usual reason",
    )
