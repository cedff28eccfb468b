"""Decides what one file says as a post to the blog plugin of Material for MkDocs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime

from digest.collect import authoring
from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.headers import front_matter, psych, py_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.mkdocs.settings import BlogSettings, Site
from digest.collect.mkdocs.words import first_line, heading
from digest.collect.problems import BrokenPostError, doubles, no_date, no_update
from digest.collect.words.markdown_text import plain_text
from digest.models import Finding, Level, Post

_FENCED = re.compile(r"\A(-{3}[ \t]*\n.*?\n)((?:\.{3}|-{3})[ \t]*\n)", re.DOTALL)
_EMPTY = re.compile(r"\A-{3}[ \t]*\n(?:\.{3}|-{3})[ \t]*\n")
_NAMED_FORMATS = ("full", "long", "medium", "short")


def document(raw: bytes) -> Document:
    """Split a file into front matter and text; raise `BrokenPostError` where MkDocs would refuse it."""
    text = front_matter.decode(raw).replace("\r", "\n")
    fenced = _FENCED.match(text)
    if _EMPTY.match(text) or not fenced:
        opened = text.startswith("---")
        raise BrokenPostError(
            "post.front-matter",
            "The front matter is empty or never ends."
            if opened
            else "The post has no front matter, so it has no date.",
            line=1,
            fix="Begin the file with a line of exactly three dashes, then “date: 2026-01-31”, then such a line again.",
        )
    return front_matter.interpret(fenced[0], text[fenced.end() :].lstrip("\n"), py_yaml.parse)


def read(
    file: PostFile,
    raw: bytes,
    site: Site,
    source: str,
    authors: Mapping[str, str],
    defaults: Mapping[str, object],
) -> Reading:
    """Read a post; `authors` are those of its blog, `defaults` what the site says for all posts of its folder."""
    blog = site.blog_of(_in_documents(file, site)) or site.blogs[0]
    found = document(raw)
    data = merged(defaults, dict(found.data))
    published_at = _created(data, found)
    draft = data.get("draft")
    if draft is not None and not isinstance(draft, bool):
        raise _refused("draft", draft, "neither true nor false", found)
    categories = _texts("categories", data, found)
    title = _title(data, found, file)
    url = _url(data, found, file, site, blog, published_at, categories)
    directions = authoring.directions(data, UTC)
    updated_at, notes = _updated(data, found, file)
    names = _texts("authors", data, found)
    notes += _unknown_authors(names, authors, blog, file, found)
    notes += directions.findings(file.relative, found.lines)
    notes += doubles(found.duplicates, file.relative)
    post = Post(
        id=f"{source}:{file.relative}",
        path=file.relative,
        url=url,
        title=title,
        published_at=published_at,
        summary=authoring.summary(data, title),
        updated_at=updated_at,
        author=", ".join(authors.get(name, name) for name in names)
        or authoring.author({"author": data.get("author")}, None, {}),
        categories=categories,
        tags=tuple(dict.fromkeys(authoring.flat(data.get("tags")))),
        language=authoring.language(data, site.language),
        image=authoring.image(data, site.url, url),
        withheld="draft" if draft and not blog.shows_drafts else "",
        **directions.fields(),
    )
    waits = draft is None and blog.hides_future and not blog.shows_drafts
    return Reading(post, notes, authoring.identity(data), appears=published_at if waits else None)


def merged(defaults: Mapping[str, object], data: Mapping[str, object]) -> dict[str, object]:
    """Put a post's own settings over those of its folder: lists grow, mappings join, everything else is replaced."""
    result = dict(defaults)
    for key, value in data.items():
        old = result.get(key)
        if isinstance(old, list) and isinstance(value, list):
            result[key] = [*old, *value]
        elif isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def _in_documents(file: PostFile, site: Site) -> str:
    return posixpath.relpath(file.relative, site.documents)


def _created(data: Mapping[str, object], found: Document) -> datetime:
    said = data.get("date")
    if isinstance(said, dict):
        said = said.get("created")
    if "date" not in data:
        raise BrokenPostError("post.date", "The post has no date.", line=1, fix="Write “date: 2026-01-31” at its top.")
    moment = _moment(said)
    if moment is None:
        raise no_date(psych.to_s(said), found.lines.get("date", 0))
    return moment


def _moment(said: object) -> datetime | None:
    """Return what the blog plugin makes of a date: without an offset it is UTC; None when it refuses it."""
    if isinstance(said, datetime):
        return said if said.tzinfo else said.replace(tzinfo=UTC)
    return datetime.combine(said, time(), UTC) if isinstance(said, date) else None


def _updated(
    data: Mapping[str, object], found: Document, file: PostFile
) -> tuple[datetime | None, tuple[Finding, ...]]:
    dates = data.get("date")
    said = dates.get("updated") if isinstance(dates, dict) else None
    if said is None:
        return None, ()
    moment = _moment(said)
    if moment is None:
        line = found.lines.get("date.updated", found.lines.get("date", 0))
        return None, (no_update(psych.to_s(said), "updated", file.relative, line),)
    return moment, ()


