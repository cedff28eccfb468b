"""Decides what a Jekyll blog shows: every `_posts` folder of a site, read with the site's own `_config.yml`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import yaml

from digest.collect import folders, jekyll_post, jekyll_settings, psych
from digest.collect.collection import assemble, check_time_zone
from digest.collect.jekyll_files import Found, PostFile, find
from digest.collect.jekyll_links import Links
from digest.collect.permalinks import Address, UnknownPlaceholderError, path_of
from digest.collect.problems import BrokenPostError, empty
from digest.errors import SourceError
from digest.models import Collection, Finding, Level


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

    def read(self, now: datetime) -> Collection:
        """Read every post and dated draft; `now` decides which lie in the future."""
        site = self._site()
        found = self._found(site)
        authors, notes = _authors(site)
        problems = [*site.problems, *found.problems, *notes]
        if not found.files and all(problem.level is not Level.ERROR for problem in found.problems):
            posts = next(folder for folder in found.folders if folder.name == "_posts")
            problems.append(empty(posts.relative_to(site.root).as_posix()))
        readings = []
        for file in found.files:
            try:
                readings.append(jekyll_post.read(file, site, self.name, authors, now))
            except BrokenPostError as error:
                problems.append(error.finding(file.relative, _level(error, file, site)))
        links = Links(site, [reading.post for reading in readings])
        readings = [replace(reading, post=links.resolve(reading.post)) for reading in readings]
        collection = assemble(readings, (*problems, *links.problems))
        return _limited(collection, site.limit_posts)

    def watched(self) -> Sequence[Path]:
        """Return the settings and the folders of posts and drafts."""
        site = self._site()
        files = (self.path / site.file, site.root / "CNAME", site.root / "_data/authors.yml")
        there = tuple(file for file in files if os.path.isfile(file))  # noqa: PTH113 - False where nobody may look
        return there + tuple(self._found(site).folders)

    def _site(self) -> jekyll_settings.Site:
        folders.check(self.name, self.path)
        site = jekyll_settings.read(self.path, url=self.url, time_zone=self.time_zone, language=self.language)
        try:
            path_of(site.permalink, Address(datetime(2026, 1, 1), "a", "_posts/a.md"))  # noqa: DTZ001 - only tried out
        except UnknownPlaceholderError as error:
            raise SourceError(str(error), file=self.path / site.file, line=site.permalink_line or None) from error
        return site

    def _found(self, site: jekyll_settings.Site) -> Found:
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


def _level(error: BrokenPostError, file: PostFile, site: jekyll_settings.Site) -> Level:
    """A draft that nobody sees may be unfinished."""
    if error.code == "post.undated":
        return Level.WARNING if site.show_drafts else Level.INFO
    return Level.WARNING if file.draft and not site.show_drafts else Level.ERROR


def _authors(site: jekyll_settings.Site) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Read the site's list of authors: short name -> full name."""
    file = site.root / "_data/authors.yml"
    try:
        if not file.is_file() or not file.resolve().is_relative_to(site.root):
            return {}, ()
        entries = psych.parse(file.read_bytes().decode("utf-8-sig")).value
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


def _limited(collection: Collection, limit: int) -> Collection:
    """Withhold what the site's `limit_posts` leaves out: all but the newest."""
    shown = [post.id for post in collection.shown]
    if not limit or len(shown) <= limit:
        return collection
    beyond = set(shown[limit:])
    posts = tuple(
        replace(post, withheld=f"beyond limit_posts: {limit}") if post.id in beyond else post
        for post in collection.posts
    )
    return Collection(posts, collection.problems)
