"""Decides what an Astro blog shows: the Markdown and MDX files of one collection, or of a folder of pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.collect import authoring, folders, guessing
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile, find_files
from digest.collect.headers import astro_matter, js_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.javascript import astro, settings
from digest.collect.javascript.posts import (
    UNKNOWN_ADDRESS,
    Facts,
    address,
    compose,
    local,
    text_of,
    texts_of,
    undated,
    written_moment,
)
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.patterns import Pattern, no_address
from digest.collect.problems import BrokenPostError, empty
from digest.collect.reading import read_blog
from digest.collect.words import mdx
from digest.errors import SourceError
from digest.models import Collection, Finding, Level

_DATE_KEYS = (
    "pubDatetime",
    "pubDate",
    "publishDate",
    "publishedDate",
    "publishedAt",
    "datePublished",
    "published_at",
    "publicationDate",
    "postDate",
    "date",
    "published",
    "created",
    "createdAt",
)
_UPDATED_KEYS = ("updatedDate", "modDatetime", "updateDate", "updatedAt", "lastUpdated", "dateModified")
_PICTURES = ("image", "heroImage", "ogImage", "coverImage", "cover", "thumbnail", "banner")
_CLOSED = re.compile(rb"\n(?:---|\+\+\+)")
_NAMED = re.compile(r"(?:.*/)?(\d{4}-\d\d-\d\d)(?!\d)[^/]*(?:/index\.mdx?)?")

SIGNS = ("astro.config.*",)
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(_folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is an Astro project."""
    return any(name in names for name in astro.CONFIGS)


