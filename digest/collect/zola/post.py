"""Decides what one file of a Zola site says as a post: title, moment, address, taxonomies, whether it is shown.

Read after components/content/src/page.rs and front_matter/page.rs of github.com/getzola/zola (0.22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo

from digest.collect import authoring, guessing
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers.front_matter import Document
from digest.collect.problems import BrokenPostError, no_date
from digest.collect.zola import header
from digest.collect.zola.addresses import Place, place_of, spelt_unsurely
from digest.collect.zola.settings import Site
from digest.models import Finding, Level, Post

_CLOSED = re.compile(rb"(?:\+\+\+|---)[ \t\r\f\v]*\n")
_TOML_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:[Zz]|([-+]\d\d):(\d\d))?)?", re.ASCII
)
_YAML_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(\.\d{0,9})?[ \t]*(?:Z|([-+]\d\d?)(?::(\d\d))?)?)?",
    re.ASCII,
)
_PATH_DAY = re.compile(r"(?:^|/)(\d{4})[/-](\d\d)[/-](\d\d)(?=[/-]|$)", re.ASCII)
_FIX = "Write it as 2026-01-31, or 2026-01-31T09:00:00+09:00."


def latest(file: PostFile, site: Site, head: bytes) -> date | None:
    """Return a day after which the post was certainly not offered, judged by its name and first lines."""
    if not head.removeprefix(b"\xef\xbb\xbf").startswith((b"+++", b"---")):
        return None
    try:
        named = _moment(place_of(file.relative, site).said_date, site.zone)
    except (ValueError, BrokenPostError):
        return None
    return guessing.latest(head, ("date",), _CLOSED, named.date() if named else None)


def read(file: PostFile, raw: bytes, site: Site, source: str) -> Reading:
    """Read one file as Zola reads it; raise `BrokenPostError` where Zola stops, or when the page has no date."""
    document = header.read(raw)
    _check(document)
    place = place_of(file.relative, site)
    taxonomies = _taxonomies(document, place, site)
    published_at = _published_at(document, place, site)
    title = authoring.title(document.data.get("title"))
    said = _said(document)
    url = place.address(document, site)
    unsure = spelt_unsurely(file.relative, document, place, site)
    directions = authoring.directions(said, site.zone)
    lines = {key.removeprefix("extra."): line for key, line in document.lines.items()} | dict(document.lines)
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=url,
        title=title,
        published_at=published_at,
        summary=authoring.summary(said, title),
        updated_at=_date(document, "updated", site.zone),
        author=_author(document.data, taxonomies, said, site),
        categories=taxonomies.get("categories") or taxonomies.get("category") or (),
        tags=taxonomies.get("tags") or taxonomies.get("tag") or (),
        language=authoring.language({}, site.shown_language if place.language == site.language else place.language),
        image=authoring.image(said, site.url, url, own_folder=place.own_folder),
        withheld=_withheld(file, document.data) or ("its address is not known" if unsure else ""),
        **directions.fields(),
    )
    notes = directions.findings(file.relative, lines) + unsure
    if not title:
        notes += (_untitled(file, document),)
    return Reading(post, notes, authoring.identity(said))


def _check(document: Document) -> None:
    """Raise `BrokenPostError` at a setting of a kind at which Zola stops."""
    for key, value in document.data.items():
        line = document.lines.get(key, 0)
        if key in {"title", "description", "slug", "path"} and not (value is None or isinstance(value, str)):
            raise _wrong(key, "no text", line, "Put it in quotation marks.")
        if key in {"slug", "path"} and value == "":
            raise _wrong(key, "empty", line, "Write one, or delete the line.")
        if key in {"draft", "render"} and not isinstance(value, bool):
            raise _wrong(key, "neither true nor false", line, "Write true or false, without quotation marks.")
        if key in {"authors", "aliases"} and not _are_texts(value):
            raise _wrong(key, "no list of texts", line, f'Write it as {key} = ["…"].')
        if key in {"taxonomies", "extra"} and not isinstance(value, Mapping):
            raise _wrong(key, "no table", line, f"Write its settings below a line [{key}].")


def _wrong(key: str, what: str, line: int, fix: str) -> BrokenPostError:
    return BrokenPostError("post.front-matter", f"“{key}” is {what}, at which Zola stops.", line=line, fix=fix)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _taxonomies(document: Document, place: Place, site: Site) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    said = document.data.get("taxonomies")
    for key, terms in said.items() if isinstance(said, Mapping) else ():
        line = document.lines.get(f"taxonomies.{key}", document.lines.get("taxonomies", 0))
        if not _are_texts(terms) or not all(term.strip() for term in terms):
            raise _wrong(f"taxonomies.{key}", "no list of texts", line, f'Write it as {key} = ["…"].')
        if not site.knows(str(key), place.language):
            raise BrokenPostError(
                "post.taxonomy",
                f"The site does not declare the taxonomy “{key}”, at which Zola stops.",
                line=line,
                fix=f'Add {{name = "{key}"}} to the taxonomies in {site.file or "zola.toml"}, or correct the name.',
            )
        found[str(key)] = tuple(dict.fromkeys(authoring.flat(terms)))
    return found


def _published_at(document: Document, place: Place, site: Site) -> datetime:
    if "date" in document.data:
        moment = _date(document, "date", site.zone)
    else:
        try:
            moment = _moment(place.said_date, site.zone) or _moment(_day_in_path(document), site.zone)
        except ValueError as error:
            raise BrokenPostError(
                "post.date", f"The file's name begins with {place.said_date}, which is no date.", fix="Rename the file."
            ) from error
    if moment is None:
        raise BrokenPostError(
            "post.undated",
            "The page has no date, so it is no post.",
            fix="Write date = 2026-01-31 at its top, or begin its name with 2026-01-31-.",
        )
    return moment


def _day_in_path(document: Document) -> str:
    """Return the day that an address of the author's own holds, as in `path = "2026/01/31/hello"`."""
    path = document.data.get("path")
    found = _PATH_DAY.search(path) if isinstance(path, str) else None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else ""
    except ValueError:
        return ""


