"""Decides what one page of a Hugo site says as a post: title, moments, address, terms, whether it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from digest.collect import authoring, guessing
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import go_yaml, hugo_header
from digest.collect.headers.front_matter import Document
from digest.collect.hugo import addresses, cascade, dates, markups, permalinks, shortcodes, visibility
from digest.collect.hugo.paths import ContentPath
from digest.collect.hugo.permalinks import UnknownPartError
from digest.collect.hugo.sections import Sections
from digest.collect.hugo.settings import Site
from digest.collect.problems import BrokenPostError, doubles, no_date, no_update
from digest.collect.words.repetition import repeats
from digest.models import Finding, Level, Post

_CLOSED = re.compile(rb"\n(?:---|\+\+\+)")
_OWN_KEYS = frozenset({"title", "slug", "url", "draft", "published", "headless", "build", "_build", "cascade"})
"""What a page says for itself; the same name under `params` means something else."""
_PICTURES = ("images", "cover", "featuredimage", "featured_image", "featureimage", "banner", "hero")
"""Names under which themes and Hugo's own templates look for the picture of a post."""
_MORE = "<!--more-->"


class UndatedDraftError(BrokenPostError):
    """A draft has no date yet."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page is read with."""

    source: str
    site: Site
    sections: Sections
    authors: Mapping[str, str]


def latest(path: ContentPath, around: Surroundings, head: bytes) -> date | None:
    """Return a day after which the post was certainly not offered, judged by its name and first lines."""
    keys = around.site.dates
    inherited = (*around.sections.above(path).cascades, *around.site.cascades)
    if any(name in each.values for each in inherited for name in keys.all):
        return None
    named, _ = dates.in_name(path.base, around.site.zone) if dates.FILENAME in keys.date else (None, "")
    return guessing.latest(head, keys.all, _CLOSED, named.date() if named else None)


def read(file: PostFile, path: ContentPath, raw: bytes, around: Surroundings) -> Reading:
    """Read a page as Hugo does; raise `BrokenPostError` where Hugo stops, and for a page without a date."""
    site = around.site
    document = hugo_header.read(raw)
    above = around.sections.above(path)
    data = _data(document, cascade.inherited((*above.cascades, *site.cascades), path.logical))
    published_at, slug = _published_at(data, document, path, site)
    url = address(path, data, published_at, slug, around)
    title = authoring.one_line(go_yaml.to_s(data.get("title")))
    appears = _moment(site.dates.publishdate, data, document, path, site)
    updated_at, notes = _updated_at(data, document, path, site, file)
    directions = authoring.directions(data, site.zone)
    fields = directions.fields()
    if appears and appears > published_at:
        fields["hold_until"] = max(appears, fields["hold_until"] or appears)
    post = Post(
        id=f"{around.source}:{file.relative}",
        path=file.relative,
        url=url,
        title=title,
        published_at=published_at,
        summary=_summary(data, title, document.body, path),
        updated_at=updated_at,
        author=authoring.author(data, site.author, around.authors),
        categories=_terms(data.get(site.categories)),
        tags=_terms(data.get(site.tags)),
        language=authoring.language({}, site.language),
        image=authoring.image(_pictured(data), site.url, url, own_folder=path.is_bundle),
        withheld=visibility.withheld(data, drafts=site.drafts)
        or ("its section is broken" if above.broken else "")
        or ("its address is not known" if _is_placed_by_unknown_date(data, path, site) else ""),
        **fields,
    )
    notes += directions.findings(file.relative, document.lines)
    notes += doubles(document.duplicates, file.relative)
    notes += visibility.doubt(data, file.relative, document.lines.get("draft", 0))
    return Reading(
        post,
        notes if title else (*notes, _untitled(file, document)),
        authoring.identity(document.data),
        appears=None if site.future else appears,
        vanishes=None if site.expired else _moment(site.dates.expirydate, data, document, path, site),
        links=shortcodes.links(document.body),
    )


def _is_placed_by_unknown_date(data: Mapping[str, object], path: ContentPath, site: Site) -> bool:
    pattern = go_yaml.to_s(data.get("url")) or permalinks.pattern_for(site.rules, path.logical)
    return bool(site.dates.unknowable) and permalinks.uses_date(pattern)


def address(
    path: ContentPath, data: Mapping[str, object], moment: datetime | None, slug: str, around: Surroundings
) -> str:
    """Return the address of a page with these settings; raise `BrokenPostError` when its `url` is none."""
    above = around.sections.above(path)
    url = go_yaml.to_s(data.get("url"))
    if url.startswith(("http://", "https://")):
        raise _wrong_url(url, "Write the path only, such as /page/.")
    page = addresses.Page(
        path,
        moment,
        go_yaml.to_s(data.get("title")),
        slug,
        url,
        above.folders,
        above.names,
    )
    try:
        return addresses.address(page, around.site)
    except UnknownPartError as error:
        raise _wrong_url(url, f"{error}; write \\: for a colon.") from error
    except ValueError as error:
        raise _wrong_url(url, "Write it as /page/.") from error


