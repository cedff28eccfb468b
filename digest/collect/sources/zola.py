"""Decides what a Zola blog shows: the dated pages of `content`, read with the site's own `zola.toml`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from digest.collect import contents, folders
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import PostFile
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.problems import BrokenPostError, empty
from digest.collect.reading import read_blog
from digest.collect.zola import header, settings, shortcodes
from digest.collect.zola import post as posts
from digest.collect.zola.files import CONTENT, Found, find, lists_by_date
from digest.errors import SourceError
from digest.models import Collection, Level

_BASE_URL = re.compile(rb"^[ \t]*base_url[ \t]*=", re.MULTILINE)

SIGNS = ("zola.toml", "config.toml")
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Zola site: by the name of its settings, or by what they say.

    Hugo's settings may be called `config.toml` too, but the site's address is not called `base_url` there.
    """
    if "zola.toml" in names:
        return True
    file = folder / "config.toml"
    if "config.toml" not in names or not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        return False
    return _BASE_URL.search(contents.read(file)) is not None


@dataclass(frozen=True)
class Source:
    """A Zola site in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The site's folder: the one with `zola.toml` or `config.toml`."""
    url: str = ""
    """Where the site is read; else `base_url` of the site's settings."""
    section: str = ""
    """Folder of `content` that holds the posts, such as `blog`; else every dated page of the site is one."""
    time_zone: str = ""
    """Of dates without an offset; else UTC, as in Zola."""
    language: str = ""
    """Of pages in the site's default language; else `default_language` of the site's settings."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every dated page; Zola shows those that lie in the future, too."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        problems += blog.site.problems
        broken = any(problem.code.startswith("post.") and problem.code != "post.undated" for problem in problems)
        if not readings and not broken and not (since and files):
            problems.append(empty(self._content))
        return assemble(readings, problems, since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folder of content."""
        site = self._site()
        settings_file = (self.path / site.file,) if site.file else ()
        return (*settings_file, site.root / CONTENT)

    @property
    def _content(self) -> str:
        return f"{CONTENT}/{self.section.strip('/')}".rstrip("/")

    def _blog(self) -> _Blog:
        site = self._site()
        return _Blog(site, self.name, find(site, self.name, self.section.strip("/")))

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        site = settings.read(self.path, url=self.url, time_zone=self.time_zone, language=self.language)
        content = site.root / self._content
        try:
            there = Path(os.path.realpath(content)).is_relative_to(site.root) and folders.is_folder(content)
        except OSError as error:
            raise folders.closed(self.name, error) from error
        if not there:
            raise SourceError(
                f"the blog “{self.name}” has no folder {self._content}",
                file=self.path,
                fix="point the source's path at the folder that holds zola.toml and content, and correct its section",
            )
        return site


@dataclass
class _Blog:
    """The site as Zola sees it."""

    site: settings.Site
    source: str
    found: Found

    @property
    def settings(self) -> object:
        """The site's settings, and which files lie in a section of drafts."""
        return self.source, self.site, self.found.sections

    def find(self) -> Found:
        """Return the pages."""
        return self.found

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        return posts.latest(file, self.site, head)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a page as Zola does."""
        return posts.read(file, raw, self.site, self.source)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return the text without shortcodes."""
        return shortcodes.remove(header.body(raw))

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A page without a date is an ordinary one, unless its section lists posts by date."""
        if error.code != "post.undated":
            return Level.ERROR
        return Level.WARNING if lists_by_date(file.relative, self.found.sections) else Level.INFO
