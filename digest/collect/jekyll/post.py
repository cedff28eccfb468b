"""Decides what one file of a Jekyll site says as a post: title, moment, address, categories, whether it is shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from digest.collect import authoring, guessing
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import front_matter, psych, ruby_time
from digest.collect.jekyll import permalinks
from digest.collect.jekyll.defaults import merge, values_for
from digest.collect.jekyll.files import DATED_NAME, DATELESS_NAME
from digest.collect.jekyll.settings import UTC, Site
from digest.collect.problems import BrokenPostError, doubles, no_date, no_update
from digest.collect.words import liquid
from digest.models import Finding, Level, Post

_CLOSED = re.compile(rb"\n(?:---|\.\.\.)")
_ISO_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-")


def latest(file: PostFile, site: Site, head: bytes) -> date | None:
    """Return a day after which the post was certainly not offered, judged by its name and first lines."""
    if any("date" in default.values for default in site.defaults):
        return None
    found = _ISO_NAME.match(file.relative.rpartition("/")[2])
    try:
        named = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
    return guessing.latest(head, ("date",), _CLOSED, named) if found or not file.draft else None


def read(file: PostFile, raw: bytes, site: Site, source: str, authors: Mapping[str, str], now: datetime) -> Reading:
    """Read one file as Jekyll reads it; raise `BrokenPostError` when Jekyll and the author would disagree about it."""
    document = front_matter.read(raw, site.encoding)
    below = file.relative.removeprefix(f"{site.collections_folder}/") if site.collections_folder else file.relative
    defaults = values_for(site.defaults, below)
    data = merge(defaults, document.data) if defaults else document.data
    written_date, slug, ending = _name_parts(below)
    published_at = _published_at(data, written_date, document, site, now)
    categories = _categories(below, defaults, document)
    title = _title(data, slug, document)
    address = permalinks.Address(
        date=published_at,
        slug=_slug(data, slug, document),
        relative_path=below,
        categories=tuple(dict.fromkeys(psych.to_s(category) for category in categories)),
        output_ending=_output_ending(data.get("permalink"), ending, site),
    )
    updated_at, notes = _updated_at(data, document, site, file, now)
    directions = authoring.directions(data, site.zone)
    notes += directions.findings(file.relative, document.lines)
    notes += _remarks(file, document, title)
    url = site.url + _path(data.get("permalink"), address, document, site)
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=url,
        title=title,
        published_at=published_at,
        summary=_summary(data, title, document.body, site),
        updated_at=updated_at,
        author=authoring.author(data, site.author, authors),
        categories=tuple(dict.fromkeys(authoring.flat(categories))),
        tags=_tags(data),
        language=authoring.language(data, site.language),
        image=authoring.image(data, site.url, url),
        withheld=_withheld(file, data, site),
        **directions.fields(),
    )
    return Reading(
        post,
        notes,
        authoring.identity(document.data),
        appears=None if site.future else published_at,
        links=_links(document.body, post.summary) if b"{" in raw or site.encoding != "utf-8" else (),
        lasting=not any(
            ruby_time.lacks_year(said) for said in (data.get("date"), written_date) if isinstance(said, str)
        ),
    )


def _links(body: str, summary: str) -> tuple[str, ...]:
    return liquid.links(body) + liquid.links(summary)


def _name_parts(relative: str) -> tuple[str, str, str]:
    """Split a file's name into date (may be empty), slug and ending."""
    name = relative.rpartition("/")[2]
    if found := DATED_NAME.fullmatch(name):
        return found[1], found[2].rstrip("."), found[3]
    found = DATELESS_NAME.fullmatch(name)
    return ("", found[1].rstrip("."), found[2]) if found else ("", name, "")


def _published_at(
    data: Mapping[str, object], written_date: str, document: front_matter.Document, site: Site, now: datetime
) -> datetime:
    if "date" in data:
        try:
            return _instant(data["date"], site, now)
        except ValueError as error:
            raise no_date(psych.to_s(data["date"]), document.lines.get("date", 0)) from error
    if not written_date:
        raise BrokenPostError("post.undated", "The draft has no date yet.", fix="Nothing, until it is to appear.")
    try:
        return ruby_time.parse(written_date, site.zone, now)
    except ValueError as error:
        raise BrokenPostError(
            "post.date", f"The file's name begins with {written_date}, which is no date.", fix="Rename the file."
        ) from error


def _instant(value: object, site: Site, now: datetime) -> datetime:
    """Return the moment that Jekyll makes of a date as YAML read it; raise `ValueError` when it makes none."""
    match value:
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)  # Psych reads a naive time as UTC
            try:
                return aware.astimezone(site.zone).replace(microsecond=0)
            except OverflowError as error:
                raise ValueError(value) from error
        case date():
            return ruby_time.midnight(value.year, value.month, value.day, site.zone)
        case str() | int() | float():
            return ruby_time.parse(psych.to_s(value), site.zone, now)
        case _:
            raise ValueError(value)


