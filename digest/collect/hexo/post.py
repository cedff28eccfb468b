"""Decides what one file of a Hexo blog says as a post: title, moment, address, categories, whether it is shown.

Read after lib/plugins/processor/post.ts and lib/models/ of github.com/hexojs/hexo (8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from digest.collect import authoring, guessing
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import hexo_header, js_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.hexo import moments, permalinks, tags
from digest.collect.hexo.settings import Site
from digest.collect.problems import BrokenPostError, no_date, no_update
from digest.models import Finding, Level, Post

_CLOSED = re.compile(rb"\n(?:-{3,}|;{3,})")
_OPENED = re.compile(rb"(?:\xef\xbb\xbf)?(?:-{3,}|;{3,})\r?\n")
_MOST_TERMS = 1_000
_KEPT = {"title", "year", "month", "day", "i_month", "i_day", "hash"}
"""Parts of a name that say nothing else about the post."""


def latest(below: str, site: Site, head: bytes) -> date | None:
    """Return a day after which the post `below` was certainly not offered, judged by its name and first lines."""
    if not _OPENED.match(head):
        return None
    try:
        named = _named(site.names.parse(below), site)
    except ValueError:
        return None
    return guessing.latest(head, ("date",), _CLOSED, named.date() if named else None)


def read(file: PostFile, below: str, raw: bytes, site: Site, source: str) -> Reading:
    """Read one file as Hexo reads it; raise `BrokenPostError` where Hexo and the author would disagree about it.

    `below` is the path below the folder of posts or drafts.
    """
    document = hexo_header.read(raw)
    name = site.names.parse(below)
    data = {**document.data, **{key: value for key, value in name.items() if key not in _KEPT}}
    published_at = _published_at(data, name, document, site)
    title, notes = _title(file, data, name["title"], document, site)
    chains = _categories(data)
    category = permalinks.category_slug(chains[-1], site) if chains else site.default_category
    line = document.lines.get("permalink", 0)
    if data.get("permalink"):
        path = permalinks.own_path(data["permalink"], line, site)
    else:
        local = published_at.astimezone(site.built_in)
        path = permalinks.path_of(permalinks.Address(local, name["title"], title, category, data), site)
    url = permalinks.address_of(path, line, site)
    updated_at, unread = _updated_at(file, data, document, site)
    directions = authoring.directions(data, site.zone)
    notes += unread + directions.findings(file.relative, document.lines)
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=url,
        title=title,
        published_at=published_at,
        summary=authoring.summary(data, title),
        updated_at=updated_at,
        author=authoring.author(data, site.author, {}),
        categories=tuple(dict.fromkeys(category for chain in chains for category in chain)),
        tags=_tags(data),
        language=authoring.language(data, site.language),
        image=authoring.image(data, site.url, url, own_folder=site.asset_folders),
        withheld=_withheld(file, data, site),
        **directions.fields(),
    )
    return Reading(
        post,
        notes,
        authoring.identity(data),
        appears=None if site.future else published_at,
        links=tags.links(document.body),
    )


def _published_at(data: Mapping[str, object], name: Mapping[str, str], document: Document, site: Site) -> datetime:
    said = data.get("date")
    try:
        if said not in (None, False, 0, ""):
            return moments.instant(said, site.zone, site.built_in)
        named = _named(name, site)
    except ValueError as error:
        broken = no_date(js_yaml.to_string(said), document.lines.get("date", 0))
        raise BrokenPostError(
            broken.code,
            f"{broken.message} Hexo shows the post on the day on which its file was made.",
            line=broken.line,
            fix=broken.fix.replace(" +0900", ""),
        ) from error
    if named is None:
        raise BrokenPostError(
            "post.undated",
            "The post has no date. Hexo shows it on the day on which its file was made, which nobody else knows.",
            line=document.lines.get("date", 0),
            fix="Write “date: 2026-01-31 09:00:00” at its top.",
        )
    return named


def _named(name: Mapping[str, str], site: Site) -> datetime | None:
    """Return the midnight of the day that a name says, if it says one."""
    month, day = name.get("month") or name.get("i_month"), name.get("day") or name.get("i_day")
    if not (name.get("year") and month and day):
        return None
    return moments.midnight(int(name["year"]), int(month), int(day), site.zone, site.built_in)


def _updated_at(
    file: PostFile, data: Mapping[str, object], document: Document, site: Site
) -> tuple[datetime | None, tuple[Finding, ...]]:
    key = next((key for key in ("updated", *authoring.UPDATED_KEYS) if data.get(key)), "")
    try:
        return (moments.instant(data[key], site.zone, site.built_in) if key else None), ()
    except ValueError:
        said = js_yaml.to_string(data[key])
        return None, (no_update(said, key, file.relative, document.lines.get(key, 0)),)


def _title(
    file: PostFile, data: Mapping[str, object], slug: str, document: Document, site: Site
) -> tuple[str, tuple[Finding, ...]]:
    said = data.get("title")
    line = document.lines.get("title", 0)
    if site.slug_as_title and "title" not in data:
        said = slug
    if isinstance(said, Mapping | datetime):
        kind = "date" if isinstance(said, datetime) else "mapping"
        message, fix = f"The title is a {kind} to Hexo.", "Put the title in quotes."
        raise BrokenPostError("post.title", message, line=line, fix=fix)
    title = authoring.one_line(js_yaml.to_string(said))
    if title:
        return title, ()
    note = Finding(
        Level.WARNING, "post.title", "The post has no title.", file.relative, line, "Write “title: …” at its top."
    )
    return "", (note,)


def _categories(data: Mapping[str, object]) -> list[list[str]]:
    """Return the chains of categories, each from the widest to the narrowest; a plain list is one chain."""
    said = data.get("categories") or data.get("category") or []
    several = said if isinstance(said, list) else [said]
    if not any(isinstance(each, list) for each in several):
        chains = [_terms(several)]
    else:
        chains = [_terms(each if isinstance(each, list) else [each]) for each in several[:_MOST_TERMS]]
    return [chain for chain in chains if chain]


def _tags(data: Mapping[str, object]) -> tuple[str, ...]:
    said = data.get("tags") or data.get("tag") or []
    return tuple(dict.fromkeys(_terms(said if isinstance(said, list) else [said])))


def _terms(said: list[object]) -> list[str]:
    texts = (authoring.one_line(js_yaml.to_string(each)) for each in said[:_MOST_TERMS] if each is not None)
    return [text for text in texts if text]


def _withheld(file: PostFile, data: Mapping[str, object], site: Site) -> str:
    if site.render_drafts:
        return ""
    if file.draft:
        return "draft"
    hidden = "published" in data and data["published"] in (False, 0, "", "false", "0")
    return "published: false" if hidden else ""
