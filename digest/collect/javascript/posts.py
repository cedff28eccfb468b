"""Decides what a post says beside what its generator makes of it: summary, people, picture, directions, marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from urllib.parse import quote

from digest.collect import authoring
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import js_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.javascript import moments
from digest.collect.problems import BrokenPostError, no_date, no_update
from digest.models import Finding, Level, Post

UNKNOWN_ADDRESS = "its address is not known"
"""Why a post is withheld whose address only the generator itself could say; the blog's settings are to blame."""

_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a generator's own rules say about a post."""

    url: str
    title: str
    published_at: datetime
    site: str
    """Address of the site, with its base path."""
    zone: tzinfo = UTC
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    author: str = ""
    language: str = ""
    withheld: str = ""
    updated: object = None
    """The date of the last change, as written."""
    updated_key: str = ""
    appears: datetime | None = None
    pictures_are_served: bool = True
    """False when a picture beside the post gets another address in the build."""
    notes: tuple[Finding, ...] = field(default=())


def compose(source: str, file: PostFile, data: Mapping[str, object], document: Document, facts: Facts) -> Reading:
    """Make the reading of a file; `data` is what its front matter and the folders above it say."""
    directions = authoring.directions(data, facts.zone)
    updated_at, notes = _updated_at(facts, file, document)
    notes += facts.notes + directions.findings(file.relative, document.lines)
    if not facts.title:
        notes += (_untitled(file.relative, document.lines.get("title", 0)),)
    pictures = data if facts.pictures_are_served else _without_relative_pictures(data)
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=facts.url,
        title=facts.title,
        published_at=local(facts.published_at, facts.zone),
        summary=authoring.summary(data, facts.title),
        updated_at=updated_at,
        author=facts.author,
        categories=facts.categories,
        tags=facts.tags,
        language=authoring.language(data, facts.language),
        image=authoring.image(pictures, facts.site, facts.url, own_folder=facts.pictures_are_served),
        withheld=facts.withheld,
        **directions.fields(),
    )
    return Reading(post, notes, authoring.identity(data), appears=facts.appears)


def address(site: str, path: str) -> str:
    """Return the percent-encoded address of a path, which begins with `/`, within a site."""
    return quote(site.rstrip("/") + path, safe=_SAFE)


def text_of(value: object) -> str:
    """Write a value as one line of plain text, as a template shows it."""
    return authoring.one_line(js_yaml.to_string(value))


def texts_of(value: object) -> tuple[str, ...]:
    """Return a list of values, or a single one, as texts without doubles."""
    several = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for text in map(text_of, several[:1000]) if text))


def moment(value: object, zone: tzinfo) -> datetime:
    """Return the moment that `new Date(value)` makes of a value of the front matter; raise `ValueError`."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        return moments.parse(value, zone)
    raise ValueError(js_yaml.to_string(value))


def written_moment(value: object, zone: tzinfo, line: int) -> datetime:
    """Return the moment that a date of the front matter means; raise `BrokenPostError`."""
    try:
        return moment(value, zone)
    except ValueError as error:
        raise no_date(js_yaml.to_string(value), line) from error


def local(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment in a zone; raise `BrokenPostError` where its calendar ends."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError) as error:
        raise no_date(f"{moment:%Y-%m-%d}", 0) from error


def undated(what: str) -> BrokenPostError:
    """Say that a post has no date that a copy of the blog keeps."""
    return BrokenPostError(
        "post.undated",
        f"The post has no date; {what}, which a copy of the blog does not keep.",
        fix="Write “date: 2026-01-31” at its top.",
    )


def _updated_at(facts: Facts, file: PostFile, document: Document) -> tuple[datetime | None, tuple[Finding, ...]]:
    if not facts.updated:
        return None, ()
    try:
        return moment(facts.updated, facts.zone).astimezone(facts.zone), ()
    except (ValueError, OverflowError):
        said, line = js_yaml.to_string(facts.updated), document.lines.get(facts.updated_key, 0)
        return None, (no_update(said, facts.updated_key, file.relative, line),)


def _without_relative_pictures(data: Mapping[str, object]) -> Mapping[str, object]:
    """Leave out the pictures that lie beside the post or are known by an alias."""

    def served(value: object) -> bool:
        if isinstance(value, Mapping):
            value = next((value[key] for key in ("path", "url", "src") if key in value), None)
        return isinstance(value, str) and not value.startswith((".", "@", "~", "src/"))

    names = ("image", "thumbnail", "og_image")
    return {key: value for key, value in data.items() if key not in names or served(value)}


def _untitled(relative: str, line: int) -> Finding:
    return Finding(
        Level.WARNING, "post.title", "The post has no title.", relative, line, "Write “title: …” at its top."
    )