def address_of(path: ContentPath, raw: bytes, around: Surroundings) -> str:
    """Return the address of a page that need not be a post; raise `BrokenPostError`."""
    document = hugo_header.read(raw)
    above = around.sections.above(path)
    data = _data(document, cascade.inherited((*above.cascades, *around.site.cascades), path.logical))
    try:
        moment, slug = _published_at(data, document, path, around.site)
    except BrokenPostError:
        moment, slug = None, _slug(data)
    return address(path, data, moment, slug, around)


def _data(document: Document, inherited: Mapping[str, object]) -> Mapping[str, object]:
    """Join what the page says, what it says under `params`, and what it inherits."""
    data: dict[str, object] = {**inherited, **document.data}
    params = data.pop("params", None)
    if isinstance(params, dict):
        data = {**{key: value for key, value in params.items() if key not in _OWN_KEYS}, **data}
    return data


def _published_at(
    data: Mapping[str, object], document: Document, path: ContentPath, site: Site
) -> tuple[datetime, str]:
    """Return the date that the blog shows, and the slug, which may come with the date from the file's name."""
    try:
        found, name = dates.moment(site.dates.date, data, path.base, site.zone)
    except dates.BadDateError as error:
        raise no_date(go_yaml.to_s(error.value), document.lines.get(error.key, 0)) from error
    slug = _slug(data)
    if found is None:
        if visibility.is_draft(data):
            raise UndatedDraftError("post.undated", "The draft has no date yet.", fix="Nothing, until it is to appear.")
        raise BrokenPostError(
            "post.undated",
            "The page has no date, so it is no post.",
            fix="Write “date: 2026-01-31T09:00:00+09:00” into its front matter, if it is one.",
        )
    if name == dates.FILENAME and "slug" not in data:
        slug = dates.in_name(path.base, site.zone)[1]
    return found, slug


def _slug(data: Mapping[str, object]) -> str:
    return go_yaml.to_s(data.get("slug")).strip("-")


def _moment(
    names: tuple[str, ...], data: Mapping[str, object], document: Document, path: ContentPath, site: Site
) -> datetime | None:
    try:
        return dates.moment(names, data, path.base, site.zone)[0]
    except dates.BadDateError as error:
        raise no_date(go_yaml.to_s(error.value), document.lines.get(error.key, 0)) from error


def _updated_at(
    data: Mapping[str, object], document: Document, path: ContentPath, site: Site, file: PostFile
) -> tuple[datetime | None, tuple[Finding, ...]]:
    try:
        return dates.moment(site.dates.change, data, path.base, site.zone)[0], ()
    except dates.BadDateError as error:
        said = go_yaml.to_s(error.value)
        return None, (no_update(said, error.key, file.relative, document.lines.get(error.key, 0)),)


def _wrong_url(url: str, fix: str) -> BrokenPostError:
    return BrokenPostError("post.url", f"“{url[:100]}” after url is no address that Hugo takes.", fix=fix)


def _summary(data: Mapping[str, object], title: str, body: str, path: ContentPath) -> str:
    """Return what stands before the mark that ends a summary, else the author's words for the post."""
    before, mark, _ = body.partition("# more" if path.ending == "org" else _MORE)
    if mark:
        written = markups.markdown(shortcodes.without(before, lambda _: None), path.ending).strip()
        if written and not repeats(written, title):
            return written
    return authoring.summary(data, title)


def _terms(said: object) -> tuple[str, ...]:
    """Return the terms of a taxonomy: a text is one term, and terms that differ in case only are one."""
    listed = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    terms: dict[str, str] = {}
    for each in listed[:1000]:
        if text := go_yaml.to_s(each).strip():
            terms.setdefault(text.casefold(), text)
    return tuple(terms.values())


def _pictured(data: Mapping[str, object]) -> Mapping[str, object]:
    """Put the picture where it is looked for, from the names that Hugo's templates and themes have for it."""
    if data.get("image") or data.get("thumbnail"):
        return data
    for key in _PICTURES:
        said = data.get(key)
        said = said[0] if isinstance(said, list) and said else said
        if isinstance(said, Mapping):
            said = said.get("image") or said.get("src") or said.get("url")
        if isinstance(said, str) and said:
            return {**data, "image": said}
    return data


def _untitled(file: PostFile, document: Document) -> Finding:
    return Finding(
        Level.WARNING,
        "post.title",
        "The post has no title.",
        file.relative,
        document.lines.get("title", 0),
        "Write a title into its front matter.",
    )
