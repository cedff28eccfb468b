"""Decides what a Hexo blog shows: the posts below `source/_posts`, read with the blog's own `_config.yml`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from digest.collect import folders
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile, find_files
from digest.collect.headers import hexo_header
from digest.collect.hexo import globs, settings, tags
from digest.collect.hexo import post as posts
from digest.collect.hexo.links import Links
from digest.collect.jekyll.settings import name_source
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.problems import BrokenPostError, empty, folded, legible
from digest.collect.reading import read_blog, read_file
from digest.errors import SourceError
from digest.models import Collection, Finding, Level, Post

_ENDINGS = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext", ".html", ".htm")
"""What Hexo and its renderer of Markdown make pages of; it is not told in the settings."""

SIGNS = ("_config.*",)
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Hexo blog: it has settings and `source/_posts`.

    A Jekyll site may have both, but says `source:` in its settings.
    """
    written = next((name for name in settings.FILES if name in names), "")
    return (
        bool(written)
        and "_posts" not in names
        and folders.is_folder(folder / "source" / "_posts")
        and not name_source(folder / written)
    )


@dataclass(frozen=True)
class Source:
    """A Hexo blog in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The blog's folder: the one with `_config.yml` and `source`."""
    url: str = ""
    """Where the blog is read, with its base path; else `url` of the blog's settings."""
    time_zone: str = ""
    """Else the blog's `timezone`, else UTC."""
    build_time_zone: str = ""
    """Of the machine that builds the blog, since Hexo writes the dates in addresses in that zone; else `time_zone`.
    A blog that GitHub's servers build usually needs `UTC` here."""
    language: str = ""
    """Of posts that do not say it; else the first `language` of the blog's settings."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        check_time_zone(self.build_time_zone, self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post and draft; `now` decides which lie in the future."""
        blog = self._blog(now)
        readings, problems, files = read_blog(blog, now, since, memory)
        problems += blog.site.problems
        if not files and all(problem.level is not Level.ERROR for problem in blog.found.problems):
            problems.append(empty(f"{blog.site.source}/_posts"))
        return assemble([blog.links.check(reading) for reading in readings], folded(problems, "post.permalink"), since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folders of posts and drafts."""
        site = self._site()
        places = (site.root / site.source / name for name in ("_posts", "_drafts"))
        return ((self.path / site.file,) if site.file else ()) + tuple(place for place in places if place.is_dir())

    def _blog(self, now: datetime) -> _Blog:
        site = self._site()
        return _Blog(site, self.name, _find(site, self.name), now)

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        site = settings.read(
            self.path,
            url=self.url,
            time_zone=self.time_zone,
            build_time_zone=self.build_time_zone,
            language=self.language,
        )
        try:
            there = folders.is_folder(site.root / site.source / "_posts")
        except OSError as error:
            raise folders.closed(self.name, error) from error
        if not there:
            raise SourceError(
                f"the blog “{self.name}” has no folder {site.source}/_posts",
                file=self.path,
                fix="point the source's path at the folder that holds _config.yml and source/_posts",
            )
        return site


@dataclass
class _Blog:
    """The blog as Hexo sees it."""

    site: settings.Site
    source: str
    found: Found
    now: datetime

    @property
    def settings(self) -> object:
        """The blog's settings."""
        return self.source, self.site

    @cached_property
    def links(self) -> Links:
        """The posts by the names under which others link them."""

        def read(file: PostFile) -> Post | None:
            try:
                return read_file(self, file, self.now).post
            except BrokenPostError:
                return None

        return Links([(self.site.names.parse(self._below(file))["title"], file) for file in self.found.files], read)

    def find(self) -> Found:
        """Return the posts and drafts."""
        return self.found

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        return posts.latest(self._below(file), self.site, head)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as Hexo does."""
        return posts.read(file, self._below(file), raw, self.site, self.source)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return the text without tag plugins."""
        return tags.remove(hexo_header.body(raw), self.links.find)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A draft that nobody sees may be unfinished."""
        if not file.draft or self.site.render_drafts:
            return Level.ERROR
        return Level.INFO if error.code == "post.undated" else Level.WARNING

    def _below(self, file: PostFile) -> str:
        return _below(self.site, file.relative).partition("/")[2]


def _find(site: settings.Site, source: str) -> Found:
    """List the posts and drafts; what is hidden, ignored or not rendered is neither."""

    found = Found()

    def entered(relative: str) -> bool:
        if (site.root / relative).is_symlink():
            found.problems.append(_linked(relative))
        return seen(relative)

    def seen(relative: str) -> bool:
        below = _below(site, relative).partition("/")[2]
        return not below.startswith((".", "_")) and "/." not in below and "/_" not in below and not ignored(relative)

    def ignored(relative: str) -> bool:
        return globs.matches(f"{site.root}/{relative}", site.ignore)

    def wanted(relative: str) -> bool:
        below = _below(site, relative)
        ending = f".{relative.rpartition('.')[2]}"
        rendered = ending == site.names.ending if site.asset_folders else ending.lower() in _ENDINGS
        return rendered and seen(relative) and not globs.matches(below, site.skip_render)

    for folder in ("_posts", "_drafts"):
        here = find_files(source, site.root, f"{site.source}/{folder}".removeprefix("./"), wanted, entered)
        found.files += [replace(file, draft=folder == "_drafts") for file in here.files]
        found.problems += here.problems
    found.files.sort(key=lambda file: file.relative)
    return found


def _linked(relative: str) -> Finding:
    return Finding(
        Level.WARNING,
        "blog.linked-folder",
        "This folder is a link, which is not followed, though Hexo shows the posts in it.",
        legible(relative),
        fix="Copy the folder into the blog.",
    )


def _below(site: settings.Site, relative: str) -> str:
    """Return a path relative to the folder that holds `_posts`."""
    return relative.removeprefix(f"{site.source}/")