def _date(document: Document, key: str, zone: tzinfo) -> datetime | None:
    """Return the moment of a setting; None when it is not there."""
    if key not in document.data:
        return None
    value = document.data[key]
    try:
        match value:
            case datetime():
                return value if value.tzinfo else value.replace(tzinfo=zone)
            case date():
                return datetime(value.year, value.month, value.day, tzinfo=zone)
            case str() if moment := _moment(value, zone):
                return moment
    except ValueError:
        pass
    said = value if isinstance(value, str) else ""
    error = no_date(said, document.lines.get(key, 0))
    raise BrokenPostError(
        error.code, error.message if not value or said else "The date is none.", line=error.line, fix=_FIX
    )


def _moment(said: str, zone: tzinfo) -> datetime | None:
    """Return the moment that a text means, in `zone` unless it says an offset; raise `ValueError` when it is none."""
    if not said:
        return None
    found = _TOML_TIME.fullmatch(said) or _YAML_TIME.fullmatch(said)
    if found is None:
        raise ValueError(said)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if found[8]:
        shift = timedelta(hours=int(found[8][1:]), minutes=int(found[9] or 0))
        zone = timezone(-shift if found[8][0] == "-" else shift)
    elif found[4] and said[-1] in "Zz":
        zone = timezone.utc  # noqa: UP017 - beside `timezone(shift)`
    fraction = int((found[7] or ".")[1:7].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, second, fraction, tzinfo=zone)


def _said(document: Document) -> Mapping[str, object]:
    """Return what an author says about the post, in Zola's own settings or in the free ones below `extra`."""
    extra = document.data.get("extra")
    free = {str(key): value for key, value in extra.items()} if isinstance(extra, Mapping) else {}
    return {**free, **document.data}


def _author(
    data: Mapping[str, object], taxonomies: Mapping[str, tuple[str, ...]], said: Mapping[str, object], site: Site
) -> str:
    names = data.get("authors") or list(taxonomies.get("authors") or taxonomies.get("author") or ())
    return authoring.author({"authors": names} if names else said, site.author, {})


def _withheld(file: PostFile, data: Mapping[str, object]) -> str:
    if data.get("draft") is True:
        return "draft"
    if file.draft:
        return "in a section of drafts"
    return "render: false" if data.get("render") is False else ""


def _untitled(file: PostFile, document: Document) -> Finding:
    return Finding(
        Level.WARNING,
        "post.title",
        "The post has no title.",
        file.relative,
        document.lines.get("title", 0),
        'Write title = "…" at its top.',
    )
