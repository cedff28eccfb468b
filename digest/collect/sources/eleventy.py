"""Decides what an Eleventy blog shows: the templates of its posts, with the data files above them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.collect import authoring, folders, guessing
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile
from digest.collect.headers import gray_matter, js_yaml
from digest.collect.headers.front_matter import Document
from digest.collect.javascript import cascade, eleventy, moments, permalinks, settings
from digest.collect.javascript.posts import UNKNOWN_ADDRESS, Facts, address, compose, local, text_of, texts_of, undated
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.patterns import Pattern, no_address
from digest.collect.problems import BrokenPostError, empty, folded, no_date
from digest.collect.reading import read_blog
from digest.models import Collection, Level

_CLOSED = re.compile(rb"\n---")
_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNKNOWABLE = {"git last modified", "last modified", "git created", "created"}

SIGNS = (".eleventy.js", "eleventy.config.*")
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(_folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is an Eleventy project; with Jekyll's settings beside, it is not."""
    if any(name in names for name in ("_config.yml", "_config.yaml", "_config.toml")):
        return False
    return any(name in names for name in eleventy.CONFIGS)


@dataclass(frozen=True)
class Source:
    """An Eleventy project in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The project's folder: the one with `eleventy.config.js` or `.eleventy.js`."""
    url: str = ""
    """Where the site is read, with its path prefix; else `url` of `_data/metadata.json` or `_data/site.json`."""
    posts: str = ""
    """The folder of posts, such as `src/posts`; else every folder called posts or blog, or tagged so by its data."""
    input: str = ""
    """The folder of all templates; else what the settings say in plain words."""
    url_pattern: str = ""
    """Address of a post where JavaScript decides it, such as `https://example.com/{year}/{month}/{slug}/`."""
    time_zone: str = "UTC"
    """In which days are told; a date without an offset is UTC whatever this says."""
    language: str = ""
    """Of posts that do not say it."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        Pattern(self.url_pattern).check(self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        if not files and all(problem.level is not Level.ERROR for problem in problems):
            problems.append(empty(blog.site.posts))
        if not (blog.site.url or Pattern(self.url_pattern).site):
            problems.append(no_address('Give the source its address, with its base path: url = "https://example.com".'))
        return assemble(readings, folded(problems, "post.permalink"), since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folders of posts."""
        blog = self._blog()
        site = blog.site
        top = {site.below(file.relative).split("/")[0] for file in blog.find().files}
        inside = [site.root / site.input / name for name in sorted(top)]
        return (*settings.present(site.root, eleventy.CONFIGS), *(inside or [site.root / site.input]))

    def _blog(self) -> _Blog:
        folders.check(self.name, self.path)
        return _Blog(self, eleventy.read(self.path, url=self.url, input_folder=self.input, posts=self.posts))