@dataclass(frozen=True)
class Source:
    """The posts of an Astro project in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The project's folder: the one with `astro.config.mjs`."""
    url: str = ""
    """Where the site is read, with its base path; else `site` and `base` where the settings say them plainly."""
    posts: str = ""
    """The folder of posts, such as `src/content/blog`; else the first that has a usual name and holds Markdown."""
    url_pattern: str = ""
    """Address of a post, such as `https://example.com/blog/{path}/`; needed unless a route names the posts by their
    id, or the posts are pages. `path` is the post's id, `slug` the last part of it."""
    time_zone: str = "UTC"
    """Of dates in quotation marks without an offset, and in which days are told; a date of YAML itself is UTC."""
    language: str = ""
    """Of posts that do not say it."""
    author: str = ""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        Pattern(self.url_pattern).check(self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post; one dated in the future is withheld until then, as most themes do."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        if not files and all(problem.level is not Level.ERROR for problem in problems):
            problems.append(empty(blog.site.posts))
        if files and not self.url_pattern:
            problems += _unplaced(blog.site)
        if not (blog.site.url or Pattern(self.url_pattern).site):
            problems.append(no_address('Give the source its address, with its base path: url = "https://example.com".'))
        return assemble(readings, problems, since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folder of posts."""
        site = self._blog().site
        folder = self.path / site.posts
        return (*settings.present(self.path, astro.CONFIGS), folder if folder.is_dir() else self.path)

    def _blog(self) -> _Blog:
        folders.check(self.name, self.path)
        try:
            site = astro.read(self.path, url=self.url, posts=self.posts)
        except OSError as error:
            raise folders.closed(self.name, error) from error
        if not site.posts and folders.is_folder(self.path / "src"):
            raise SourceError(
                f"nobody said where the posts of “{self.name}” lie",
                file=self.path,
                fix='give the source the folder of its posts: posts = "src/content/blog"',
            )
        return _Blog(self, site)


@dataclass(frozen=True)
class _Blog:
    """The posts as Astro sees them."""

    source: Source
    site: astro.Site

    @property
    def settings(self) -> object:
        """The options and the project."""
        return self.source, self.site

    def find(self) -> Found:
        """List the files of the folder of posts, without those that begin with `_`."""
        if not self.site.posts:
            return Found()
        return find_files(
            self.source.name,
            self.source.path,
            self.site.posts,
            lambda relative: relative.endswith((".md", ".mdx")) and not _name(relative).startswith((".", "_")),
            lambda relative: not _name(relative).startswith((".", "_")),
        )

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        try:
            named = date.fromisoformat(found[1]) if (found := _NAMED.fullmatch(file.relative)) else None
        except ValueError:
            return None
        return guessing.latest(head, _DATE_KEYS, _CLOSED, named)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as the usual schemas of Astro's themes do."""
        document = astro_matter.read(raw)
        data = document.data
        zone = ZoneInfo(self.source.time_zone or "UTC")
        below = file.relative.removeprefix(f"{astro.PAGES if self.site.are_pages else self.site.posts}/")
        entry = astro.page_path(below) if self.site.are_pages else astro.entry_id(below)
        if not self.site.are_pages and data.get("slug"):
            entry = js_yaml.to_string(data["slug"]).strip("/")
        slug = entry.rpartition("/")[2]
        published_at = local(self._published_at(file, document, zone), zone)
        categories = texts_of(data.get("categories", data.get("category")))
        updated_key = next((key for key in (*_UPDATED_KEYS, *authoring.UPDATED_KEYS) if data.get(key)), "")
        facts = Facts(
            url=self._url(entry, slug, published_at, categories),
            title=text_of(data.get("title")) or slug.replace("-", " ").replace("_", " ").strip().capitalize(),
            published_at=published_at,
            site=self.site.url,
            zone=zone,
            tags=texts_of(data.get("tags", data.get("tag"))),
            categories=categories,
            author=authoring.author(data, self.source.author, {}),
            language=self.source.language,
            withheld=_withheld(data) or self._unplaced,
            updated=data.get(updated_key),
            updated_key=updated_key,
            appears=published_at,
            pictures_are_served=False,
        )
        picture = next((data[key] for key in _PICTURES if data.get(key)), None)
        return compose(self.source.name, file, {**data, "image": picture}, document, facts)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the front matter, MDX as Markdown."""
        words = astro_matter.body(raw)
        return mdx.to_markdown(words) if file.name.endswith(".mdx") else words

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A file without a date may be another page."""
        return Level.WARNING if error.code == "post.undated" else Level.ERROR

    def _published_at(self, file: PostFile, document: Document, zone: ZoneInfo) -> datetime:
        data = document.data
        key = next((key for key in _DATE_KEYS if data.get(key) and not isinstance(data[key], bool)), "")
        if key:
            return written_moment(data[key], zone, document.lines.get(key, 0))
        if found := _NAMED.fullmatch(file.relative):
            return written_moment(found[1], zone, 0)
        raise undated("its route would have to take it from the file")

    @property
    def _unplaced(self) -> str:
        return UNKNOWN_ADDRESS if not self.source.url_pattern and _unplaced(self.site) else ""

    def _url(self, entry: str, slug: str, moment: datetime, categories: Sequence[str]) -> str:
        if not self.source.url_pattern:
            return address(self.site.url, self.site.path(entry))
        made = Pattern(self.source.url_pattern).address(moment, slug, entry, categories)
        return made if settings.is_address(made) else self.site.url + made


def _name(relative: str) -> str:
    return relative.rpartition("/")[2]


def _withheld(data: Mapping[str, object]) -> str:
    """Say why a post is not shown, by the customs of Astro's themes: Astro itself has no drafts."""
    if data.get("draft") is True or data.get("isDraft") is True:
        return "draft"
    if data.get("status") == "draft":
        return "status: draft"
    return "published: false" if data.get("published") is False else ""


def _unplaced(site: astro.Site) -> list[Finding]:
    """Say why the addresses of the posts are not known; nothing where they are."""
    message, place = "", astro.PAGES
    if not site.are_pages and site.route is None:
        message = f"No route of the project names the posts of {site.posts} by their id"
    elif site.unread:
        message, place = f"The project's {site.unread} is put together in JavaScript", site.file
    if not message:
        return []
    fix = "Give the source a url_pattern such as https://example.com/blog/{path}/."
    return [Finding(Level.ERROR, "blog.settings", f"{message}, so their addresses are not known.", place, fix=fix)]
