"""Decides which of an item's addresses is the post's: a page on the web, and written so that it can be mailed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin

import httpx

from digest.collect.problems import whole_characters

_LONGEST = 2_000


def absolute(said: object, base: str) -> str:
    """Return an address absolute and percent-encoded; nothing when it is no address of the web."""
    if not isinstance(said, str) or not (written := re.sub(r"[\t\r\n]", "", whole_characters(said)).strip()):
        return ""
    if re.fullmatch(r"[A-Za-z]+:/?/?", written) or re.match(r"https?:(?!//)", written, re.IGNORECASE):
        return ""  # a scheme without a server, which would be taken for the base itself
    try:
        found = httpx.URL(urljoin(base, written))
        if len(written) > _LONGEST or found.scheme not in {"http", "https"} or not found.host or " " in found.host:
            return ""
        return str(found)
    except (httpx.InvalidURL, ValueError):
        return ""


def is_absolute(said: object) -> bool:
    """Tell whether a text is an address of the web by itself."""
    return isinstance(said, str) and re.match(r"\s*https?://", said, re.IGNORECASE) is not None


def page_of(links: Iterable[Mapping[str, object]], base: str) -> str:
    """Return the page among an entry's links: what else says the same (`alternate`), a web page before other formats.

    The feed itself (`self`), a recording (`enclosure`), comments and edits are no pages of the post.
    """
    pages = [link for link in links if link.get("rel", "alternate") == "alternate" and link.get("href")]
    pages.sort(key=lambda link: link.get("type") not in {None, "", "text/html", "application/xhtml+xml"})
    return next((found for link in pages if (found := absolute(link["href"], base))), "")


def trimmed(link: str) -> str:
    """Return an address without its fragment and without what only counts visits (`utm_…`)."""
    return without_campaign(link.partition("#")[0])


def without_campaign(link: str) -> str:
    """Return an address without `utm_…`."""
    page, mark, fragment = link.partition("#")
    path, asks, query = page.partition("?")
    kept = [part for part in query.split("&") if not part.lower().startswith("utm_")]
    return path + (f"?{'&'.join(kept)}" if asks and any(kept) else "") + mark + fragment
