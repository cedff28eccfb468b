"""Decides what a Pelican blog shows, read with the blog's own `pelicanconf.py` and `publishconf.py`."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from digest.collect import folders, guessing
from digest.collect.collection import Reading, assemble, check_time_zone
from digest.collect.files import Found, PostFile, find_files
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.pelican import addresses, metadata, post, settings
from digest.collect.problems import BrokenPostError, empty
from digest.collect.reading import read_blog
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Level

_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
_HEAD_END = re.compile(rb"</head>", re.IGNORECASE)
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})")

SIGNS = ("pelicanconf.py",)
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(_: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a Pelican blog: by its settings."""
    return settings.FILES[0] in names


@dataclass(frozen=True)
class Source:
    """A Pelican blog in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The blog's folder: the one with `pelicanconf.py`, which is read but never executed."""
    url: str = ""
    """Where the blog is read; else `SITEURL` of `publishconf.py` or `pelicanconf.py`."""
    time_zone: str = ""
    """Else `TIMEZONE`, else UTC."""
    language: str = ""
    """Else `DEFAULT_LANG`."""
    article_url: str = ""
    """Address of a post as Pelican writes it, such as `{date:%Y}/{slug}/`; else `ARTICLE_URL`."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        sample = dict.fromkeys(("slug", "lang", "path", "author", "category"), "x")
        try:
            addresses.fill(self.article_url, datetime(2026, 1, 1), sample)  # noqa: DTZ001 - only tried out
        except addresses.UnknownPartError as error:
            raise ConfigError(
                f"the article_url of the source “{self.name}” uses {{{error}}}",
                fix="known: slug, lang, path, author, category and date, as in {date:%Y}",
            ) from error

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post; a translation of another post is withheld, as Pelican lists it only beside that one."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        if since and any(reading.links[1:] not in {(), ("original",)} for reading in readings):
            readings, problems, files = read_blog(blog, now, None, memory)  # older posts may be the originals
        if not files and not problems:
            problems.append(empty(blog.site.content))
        return assemble(_without_translations(readings), [*blog.site.problems, *problems], since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folder of the content."""
        site = self._site()
        return (*(site.root / name for name in site.files), site.root / site.content)

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        site = settings.read(
            self.path, url=self.url, time_zone=self.time_zone, language=self.language, article_url=self.article_url
        )
        try:
            there = folders.is_folder(site.root / site.content)
        except OSError as error:
            raise folders.closed(self.name, error) from error
        if not there:
            raise SourceError(
                f"the blog “{self.name}” has no folder for its content",
                file=site.root / site.content,
                fix="write PATH = 'content' into pelicanconf.py, or fetch the blog",
            )
        return site

    def _blog(self) -> _Blog:
        return _Blog(self._site(), self.name)


@dataclass(frozen=True)
class _Blog:
    """The blog as Pelican sees it."""

    site: settings.Site
    source: str

    @property
    def settings(self) -> object:
        """The blog's settings."""
        return self.source, self.site

    def find(self) -> Found:
        """List the files that have a reader, in the folders of articles, without those of pages."""
        found = Found()
        seen: set[str] = set()
        for folder in self.site.article_paths:
            below = posixpath.normpath(posixpath.join(self.site.content, folder))
            if below.startswith(".."):
                continue
            single = (self.site.root / below).is_file()  # a path may name one article
            top = posixpath.dirname(below) if single else below
            wanted = partial(self._wanted, only=below if single else "")
            part = find_files(self.source, self.site.root, top, wanted, self._entered)
            found.files += [file for file in part.files if file.relative not in seen]
            found.problems += [problem for problem in part.problems if problem not in found.problems]
            seen |= {file.relative for file in part.files}
        found.files.sort(key=lambda file: file.relative)
        return found

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the name and the first lines; where the settings may date a post, only parsing tells."""
        if self.site.default_date or self.site.placed or self.site.named != settings.NAMED_DATE:
            return None
        if any("date" in dict(more) for _, more in (("", self.site.defaults), *self.site.placed_settings)):
            return None
        found = _NAMED.match(file.name)
        try:
            named = date.fromisoformat(found[1]) if found else None
        except ValueError:
            return None
        end = _HEAD_END if file.name.endswith((".html", ".htm")) else _BLANK_LINE
        return None if file.name.endswith((".rst", ".html", ".htm")) else guessing.latest(head, ("date",), end, named)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as Pelican does."""
        return post.read(file, raw, self.site, self.source, now)

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the header."""
        return metadata.words(file, raw)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """A file without title and date may be another page; one that is to be skipped is no problem."""
        if error.code in {"post.skipped", "post.undated-draft"}:
            return Level.INFO
        return Level.WARNING if error.code == "post.undated" else Level.ERROR

    def _wanted(self, relative: str, only: str = "") -> bool:
        if only not in {"", relative}:
            return False
        name = relative.rpartition("/")[2]
        ending = name.rpartition(".")[2] if "." in name[1:] else ""
        return ending in self.site.endings and not self._is_ignored(name)

    def _entered(self, relative: str) -> bool:
        inside = posixpath.relpath(relative, self.site.content)
        excluded = {posixpath.normpath(path) for path in self.site.article_excludes if path}
        return inside not in excluded and not self._is_ignored(relative.rpartition("/")[2])

    def _is_ignored(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.site.ignored)


def _without_translations(readings: Iterable[Reading]) -> list[Reading]:
    """Withhold the posts that Pelican lists only beside another one, in the language of the blog.

    Of posts with the same slug and status those in the language of the blog count; where there is none, all do that
    are not called a translation; where all are called so, all do.
    """

    def group(reading: Reading) -> tuple[str, str]:
        return reading.links[0] if reading.links else f"\0{reading.post.path}", reading.post.withheld

    kept: list[Reading] = []
    for _, members in groupby(sorted(readings, key=group), group):
        together = list(members)
        candidates = [each for each in together if each.links[1:] != ("translation",)] or together
        originals = [each for each in candidates if each.links[1:] == ("original",)] or candidates
        kept += [
            each
            if each in originals or each.post.withheld
            else replace(each, post=replace(each.post, withheld=f"a translation of {originals[0].post.path}"))
            for each in together
        ]
    return kept
