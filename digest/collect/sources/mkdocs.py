"""Decides what a blog made with Material for MkDocs shows, read with the site's own `mkdocs.yml`."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import yaml

from digest.collect import contents, folders, guessing
from digest.collect.collection import Reading, assemble
from digest.collect.files import Found, PostFile, find_files
from digest.collect.headers import front_matter, py_yaml
from digest.collect.memory import FORGETFUL, Memory
from digest.collect.mkdocs import post, settings
from digest.collect.mkdocs.settings import BlogSettings
from digest.collect.mkdocs.words import words
from digest.collect.problems import BrokenPostError, empty, folded
from digest.collect.reading import read_blog
from digest.errors import SourceError
from digest.models import Collection, Finding, Level

_ENDINGS = (".markdown", ".mdown", ".mkdn", ".mkd", ".md")
_CLOSED = re.compile(rb"\n(?:---|\.\.\.)")
_PLUGIN = re.compile(r"^[ \t]*(?:-[ \t]*)?[\"']?(?:material/)?blog[\"']?[ \t]*(?::|#|\r?$)", re.MULTILINE)

SIGNS = ("mkdocs.*",)
"""Without any of these names in it, no folder is looked at more closely."""


def recognises(folder: Path, names: Sequence[str]) -> bool:
    """Tell whether a folder with these names in it is a MkDocs site with a blog; many sites have none."""
    file = next((name for name in settings.FILES if name in names), "")
    if not file or "_posts" in names or folders.is_folder(folder / file):
        return False
    return bool(_PLUGIN.search(contents.read(folder / file).decode("utf-8", "replace")))


@dataclass(frozen=True)
class Source:
    """A MkDocs site with the blog plugin of Material for MkDocs, in a folder."""

    name: str
    """First part of every post's id."""
    path: Path
    """The site's folder: the one with `mkdocs.yml`."""
    url: str = ""
    """Where the site is read; else `site_url` of the site's settings."""
    language: str = ""
    """Of posts that do not say it; else that of the theme."""

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Read every post of every blog of the site; dates without an offset are UTC, as MkDocs takes them."""
        blog = self._blog()
        readings, problems, files = read_blog(blog, now, since, memory)
        if not files and not problems:
            problems.append(empty(posixpath.join(blog.site.documents, blog.site.blogs[0].posts)))
        return assemble(readings, [*blog.site.problems, *blog.notes, *folded(problems, "post.slug")], since)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folder of the documents."""
        site = self._site()
        places = (site.root / name for name in (site.file, site.documents) if name)
        there = tuple(place for place in places if place.exists())
        return there or (site.root,)

    def _site(self) -> settings.Site:
        folders.check(self.name, self.path)
        return settings.read(self.path, url=self.url, language=self.language)

    def _blog(self) -> _Blog:
        site = self._site()
        notes: list[Finding] = []
        authors = {blog.authors_file: _authors(site, blog.authors_file, notes) for blog in site.blogs}
        found = _find(site, self.name)
        return _Blog(site, self.name, authors, found, _defaults(site, found), tuple(notes))


