"""Decides what one file says as a post to Pelican: what its settings, its path and its own header add up to."""

from __future__ import annotations

import html
import posixpath
import re
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import yaml

from digest.collect import authoring
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import py_yaml
from digest.collect.pelican import addresses, dates
from digest.collect.pelican.metadata import SINGLE, Written, gather, split
from digest.collect.pelican.settings import Site
from digest.collect.problems import BrokenPostError, doubles, no_date
from digest.collect.words import restructured
from digest.models import Finding, Level, Post

_PICTURES = ("image", "cover", "featured_image", "header_cover", "thumbnail", "og_image")
_OWN_FILES = re.compile(r"[{|](?:static|filename|attach)[|}]")
_FOR_THE_DIGEST = ("newsletter", "pin", "pinned", "sticky", "featured")
_SAFE = "/:=&?~#+!$,;'@()*[]-._"
_STATUSES = ("published", "hidden", "draft", "skip")


def read(file: PostFile, raw: bytes, site: Site, source: str, now: datetime) -> Reading:
    """Read a post; raise `BrokenPostError` where Pelican would skip the file."""
    written = gather(file, raw, site)
    status = (written.text("status").strip() or "published").lower()
    _check_status(status, written)
    zone = _zone(written, site)
    title = _title(written)
    published_at, partial = _published_at(written, status, site, zone, now)
    lang = written.text("lang") or site.language
    slug = _slug(written, file, site)
    url = _url(written, file, site, slug, lang, published_at)
    said = _said(written)
    directions = authoring.directions(said, zone)
    shown_title = authoring.title(title if written.kind == "markdown" else html.unescape(title))
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=url,
        title=shown_title,
        published_at=published_at,
        summary=authoring.summary(
            {"summary": _summary(written), "description": written.text("description")}, shown_title
        ),
        updated_at=_modified(written, zone, now),
        author=", ".join(_authors(written, site)),
        categories=tuple(filter(None, (_category(written),))),
        tags=split(written.values.get("tags", "")),
        language=authoring.language({"lang": lang}, ""),
        image=authoring.image(said, site.url, url),
        withheld=_withheld(written, site, status, lang),
        **directions.fields(),
    )
    notes = directions.findings(file.relative, written.header.lines)
    notes += _remarks(written, shown_title, file)
    return Reading(
        post,
        notes,
        authoring.identity(said),
        appears=None if site.future else published_at,
        links=_kinship(written, site, slug, lang),
        lasting=not partial,
    )


def _check_status(status: str, written: Written) -> None:
    if status == "skip":
        raise BrokenPostError("post.skipped", "The post says “Status: skip”, so Pelican passes over it.")
    if status not in _STATUSES:
        raise BrokenPostError(
            "post.status",
            f"“{status}” is no status that Pelican knows, so it leaves the post out.",
            line=written.line("status"),
            fix="Write published, draft, hidden or skip.",
        )


def _zone(written: Written, site: Site) -> ZoneInfo:
    name = written.text("timezone")
    try:
        return ZoneInfo(name) if name else site.zone
    except (ValueError, OSError, LookupError) as error:
        raise BrokenPostError(
            "post.time-zone",
            f"The time zone “{name}” is unknown.",
            line=written.line("timezone"),
            fix="Write it as a place of the IANA list, such as Asia/Tokyo.",
        ) from error


def _title(written: Written) -> str:
    title = written.values.get("title")
    if title is None:
        raise BrokenPostError(
            "post.title" if written.header.values else "post.undated",
            "The file has no title, so Pelican leaves it out.",
            line=1,
            fix="Write “Title: …” and “Date: 2026-01-31 09:00” at its top, with no blank line before them.",
        )
    return title if isinstance(title, str) else " ".join(title)


def _published_at(written: Written, status: str, site: Site, zone: ZoneInfo, now: datetime) -> tuple[datetime, bool]:
    """Return when the post appeared, and whether what is written depends on the day on which it is read."""
    said = written.text("date").replace("_", " ")
    if "date" not in written.values:
        code, message = "post.undated", "The file has no date, so Pelican leaves it out."
        if status == "draft":
            code, message = "post.undated-draft", "The draft has no date yet."
        elif site.default_date == "fs":
            message = "The post has no date but that of its file (DEFAULT_DATE = 'fs'), which no copy keeps."
        raise BrokenPostError(code, message, line=1, fix="Write “Date: 2026-01-31 09:00” at its top.")
    try:
        return _moment(said, zone, now), dates.is_partial(said)
    except (ValueError, OverflowError) as error:
        raise no_date(said, written.line("date")) from error


def _modified(written: Written, zone: ZoneInfo, now: datetime) -> datetime | None:
    said = written.text("modified")
    if "modified" not in written.values:
        return None
    try:
        return _moment(said, zone, now)
    except (ValueError, OverflowError) as error:
        raise BrokenPostError(
            "post.updated",
            f"“{said}” after Modified is no date, so Pelican leaves the post out.",
            line=written.line("modified"),
            fix="Write it as 2026-01-31 09:00, or delete the line.",
        ) from error


