"""Decides what a Hugo site shows as a blog: the dated pages of its content, read with the site's own settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from digest.collect import contents, folders
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile
from digest.collect.headers import hugo_header
from digest.collect.hugo import authors, config_files, files, markups, post, sections, settings, shortcodes
from digest.collect.hugo.links import Links
from digest.collect.hugo.paths import ContentPath
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.problems import BrokenPostError, empty
from digest.collect.reading import read_blog
from digest.models import Collection, Finding, Level

_ITS_OWN = {"content", "archetypes", "layouts", "themes", "config"}
_ZOLA = re.compile(rb"^\s*base_url\s*=", re.MULTILINE)

SIGNS = ("hugo.*", "config.*", "content")
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Hugo site: by its settings, and where they may be Zola's."""
    own = [f"hugo{ending}" for ending in config_files.ENDINGS]
    if any(name in names for name in own):
        return True
    shared = [name for name in (f"config{ending}" for ending in config_files.ENDINGS) if name in names]
    if shared and _ITS_OWN & set(names) and "content" in names:
        return not (shared[0] == "config.toml" and _ZOLA.search(contents.read(folder / "config.toml")))
    return "content" in names and folders.is_folder(folder / "config" / "_default")


@dataclass(frozen=True)
class Source:
    """A Hugo site in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The site's folder: the one with `hugo.toml` or `config/`."""
    url: str = ""
    """Where the site is read, with its base path; else the site's `baseURL`."""
    time_zone: str = ""
    """Of dates without an offset; else the site's `timeZone`, else UTC."""
    language: str = ""
    """Key of the language whose edition is read, such as `ja`; else the site's `defaultContentLanguage`. For a site
    with one language only, that of its posts where the settings do not say it."""
    sections: tuple[str, ...] = ()
    """Folders of the content whose pages are posts, such as `["posts", "blog/news"]`; `"/"` stands for pages outside
    of every section and `"*"` for all. When none is named, the site's `mainSections` count, and without these all
    sections; a page outside of them, such as `about.md`, is then a post only if the site has no sections at all.
    A page without a date is never a post."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every dated page; `now` decides which lie in the future."""
        blog = self._blog()
        readings, problems, found = read_blog(blog, now, since, memory)
        site = blog.around.site
        first = site.files[0] if site.files else ""
        broken = any(problem.code != "post.undated" for problem in problems)
        problems += [*site.problems, *blog.notes, *blog.choice.findings(first)]
        if not readings and not broken and not (since and found):
            problems.append(empty(site.mounts[0].folder))
        return assemble([blog.links.check(reading) for reading in readings], problems, since)

    def watched(self) -> Sequence[Path]:
        """Return the settings, the folders of content, and the lists of authors."""
        site = self._site()
        listed = [*site.files, *(mount.folder for mount in site.mounts), "config", "data"]
        return tuple(self.path / each for each in dict.fromkeys(listed) if (self.path / each).exists())

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        return settings.read(self.path, url=self.url, time_zone=self.time_zone, language=self.language)

    def _blog(self) -> _Blog:
        site = self._site()
        pages = files.find(site, self.name)
        above, broken = sections.read(pages, site.key)
        names, notes = authors.read(site.root)
        around = post.Surroundings(self.name, site, above, names)
        choice = files.Choice(pages, self.sections, site.main_sections)
        return _Blog(around, pages, choice, (*notes, *broken))


@dataclass
class _Blog:
    """The site as Hugo sees it."""

    around: post.Surroundings
    pages: files.Pages
    choice: files.Choice
    notes: tuple[Finding, ...]

    @property
    def settings(self) -> object:
        """The site's settings, its sections and its authors."""
        return self.around

    @cached_property
    def links(self) -> Links:
        """The pages by the names under which others link them."""

        def address(file: PostFile) -> str | None:
            try:
                return post.address_of(self._path(file), contents.read(file.path, contents.LARGEST_POST), self.around)
            except (BrokenPostError, OSError):
                return None

        return Links(self.pages, address)

    def find(self) -> Found:
        """List the pages that are posts once they have a date."""
        taken = [file for file, path in self.pages.regular.values() if self.choice.takes(path)]
        return Found(sorted(taken, key=lambda file: file.relative), [*self.pages.problems])

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines."""
        return post.latest(self._path(file), self.around, head)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a page as Hugo does."""
        return post.read(file, self._path(file), raw, self.around)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return the text in Markdown, without shortcodes and with links to other pages resolved."""

        def address(link: str) -> str | None:
            return self.links.address(link, file.relative)

        return markups.markdown(shortcodes.without(hugo_header.body(raw), address), self._path(file).ending)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A page without a date is a slip where posts lie, and elsewhere what it is."""
        if error.code != "post.undated":
            return Level.ERROR
        slip = self.choice.is_main(self._path(file)) and not isinstance(error, post.UndatedDraftError)
        return Level.WARNING if slip else Level.INFO

    def _path(self, file: PostFile) -> ContentPath:
        return self.pages.regular[file.relative][1]
