"""Decides what a JSON Feed says, version 1 or 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from digest.collect.feeds.html_text import from_plain
from digest.collect.feeds.items import Feed, Item, NoFeedError, line, long_text, terms
from digest.collect.feeds.links import absolute, is_absolute

_FIX = "open it in a browser, and look for the feed's address"


def read(text: str, url: str) -> Feed:
    """Read a feed that was fetched from `url`; raise `NoFeedError`."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoFeedError(
            f"it is broken JSON ({error})" if isinstance(error, ValueError) else "it is too deep", _FIX
        ) from error
    entries = said.get("items") if isinstance(said, dict) else None
    if not isinstance(entries, list):
        raise NoFeedError("it is JSON, but no JSON Feed", _FIX)
    items = tuple(item for entry in entries if isinstance(entry, dict) and (item := _item(entry, url)).says_anything)
    return Feed(items, line(said.get("language")), _author(said))


def _item(entry: Mapping[str, object], url: str) -> Item:
    guid = _identity(entry.get("id"))
    link = absolute(entry.get("url"), url) or absolute(entry.get("external_url"), url)
    markup, plain, summary = (long_text(entry.get(key)) for key in ("content_html", "content_text", "summary"))
    text = markup or from_plain(plain)
    return Item(
        guid=guid,
        link=link or (absolute(guid, url) if is_absolute(guid) else ""),
        title=line(entry.get("title")),
        published=_date(entry.get("date_published")),
        updated=_date(entry.get("date_modified")),
        text=text or from_plain(summary),
        summary=from_plain(summary) if text else "",
        author=_author(entry),
        categories=terms(tags if isinstance(tags := entry.get("tags"), list) else []),
        image=absolute(entry.get("image"), url) or absolute(entry.get("banner_image"), url),
        language=line(entry.get("language")),
    )


def _identity(said: object) -> str:
    """Return an id, which the format lets be a number."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return line(said)
    return str(int(said)) if math.isfinite(said) and said == int(said) else str(said)


def _date(said: object) -> str:
    return line(said) if isinstance(said, str) else _identity(said)


def _author(said: Mapping[str, object]) -> str:
    """Name the authors (1.1), or the author (1)."""
    several = said.get("authors")
    people = several if isinstance(several, list) and several else [said.get("author")]
    names = [line(each.get("name")) for each in people[:20] if isinstance(each, dict)]
    return ", ".join(dict.fromkeys(name for name in names if name))
