"""Decides at which address Hugo puts a page: its own `url`, a permalink, or its path."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote_plus, unquote_to_bytes, urlsplit

from digest.collect.hugo import paths, permalinks
from digest.collect.hugo.paths import ContentPath
from digest.collect.hugo.settings import Site

_SAFE = "/$&+,:;=@~-._"


@dataclass(frozen=True, slots=True)
class Page:
    """What decides where a page stands."""

    path: ContentPath
    date: datetime | None
    title: str
    slug: str
    url: str
    """As written in the front matter; empty for none."""
    sections: Sequence[str]
    """The folders of the sections above it, the outermost first."""
    section_names: Sequence[str]


def address(page: Page, site: Site) -> str:
    """Return the page's address, absolute and percent-encoded; raise `UnknownPartError` for a wrong pattern."""
    path = _own(page, site) if page.url else _made(page, site)
    base = urlsplit(site.url)
    parts = urlsplit(path.replace("#", "%23"))
    whole = posixpath.join(base.path or "/", parts.path.lstrip("/"))
    ended = "/" if parts.path.endswith("/") else ""
    clean = posixpath.normpath("/" + whole.lstrip("/")).rstrip("/") + ended
    query = f"?{quote(parts.query, safe=_SAFE + '%?!()*')}" if parts.query else ""
    host = f"{base.scheme}://{base.netloc}" if site.url else ""
    return host + (quote(unquote_to_bytes(clean), safe=_SAFE) or "/") + query


def _own(page: Page, site: Site) -> str:
    """Place the page where its `url` says; without a leading slash it is relative to the language's edition."""
    url = page.url
    if ":" in url:
        url = unquote_plus(permalinks.filled(url, _parts(page), lambda text: _fit(text, site)))
    if ".." in url:
        url = posixpath.normpath("/" + url.lstrip("/")) + ("/" if url.endswith("/") else "")
    inner = [part for part in url.split("/") if part]
    named_file = "." in url and not url.endswith("/")
    if named_file and inner[-1] == "index.html":
        inner, named_file = inner[:-1], False
    path = "/".join(inner) + ("" if named_file or not inner else "/")
    if site.prefix and not url.startswith("/"):
        return f"/{site.prefix}/{path}"
    return f"/{path}"


def _made(page: Page, site: Site) -> str:
    """Place the page after its permalink, or where its file lies."""
    ugly = site.ugly if isinstance(site.ugly, bool) else site.ugly.get(paths.normal(page.path.section), False)
    pattern = permalinks.pattern_for(site.rules, page.path.logical)
    if pattern:
        expanded = unquote_plus(permalinks.filled(pattern, _parts(page), lambda text: _fit(text, site)))
        path = posixpath.normpath(expanded).strip("/") if expanded else ""
    else:
        path = "/".join(
            part for part in (_filed(page.path.container, site), page.slug or _filed(page.path.base, site)) if part
        )
    path = _fit(path.removeprefix("."), site)
    before = f"/{site.prefix}" if site.prefix else ""
    return f"{before}/{path}.html" if ugly and path else f"{before}/{path}/".replace("//", "/")


def _filed(text: str, site: Site) -> str:
    return text if site.keeps_case else paths.normal(text)


def _parts(page: Page) -> permalinks.Parts:
    return permalinks.Parts(
        page.date,
        paths.normal(page.path.section),
        [paths.normal(section) for section in page.sections],
        page.section_names,
        page.title,
        page.slug,
        page.path.base,
    )


def _fit(text: str, site: Site) -> str:
    """Make a text fit for an address, as the site's settings want it."""
    kept = paths.sanitized(text)
    if site.drops_accents:
        kept = paths.without_accents(kept)
    return kept if site.keeps_case else kept.lower()
