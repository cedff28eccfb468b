"""Decides how a Ghost site is asked for its posts, page by page, over its Content API.

Facts: Ghost's documentation of the Content API (parameters, pagination, filtering, versioning) and the source of its
serializers. The key stands in the address because Ghost takes it nowhere else, so no address is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from digest.collect.fetching import Answer, Fetcher
from digest.collect.json_api.answers import PassingError, value_of
from digest.collect.json_api.ghost_posts import flat
from digest.collect.json_api.last_good import Snapshot
from digest.collect.json_api.values import Record, at, list_at, text_at
from digest.errors import SourceError

_HEADERS = {"Accept-Version": "v5.0"}
"""The version that the answers are read as; a newer Ghost still gives it."""
_POSTS = {"include": "tags,authors", "formats": "html,plaintext", "limit": "100"}
"""A hundred are the most that Ghost 6 gives at once."""
_MOST_PAGES = 2_000


def ask(fetcher: Fetcher, url: str, key: str, since: datetime | None) -> Snapshot:
    """Return what a site says of itself and its published posts from `since` on.

    Raise `FetchError` or `PassingError` when nobody is there, and `SourceError` when the site says no.
    """
    base = re.sub(r"/ghost(?:/.*)?$", "", url.partition("#")[0].rstrip("/"))
    explain = (
        "give the address of the site itself, and a Content API key of it (Settings, Integrations, custom integration)"
    )
    limits = {} if since is None else {"filter": f"published_at:>='{since:%Y-%m-%d %H:%M:%S}'"}

    def address(resource: str, query: Mapping[str, str]) -> str:
        return f"{base}/ghost/api/content/{resource}/?{urlencode({'key': key, **query})}"

    site = at(value_of(fetcher.get(address("settings", {}), _HEADERS), explain), "settings")
    if not isinstance(site, dict):
        raise SourceError(f"{base} does not answer as a Ghost site does", fix=explain)
    first = _Page(fetcher.get(address("posts", _POSTS | limits), _HEADERS), explain)
    if first.pages > _MOST_PAGES:
        raise SourceError(f"{base} has more than {_MOST_PAGES} pages of posts", fix="check the address")
    pages = [first]
    rest = [address("posts", {**_POSTS, **limits, "page": str(page)}) for page in range(2, first.pages + 1)]
    for answer in fetcher.get_all(rest, _HEADERS):
        if isinstance(answer, SourceError):
            raise answer
        pages.append(_Page(answer, explain))
    posts = {text_at(post, "id"): flat(post) for page in pages for post in page.posts if text_at(post, "id")}
    return Snapshot({name: site.get(name) for name in ("title", "timezone", "lang", "locale")}, posts)


class _Page:
    """One answer of the list of posts."""

    def __init__(self, answer: Answer, explain: str) -> None:
        value = value_of(answer, explain)
        if not isinstance(at(value, "posts"), list):
            raise PassingError("the site answers something else than a list of posts", fix=explain)
        self.posts: list[Record] = [post for post in list_at(value, "posts") if isinstance(post, dict)]
        told = at(value, "meta", "pagination", "pages")
        self.pages = told if isinstance(told, int) and not isinstance(told, bool) else 1