def _moment(said: str, zone: ZoneInfo, now: datetime) -> datetime:
    moment = dates.parse(said, now.astimezone(zone))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    moment.astimezone(ZoneInfo("UTC"))  # a moment beyond the calendar is none
    return moment


def _slug(written: Written, file: PostFile, site: Site) -> str:
    if own := written.text("slug").strip():
        return own
    if site.slug_source == "basename":
        return site.slugs.slug(posixpath.splitext(file.name)[0])
    return site.slugs.slug(_as_python_writes(written.values["title"])) if site.slug_source == "title" else ""


def _as_python_writes(title: str | tuple[str, ...]) -> str:
    return title if isinstance(title, str) else str(list(title))


def _url(written: Written, file: PostFile, site: Site, slug: str, lang: str, moment: datetime) -> str:
    pattern = site.article_url if lang == site.language else site.article_lang_url
    authors = _authors(written, site)
    values = {name: value for name, value in written.values.items() if isinstance(value, str)} | {
        "path": posixpath.relpath(file.relative, site.content),
        "slug": slug,
        "lang": lang,
        "author": site.author_slugs.slug(authors[0]) if authors else "",
        "category": site.category_slugs.slug(_category(written)),
    }
    try:
        path = written.text("url") or addresses.fill(pattern, moment, values)
    except addresses.UnknownPartError as error:
        raise BrokenPostError(
            "post.url",
            f"The pattern “{pattern}” asks for “{error}”, which this post does not say.",
            fix="Write it into the post, or correct ARTICLE_URL.",
        ) from error
    if path.startswith(("http://", "https://")) and (elsewhere := authoring.absolute(path, "")):
        return elsewhere
    written_out = "%" if written.text("url") else ""  # what the author encoded stays so
    return f"{quote(site.url, safe=_SAFE + '%')}/{quote(path.lstrip('/'), safe=_SAFE + written_out)}"


def _withheld(written: Written, site: Site, status: str, lang: str) -> str:
    if status != "published":
        return status
    said = {name for name, texts in written.header.values.items() if any(text.strip() for text in texts)}
    setting, pattern = ("ARTICLE_URL", site.article_url)
    if lang != site.language:
        setting, pattern = "ARTICLE_LANG_URL", site.article_lang_url
    guessed = "url" not in said and addresses.is_guessed(setting, pattern, said, set(site.unread))
    return "its address is not known" if guessed else ""


def _authors(written: Written, site: Site) -> tuple[str, ...]:
    if several := split(written.values.get("authors", "")):
        return several
    own = written.text("author").strip() or site.author
    return (own,) if own else ()


def _category(written: Written) -> str:
    return written.text("category").strip()


def _summary(written: Written) -> str:
    said = written.text("summary")
    return restructured.inline(said) if written.kind == "restructured" else said


def _said(written: Written) -> dict[str, object]:
    """Return what is said for everyone and for the digest, which may be written as YAML on one line."""
    said: dict[str, object] = dict(written.values)
    picture = next((text for name in _PICTURES if (text := written.text(name))), "")
    if picture:
        said["image"] = _OWN_FILES.sub("", picture)
    for name in _FOR_THE_DIGEST:
        if text := written.text(name):
            try:
                said[name] = py_yaml.parse(f"{name}: {text}").value[name]  # type: ignore[index]  # else TypeError
            except (yaml.YAMLError, TypeError, LookupError, RecursionError):
                said[name] = text
    return said


def _kinship(written: Written, site: Site, slug: str, lang: str) -> tuple[str, ...]:
    """Return what tells which posts are translations of one another, and whether this one must be one."""
    if not site.translated_by:
        return ()
    shared = slug if site.translated_by == "slug" else written.text(site.translated_by)
    if written.text("translation").lower() not in {"", "false"}:
        return (shared, "translation")
    return (shared, "original" if lang == site.language else "variant")


def _remarks(written: Written, title: str, file: PostFile) -> tuple[Finding, ...]:
    """Tell what is written twice, and what is wrong with the title."""
    told = list(_doubles(written, file))
    line = written.line("title")
    if isinstance(written.values["title"], tuple):
        message, fix = "The title takes more than one line, and the blog shows it as a list.", "Write it on one line."
        told.append(Finding(Level.WARNING, "post.title", message, file.relative, line, fix))
    elif not title:
        fix = "Write a title; in reStructuredText, let no other heading look like the first."
        told.append(Finding(Level.WARNING, "post.title", "The title is empty.", file.relative, line, fix))
    return tuple(told)


def _doubles(written: Written, file: PostFile) -> tuple[Finding, ...]:
    """Tell what is written twice: of two fields the later counts, of two lines the first."""
    if written.kind == "restructured":
        return doubles(written.header.duplicates, file.relative)
    return tuple(
        Finding(
            Level.WARNING,
            "post.duplicate-key",
            f"“{key}” is written twice; the first one counts.",
            file.relative,
            line,
            "Delete one of the two.",
        )
        for key, line in written.header.duplicates
        if key in SINGLE
    )