@dataclass
class _Blog:
    """The project as Eleventy sees it."""

    source: Source
    site: eleventy.Site

    @cached_property
    def _found(self) -> tuple[Found, cascade.Cascade]:
        return eleventy.find(self.site, self.source.name, has_pattern=bool(self.source.url_pattern))

    @property
    def _data(self) -> cascade.Cascade:
        return self._found[1]

    @property
    def settings(self) -> object:
        """The options, the project and its data files."""
        return self.source, self.site, self._data

    def find(self) -> Found:
        """Return the posts."""
        return self._found[0]

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the path and the first lines."""
        if "date" in self._data.above(self.site.below(file.relative)):
            return None
        try:
            named = date.fromisoformat(found[0]) if (found := _NAMED.search(file.relative)) else None
        except ValueError:
            return None
        return guessing.latest(head, ("date",), _CLOSED, named)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as Eleventy does."""
        document = gray_matter.read(raw, js_yaml.parse_4)
        below = self.site.below(file.relative)
        inherited = self._data.above(below)
        own = {**document.data}
        for key in ("tags", "override:tags"):
            if key in own:
                own[key] = cascade.tags_of(own[key])
        data = cascade.merge(inherited, own)
        published_at = _published_at(data, file, document)
        slug = permalinks.file_slug(below)
        title = text_of(data.get("title")) or slug.replace("-", " ").replace("_", " ").strip().capitalize()
        url, known = self._url(below, data, document, published_at, slug)
        updated_key = next((key for key in authoring.UPDATED_KEYS if data.get(key)), "")
        facts = Facts(
            url=url,
            title=title,
            published_at=published_at,
            site=self.site.url,
            zone=ZoneInfo(self.source.time_zone or "UTC"),
            tags=eleventy.own_tags(
                cascade.tags_of(data.get("tags")),
                self._data.folder_tags(below),
                below.rpartition("/")[0].rpartition("/")[2],
            ),
            categories=_categories(data),
            author=authoring.author(data, "", {}),
            language=self.source.language,
            withheld=_withheld(data) or ("" if known else UNKNOWN_ADDRESS),
            updated=data.get(updated_key),
            updated_key=updated_key,
        )
        return compose(self.source.name, file, data, document, facts)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the front matter."""
        return gray_matter.body(raw)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A template without a date may be another page."""
        return Level.WARNING if error.code == "post.undated" else Level.ERROR

    def _url(
        self, below: str, data: Mapping[str, object], document: Document, moment: datetime, slug: str
    ) -> tuple[str, bool]:
        """Return a post's address, and whether it is known or only what Eleventy does without other settings."""
        said, own = _permalink(data, document)
        if self.source.url_pattern and not own:
            return self._by_pattern(below, data, moment, slug), True
        otherwise = address(self.site.url, permalinks.default_path(below))
        hidden = self._data.hides_permalink(below, own=own)
        if hidden and self.source.url_pattern:
            return self._by_pattern(below, data, moment, slug), True
        known = not hidden and (bool(self.source.url_pattern) or not self.site.unplaced)
        if not said or hidden:
            return otherwise, known
        line = document.lines.get("permalink", 0)
        if not isinstance(said, str):
            raise BrokenPostError(
                "post.permalink", "The permalink is not a text.", line=line, fix="Correct it, or delete the line."
            )
        if data.get("dynamicPermalink") is False:
            return address(self.site.url, permalinks.path_of(said)), known
        values = eleventy.values_of(below, data, slug, permalinks.file_path_stem(below))
        try:
            return address(self.site.url, permalinks.path_of(permalinks.fill_in(said, values, moment))), known
        except permalinks.UnknownError as error:
            if self.source.url_pattern:
                return self._by_pattern(below, data, moment, slug), True
            if not own and permalinks.unknown(said):
                return otherwise, False  # said once, for all posts
            raise BrokenPostError(
                "post.permalink",
                f"“{error}” in the permalink can only be filled in by Eleventy.",
                line=line,
                fix="Write the permalink out, or give the source a url_pattern.",
            ) from error

    def _by_pattern(self, below: str, data: Mapping[str, object], moment: datetime, slug: str) -> str:
        there = local(moment, ZoneInfo(self.source.time_zone or "UTC"))
        path = re.sub(r"(?:^|/)index$", "", permalinks.file_path_stem(below).lstrip("/"))
        made = Pattern(self.source.url_pattern).address(there, slug, path, _categories(data))
        return made if settings.is_address(made) else self.site.url + made


def _permalink(data: Mapping[str, object], document: Document) -> tuple[object, bool]:
    """Return the permalink that counts, and whether the post says it itself: a computed one comes first."""
    own = document.data
    computed, mine = data.get("eleventyComputed"), own.get("eleventyComputed")
    if isinstance(computed, Mapping) and "permalink" in computed:
        return computed["permalink"], isinstance(mine, Mapping) and "permalink" in mine
    said = data.get("permalink")
    return said.get("build", False) if isinstance(said, Mapping) else said, "permalink" in own


def _published_at(data: Mapping[str, object], file: PostFile, document: Document) -> datetime:
    said, line = data.get("date"), document.lines.get("date", 0)
    if not said:
        if not (found := _NAMED.search(file.relative)):
            raise undated("Eleventy takes the time at which the file was made")
        said, line = found[0], 0
    if isinstance(said, datetime):
        return said
    if isinstance(said, str) and said.lower() in _UNKNOWABLE:
        raise BrokenPostError(
            "post.date",
            f"The date is “{said}”, which a copy of the blog does not keep.",
            line=line,
            fix="Write the date out: date: 2026-01-31.",
        )
    try:
        if isinstance(said, str):
            return moments.parse_iso(said).astimezone(UTC)
    except ValueError as error:
        raise no_date(js_yaml.to_string(said), line) from error
    raise no_date(js_yaml.to_string(said), line)


def _categories(data: Mapping[str, object]) -> tuple[str, ...]:
    return texts_of(data.get("categories", data.get("category")))


def _withheld(data: Mapping[str, object]) -> str:
    """Say why Eleventy does not show a post; `draft` and `published` are customs that its settings follow."""
    if data.get("draft") is True:
        return "draft"
    if data.get("published") is False:
        return "published: false"
    permalink = data.get("permalink")
    if permalink is False or (isinstance(permalink, Mapping) and permalink and not permalink.get("build")):
        return "permalink: false"
    return "eleventyExcludeFromCollections" if data.get("eleventyExcludeFromCollections") is True else ""