def _updated_at(
    data: Mapping[str, object], document: front_matter.Document, site: Site, file: PostFile, now: datetime
) -> tuple[datetime | None, tuple[Finding, ...]]:
    if data.keys().isdisjoint(authoring.UPDATED_KEYS):
        return None, ()
    key = next((key for key in authoring.UPDATED_KEYS if data.get(key)), "")
    if not key:
        return None, ()
    try:
        return _instant(data[key], site, now), ()
    except ValueError:
        note = no_update(psych.to_s(data[key]), key, file.relative, document.lines.get(key, 0))
        return None, (note,)


def _title(data: Mapping[str, object], slug: str, document: front_matter.Document) -> str:
    said = data.get("title")
    if said is None or said is False:
        return authoring.one_line(" ".join(part.capitalize() for part in slug.split("-")))
    if isinstance(said, Mapping):
        raise BrokenPostError(
            "post.title", "The title is a mapping.", line=document.lines.get("title", 0), fix="Put the title in quotes."
        )
    return authoring.title(said)


def _slug(data: Mapping[str, object], written: str, document: front_matter.Document) -> str:
    said = data.get("slug")
    if said is None or said is False:
        return written
    if isinstance(said, Mapping | list):
        raise BrokenPostError(
            "post.slug", "The slug is not a text.", line=document.lines.get("slug", 0), fix="Write one word after slug."
        )
    return psych.to_s(said)


def _categories(below: str, defaults: Mapping[str, object], document: front_matter.Document) -> list[object]:
    """Join the folders above `_posts`, the defaults and the front matter, in this order.

    A list within the list stays one, since Jekyll writes it into addresses as it stands.
    """
    collected: list[object] = [] if below.startswith(("_posts", "_drafts")) else list(_folders(below))
    for layer in (defaults, document.data):
        said = layer.get("categories")
        if isinstance(said, str):
            said = authoring.words(said)
        if said is None:
            continue
        if not isinstance(said, list):
            raise BrokenPostError(
                "post.categories",
                f"“categories: {psych.to_s(said)}” is neither a text nor a list.",
                line=document.lines.get("categories", 0),
                fix="Write them as [one, two], or put the value in quotes.",
            )
        collected += said
    single = document.data.get("category")
    single = defaults.get("category") if single is None else single
    if single is not None and single is not False:
        collected += single if isinstance(single, list) else [single]
    return collected


def _folders(below: str) -> Sequence[str]:
    above = re.sub(r"_(?:posts|drafts).*", "", below, count=1)
    return [folder for folder in above.split("/") if folder]


def _tags(data: Mapping[str, object]) -> tuple[str, ...]:
    single, several = data.get("tag"), data.get("tags")
    if single is not None and single is not False:
        return tuple(dict.fromkeys(authoring.flat([single])))
    if isinstance(several, str):
        several = authoring.words(several)
    return tuple(dict.fromkeys(authoring.flat(several))) if isinstance(several, list) else ()


def _output_ending(permalink: object, ending: str, site: Site) -> str:
    if isinstance(permalink, str) and not permalink.endswith("/") and (own := os.path.splitext(permalink)[1]):  # noqa: PTH122 - a URL, not a file
        return own
    return ".html" if ending.lower() in site.markdown_endings else ending


def _path(permalink: object, address: permalinks.Address, document: front_matter.Document, site: Site) -> str:
    if permalink is None or permalink is False:
        return permalinks.path_of(site.permalink, address)
    line, fix = document.lines.get("permalink", 0), "Correct the permalink, or delete the line."
    if not isinstance(permalink, str):
        raise BrokenPostError("post.permalink", "The permalink is not a text.", line=line, fix=fix)
    try:
        return permalinks.path_of(permalink, address)
    except permalinks.UnknownPlaceholderError as error:
        message = str(error)
        raise BrokenPostError("post.permalink", message[0].upper() + message[1:], line=line, fix=fix) from error


def _summary(data: Mapping[str, object], title: str, body: str, site: Site) -> str:
    """Return the author's words, else what stands before the marker that the blog or the post declares."""
    said = authoring.summary(data, title)
    if said:
        return said
    marker = data.get("excerpt_separator") or site.excerpt_separator
    if isinstance(marker, str) and marker.strip() and marker in body:
        return body.partition(marker)[0].strip()
    return ""


def _withheld(file: PostFile, data: Mapping[str, object], site: Site) -> str:
    if file.draft and not site.show_drafts:
        return "draft"
    if "published" in data and (data["published"] is None or data["published"] is False) and not site.unpublished:
        return "published: false"
    return ""


def _remarks(file: PostFile, document: front_matter.Document, title: str) -> tuple[Finding, ...]:
    remarks = [*doubles(document.duplicates, file.relative)]
    if not title:
        remarks.append(
            Finding(
                Level.WARNING,
                "post.title",
                "The title is empty.",
                file.relative,
                document.lines.get("title", 0),
                "Write a title, or delete the line to have one made from the file's name.",
            )
        )
    if document.data.get("draft") is True and not file.draft:
        remarks.append(
            Finding(
                Level.WARNING,
                "post.draft",
                "The post says “draft: true”, but Jekyll shows it all the same.",
                file.relative,
                document.lines.get("draft", 0),
                "Write “published: false”, or move the file to _drafts.",
            )
        )
    return tuple(remarks)