@dataclass(frozen=True)
class _Blog:
    """The site as the blog plugin sees it."""

    site: settings.Site
    source: str
    authors: Mapping[str, Mapping[str, str]]
    """File of authors -> short name -> full name."""
    found: Found
    defaults: Mapping[str, Mapping[str, object]]
    """Folder -> what is said there for all posts beside and below."""
    notes: tuple[Finding, ...] = field(default=())

    @property
    def settings(self) -> object:
        """The site's settings, its authors and the settings of its folders."""
        return self.source, self.site, self.authors, self.defaults

    def find(self) -> Found:
        """Return the posts."""
        return self.found

    def latest(self, file: PostFile, head: bytes) -> date | None:
        """Look at the first lines; a date that is a mapping must be parsed."""
        return guessing.latest(head, ("date", "created"), _CLOSED)

    def read(self, file: PostFile, raw: bytes, now: datetime) -> Reading:
        """Read a post as the blog plugin does."""
        blog = self._settings_of(file)
        return post.read(file, raw, self.site, self.source, self.authors[blog.authors_file], self._defaults_of(file))

    def text(self, file: PostFile, raw: bytes) -> str:
        """Return what stands below the front matter, without the extensions of Markdown."""
        return words(post.document(raw).body, self._settings_of(file).marker)

    def level(self, file: PostFile, error: BrokenPostError) -> Level:
        """Whatever lies among the posts must be one: MkDocs builds no site otherwise."""
        return Level.ERROR

    def _settings_of(self, file: PostFile) -> BlogSettings:
        return self.site.blog_of(posixpath.relpath(file.relative, self.site.documents)) or self.site.blogs[0]

    def _defaults_of(self, file: PostFile) -> Mapping[str, object]:
        said: dict[str, object] = {}
        for folder, more in self.defaults.items():  # sorted: a folder comes before those in it
            if file.relative.startswith(folder):
                said = post.merged(said, more)
        return said


def _find(site: settings.Site, source: str) -> Found:
    """List the posts, as the site's own list of documents holds them."""

    def inside(relative: str) -> str:
        return posixpath.relpath(relative, site.documents)

    def wanted(relative: str) -> bool:
        document = inside(relative)
        if not document.endswith(_ENDINGS) or site.blog_of(document) is None:
            return False
        return not site.excluded.holds(document) and not site.drafts.holds(document)

    def entered(relative: str) -> bool:
        document = inside(relative)
        leads = (blog.posts.startswith(f"{document}/") or document.startswith(blog.posts) for blog in site.blogs)
        return any(leads) or any(f"{document}/".startswith(posixpath.dirname(blog.posts) + "/") for blog in site.blogs)

    found = find_files(source, site.root, site.documents, wanted, entered)
    there = {file.relative for file in found.files}
    found.files = [
        file
        for file in found.files
        if file.name != "README.md" or f"{file.relative.removesuffix('README.md')}index.md" not in there
    ]
    return found


def _authors(site: settings.Site, file: str, notes: list[Finding]) -> Mapping[str, str]:
    """Read a blog's list of authors: short name -> full name."""
    relative = posixpath.join(site.documents, file)
    path = site.root / relative
    try:
        if not path.is_file() or not path.resolve().is_relative_to(site.root):
            return {}
        said = py_yaml.parse(contents.read(path).decode("utf-8-sig")).value
    except (OSError, ValueError, yaml.YAMLError) as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        message = "The list of authors cannot be read; their short names are shown."
        line = mark.line + 1 if mark else 0
        notes.append(Finding(Level.WARNING, "blog.authors", message, relative, line, "Correct the line."))
        return {}
    entries = said.get("authors") if isinstance(said, dict) else None
    return {
        str(key): entry["name"]
        for key, entry in (entries.items() if isinstance(entries, dict) else ())
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]
    }


def _defaults(site: settings.Site, found: Found) -> Mapping[str, Mapping[str, object]]:
    """Read the settings that hold for whole folders of posts, the outermost first."""
    if not site.meta_file:
        return {}
    places = {site.documents}
    for file in found.files:
        folder = posixpath.dirname(file.relative)
        while folder and folder != site.documents:
            places.add(folder)
            folder = posixpath.dirname(folder)
    said: dict[str, Mapping[str, object]] = {}
    for folder in sorted(places):
        path = site.root / folder / site.meta_file
        if not os.path.lexists(path):
            continue
        try:
            if not path.resolve().is_relative_to(site.root):
                raise ValueError("it lies outside the blog's folder")  # noqa: TRY301 - said in one place
            document = front_matter.interpret(
                f"---\n{front_matter.decode(contents.read(path))}\n---\n", "", py_yaml.parse
            )
        except (OSError, ValueError) as error:
            raise SourceError(
                f"the settings of a folder of posts cannot be read: {error}",
                file=path,
                line=getattr(error, "line", 0) or None,
                fix="correct the line",
            ) from error
        said[folder] = document.data
    return said
