"""Decides what a Jekyll blog shows: every `_posts` folder of a site, read with the site's own `_config.yml`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import yaml

from digest.collect import contents, folders
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import PostFile
from digest.collect.headers import front_matter
from digest.collect.jekyll import post as posts
from digest.collect.jekyll import settings
from digest.collect.jekyll.files import Found, find
from digest.collect.jekyll.links import Links
from digest.collect.jekyll.permalinks import Address, UnknownPlaceholderError, path_of
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.problems import BrokenPostError, empty
from digest.collect.reading import read_blog, read_file
from digest.collect.words import liquid
from digest.errors import SourceError
from digest.models import Collection, Finding, Level

_OF_JAVASCRIPT = re.compile(r"(?:\.config|^\.eleventy)\.[cm]?[jt]s$")
"""Settings of generators that may have a folder of that name too."""

SIGNS = ("_config.*", "_posts")
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Jekyll site: by its posts, or by its settings."""
    if written := [name for name in settings.FILES if name in names]:  # Hexo's settings have the same name
        return not folders.is_folder(folder / "source" / "_posts") or settings.name_source(folder / written[0])
    return "_posts" in names and not any(_OF_JAVASCRIPT.search(name) for name in names)


@dataclass(frozen=True)
class Source:
    """A Jekyll site in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The site's folder: the one with `_config.yml`."""
    url: str = ""
    """Where the site is read, with its base path; else `url` and `baseurl` of the site's settings, else `CNAME`."""
    time_zone: str = ""
    """Else the site's `timezone`, else UTC."""
    language: str = ""
    """Of posts that do not say it; else the site's `lang` or `locale`."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post and dated draft; `now` decides which lie in the future."""
        blog = self._blog(now)
        limit = blog.site.limit_posts
        readings, problems, files = read_blog(blog, now, None if limit else since, memory)
        problems += [*blog.site.problems, *blog.notes]
        if not files and all(problem.level is not Level.ERROR for problem in blog.found.problems):
            folder = next(folder for folder in blog.found.folders if folder.name == "_posts")
            problems.append(empty(folder.relative_to(blog.site.root).as_posix()))
        readings = [blog.links.check(reading) for reading in readings]
        if limit:
            readings = _limited(readings, limit)
        return assemble(readings, problems, since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folders of posts and drafts."""
        site = self._site()
        files = (self.path / site.file, site.root / "CNAME", site.root / "_data/authors.yml")
        there = tuple(file for file in files if os.path.isfile(file))  # noqa: PTH113 - False where nobody may look
        return there + tuple(self._found(site).folders)

    def _blog(self, now: datetime) -> _Blog:
        site = self._site()
        authors, notes = _authors(site)
        return _Blog(site, self.name, authors, notes, self._found(site), now)

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        site = settings.read(self.path, url=self.url, time_zone=self.time_zone, language=self.language)
        try:
            path_of(site.permalink, Address(datetime(2026, 1, 1), "a", "_posts/a.md"))  # noqa: DTZ001 - only tried out
        except UnknownPlaceholderError as error:
            raise SourceError(str(error), file=self.path / site.file, line=site.permalink_line or None) from error
        return site

    def _found(self, site: settings.Site) -> Found:
        try:
            found = find(site)
        except OSError as error:
            raise folders.closed(self.name, error) from error
        if not any(folder.name == "_posts" for folder in found.folders):
            outside = next((finding for finding in found.problems if finding.code == "post.outside"), None)
            raise SourceError(
                f"the blog “{self.name}” has no _posts folder"
                + (
                    f", only a link out of the blog's folder ({outside.file}), which is not followed" if outside else ""
                ),
                file=self.path,
                fix="point the source's path at the folder that holds _config.yml and _posts",
            )
        return found


@dataclass
class _Blog:
    """The site as Jekyll sees it."""

    site: settings.Site
    source: str
    authors: Mapping[str, str]
    notes: tuple[Finding, ...]
    found: Found
    now: datetime

    @property
    def settings(self) -> object:
        """The site's settings and its authors."""
        return self.source, self.site, self.authors

    @cached_property
    def links(self) -> Links:
        """The posts by the names under which others link them."""

        def address(file: PostFile) -> str | None:
            try:
                return read_file(self, file, self.now).post.url
            except BrokenPostError:
                return None

        return Links(self.site, self.found.files, address)

    def find(self) -> Found:
        """Return the posts and drafts."""
        return self.found

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        return posts.latest(file, self.site, head)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as Jekyll does."""
        return posts.read(file, raw, self.site, self.source, self.authors, now)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return the text with links to other posts and to the site's own files resolved."""
        body = front_matter.body(raw, self.site.encoding)
        return liquid.resolve_addresses(self.links.resolve(body), self.site.url)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A draft that nobody sees may be unfinished."""
        if error.code == "post.undated":
            return Level.WARNING if self.site.show_drafts else Level.INFO
        return Level.WARNING if file.draft and not self.site.show_drafts else Level.ERROR


def _authors(site: settings.Site) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Read the site's list of authors: short name -> full name."""
    file = site.root / "_data/authors.yml"
    try:
        if not file.is_file() or not file.resolve().is_relative_to(site.root):
            return {}, ()
        entries = settings.parse(contents.read(file).decode("utf-8-sig")).value
    except (OSError, ValueError, yaml.YAMLError) as error:
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 0
        note = Finding(
            Level.WARNING,
            "blog.authors",
            "The list of authors cannot be read; their short names are shown.",
            "_data/authors.yml",
            line,
            "Correct the line.",
        )
        return {}, (note,)
    names = entries.items() if isinstance(entries, dict) else ()
    return {
        str(key): entry["name"]
        for key, entry in names
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]
    }, ()


def _limited(readings: Sequence[Reading], limit: int) -> list[Reading]:
    """Withhold what the site's `limit_posts` leaves out: all but the newest."""
    newest = sorted(readings, key=lambda each: each.post.path)
    newest.sort(key=lambda each: each.post.published_at, reverse=True)
    beyond = {each.post.path for each in [each for each in newest if not each.post.withheld][limit:]}
    reason = f"beyond limit_posts: {limit}"
    return [
        replace(each, post=replace(each.post, withheld=reason)) if each.post.path in beyond else each
        for each in readings
    ]
