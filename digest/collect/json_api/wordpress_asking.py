"""Decides where a WordPress site answers, and asks it for its posts, page by page.

Facts: REST API handbook (discovery, pagination, linking and embedding, global parameters) and the source of
`WP_REST_Posts_Controller` and `WP_REST_Server`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlencode, urljoin

from digest.collect.fetching import Answer, Fetcher
from digest.collect.json_api.answers import PassingError, RefusedError, value_of
from digest.collect.json_api.last_good import Snapshot
from digest.collect.json_api.values import Record, at
from digest.collect.json_api.wordpress_posts import flat
from digest.errors import SourceError

_SITE = {"_fields": "name,url,home,gmt_offset,timezone_string,namespaces"}
_POSTS = {
    "_embed": "author,wp:term,wp:featuredmedia",
    # `_links` must be among the fields, or nothing is embedded.
    "_fields": "id,date,date_gmt,modified_gmt,slug,status,link,title,excerpt,content,categories,_links,_embedded",
}
_SIZES = (100, 20)
"""Posts a page: as many as there may be, and fewer for a server that breaks down over them."""
_MOST_PAGES = 2_000
_LINK = re.compile(r'<([^<>]{1,2000})>\s*;[^,<>]{0,200}\brel="?https://api\.w\.org/"?')
_TAG = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref=(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_HEAD = 200_000
"""Bytes of a page in which its `<link>` is looked for."""


def ask(fetcher: Fetcher, url: str, since: datetime | None) -> Snapshot:
    """Return what a site says of itself and its published posts from `since` on.

    Raise `FetchError` or `PassingError` when nobody is there, and `SourceError` when the site says no.
    """
    root, site = _root(fetcher, url)
    limits = {} if since is None else {"after": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    explain = _explain(url)
    for size in _SIZES:
        query = {**_POSTS, **limits, "per_page": str(size)}
        try:
            pages = list(_pages(fetcher, root, query, explain))
        except PassingError:
            if size == _SIZES[-1]:
                raise
        else:
            return Snapshot(site, {str(post["id"]): flat(post) for page in pages for post in page})
    raise AssertionError("the last size returns or raises")


def _pages(fetcher: Fetcher, root: str, query: Mapping[str, str], explain: str) -> Iterator[list[Record]]:
    """Yield the posts of every page: together when the server says how many there are, else until one is empty."""
    first = fetcher.get(_address(root, "wp/v2/posts", query))
    yield _posts(first, explain)
    told = first.headers.get("x-wp-totalpages", "").strip()
    total = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else None
    if total is not None and total <= _MOST_PAGES:
        rest = [_address(root, "wp/v2/posts", {**query, "page": str(page)}) for page in range(2, total + 1)]
        for answer in fetcher.get_all(rest):
            if isinstance(answer, SourceError):
                raise answer
            yield _further(answer, explain)
        return
    for page in range(2, _MOST_PAGES + 1):
        posts = _further(fetcher.get(_address(root, "wp/v2/posts", {**query, "page": str(page)})), explain)
        if not posts:
            return
        yield posts
    raise SourceError(f"{root} has more than {_MOST_PAGES} pages of posts", fix="check that the address is a blog's")


def _further(answer: Answer, explain: str) -> list[Record]:
    """Return the posts of a later page, none when it lies beyond the last: posts may vanish meanwhile."""
    try:
        return _posts(answer, explain)
    except RefusedError as error:
        if error.code == "rest_post_invalid_page_number":
            return []
        raise


def _posts(answer: Answer, explain: str) -> list[Record]:
    value = value_of(answer, explain)
    if not isinstance(value, list):
        raise PassingError("the site answers something else than a list of posts", fix=explain)
    return [post for post in value if isinstance(post, dict) and _is_number(post.get("id"))]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _root(fetcher: Fetcher, url: str) -> tuple[str, Record]:
    """Return the address under which the API answers, and what the site says there about itself."""
    front = re.sub(r"/wp-json(?:/.*)?$", "", url.partition("#")[0].rstrip("/"))
    tried: set[str] = set()
    refused = ""
    for root in _candidates(fetcher, front):
        if root in tried:
            continue
        tried.add(root)
        answer = fetcher.get(_address(root, "", _SITE))
        try:
            site = value_of(answer, _explain(url))
        except RefusedError as error:
            if error.status in {401, 403} and error.code:
                return root, {}  # the list of all routes is closed; the posts may be open all the same
            refused = refused or f": {error.message}"
        except PassingError:
            if answer.status >= 400:
                raise
        else:
            if isinstance(site, dict) and at(site, "namespaces") is not None:
                return root, {key: site[key] for key in ("name", "gmt_offset", "timezone_string") if key in site}
    raise SourceError(f"{front} does not answer as a WordPress site does{refused}", fix=_explain(url))


def _candidates(fetcher: Fetcher, front: str) -> Iterator[str]:
    """Yield where the API may answer: where most have it, where the front page says, and where all have it."""
    yield f"{front}/wp-json/"
    if named := _named_by(fetcher, front):
        yield named
    yield f"{front}/?rest_route=/"


def _named_by(fetcher: Fetcher, front: str) -> str:
    """Return the address that the front page names, in its header or its head; nothing when it names none."""
    answer = fetcher.get(f"{front}/")
    if found := _LINK.search(answer.headers.get("link", "")[:20_000]):
        return urljoin(answer.url, str(found[1]))
    for tag in _TAG.findall(answer.body[:_HEAD].decode("utf-8", "replace")):
        if "https://api.w.org/" in tag and (found := _HREF.search(tag)):
            return urljoin(answer.url, html.unescape(str(found[1] or found[2])))
    return ""


def _address(root: str, route: str, query: Mapping[str, str]) -> str:
    joint = "&" if "rest_route=" in root else "?"
    base = root if root.endswith("/") else f"{root}/"
    return f"{base}{route}{joint}{urlencode(query, safe=':,')}"


def _explain(url: str) -> str:
    return (
        "give the address of the blog's front page, and let everybody read the REST API (/wp-json/wp/v2/posts), which"
        f' a plug-in may have closed; or read its feed: kind = "feed", url = "{url.rstrip("/")}/feed/"'
    )