def _title(data: Mapping[str, object], found: Document, file: PostFile) -> str:
    if "title" in data:
        return authoring.title(data["title"])
    return authoring.one_line(plain_text(f"# {heading(found.body)}")) or _named(file)


def _named(file: PostFile) -> str:
    """Return the title that MkDocs makes of a file's name."""
    title = _stem(file).replace("-", " ").replace("_", " ")
    return title.capitalize() if title.lower() == title else title


def _stem(file: PostFile) -> str:
    stem = posixpath.splitext(file.name)[0]
    return "index" if stem == "README" else stem


def _url(
    data: Mapping[str, object],
    found: Document,
    file: PostFile,
    site: Site,
    blog: BlogSettings,
    published_at: datetime,
    categories: tuple[str, ...],
) -> str:
    slug = data.get("slug")
    if slug is not None and not isinstance(slug, str):
        raise _refused("slug", slug, "no text", found)
    if not slug and "{slug}" in blog.address:
        slug = _slug(data, found, file, blog)
    path = blog.address.format(
        categories="/".join(_category_slugs(categories, blog)) if "{categories}" in blog.address else "",
        date=_date(published_at, blog.date_format, site.language) if "{date}" in blog.address else "",
        file=_stem(file),
        slug=slug or "",
    )
    place = posixpath.join(blog.folder, posixpath.normpath(path.strip("/")))
    place = re.sub("/{2,}", "/", posixpath.normpath(place)).lstrip("/")
    folder, name = posixpath.split(place)
    if not site.folders_as_addresses:
        place = posixpath.join(folder, f"{'index' if name == 'README' else name}.html")
    elif name in {"index", "README"}:
        place = f"{folder}/" if folder else ""
    else:
        place += "/"
    return f"{quote(site.url, safe='%/:=&?~#+!$,;@()*[]-._')}/{quote(place)}"


def _slug(data: Mapping[str, object], found: Document, file: PostFile, blog: BlogSettings) -> str:
    line, fix = found.lines.get("title", 0), "Write “slug: some-words” into the post."
    if blog.slugs is None:
        raise BrokenPostError(
            "post.slug", "The address of the post is made by Python code that is not run.", line=line, fix=fix
        )
    title = data["title"] if "title" in data else first_line(found.body) or _named(file)
    if not isinstance(title, str):
        raise BrokenPostError(
            "post.title", f"The title “{psych.to_s(title)}” is no text.", line=line, fix="Put it in quotes."
        )
    return blog.slugs.slug(title, blog.separator)


def _category_slugs(categories: tuple[str, ...], blog: BlogSettings) -> list[str]:
    if categories and blog.category_slugs is None:
        raise BrokenPostError(
            "post.slug",
            "The address of the post names a category, and its form is made by Python code that is not run.",
            fix="Let categories_slugify be pymdownx.slugs.slugify.",
        )
    made = blog.category_slugs
    return (
        [made.slug(name, blog.category_separator) for name in categories[: blog.categories_in_address]] if made else []
    )


def _date(moment: datetime, pattern: str, language: str) -> str:
    """Write a date for an address, as Babel writes it for MkDocs."""
    if pattern == "yyyy/MM/dd":
        return f"{moment.year:04}/{moment.month:02}/{moment.day:02}"
    try:
        locale = Locale.parse(language.replace("-", "_"))
        if pattern in _NAMED_FORMATS:
            return format_date(moment, pattern, locale)
        return format_datetime(moment, pattern, locale=locale)
    except (UnknownLocaleError, ValueError, LookupError, AttributeError) as error:
        raise BrokenPostError(
            "post.url",
            f"The date in the address of the post cannot be written as “{pattern}”.",
            fix="Correct post_url_date_format in mkdocs.yml.",
        ) from error


def _texts(key: str, data: Mapping[str, object], found: Document) -> tuple[str, ...]:
    said = data.get(key, [])
    if not isinstance(said, list) or not all(isinstance(item, str) for item in said):
        raise _refused(key, said, "no list of texts", found)
    return tuple(dict.fromkeys(said))


def _refused(key: str, said: object, reason: str, found: Document) -> BrokenPostError:
    return BrokenPostError(
        f"post.{key}",
        f"“{key}: {psych.to_s(said)}” is {reason}, which the blog refuses.",
        line=found.lines.get(key, 0),
        fix={
            "draft": "Write draft: true, or delete the line.",
            "slug": "Put the slug in quotes.",
        }.get(key, "Write one a line, each after a dash; put numbers in quotes."),
    )


def _unknown_authors(
    names: tuple[str, ...], authors: Mapping[str, str], blog: BlogSettings, file: PostFile, found: Document
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            Level.WARNING,
            "post.author",
            f"The author “{name}” is not among those of the blog; MkDocs would not build the site.",
            file.relative,
            found.lines.get("authors", 0),
            f"Add the name to {blog.authors_file}.",
        )
        for name in names
        if name not in authors
    )
