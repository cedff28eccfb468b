"""Decides which files of a Jekyll site are posts and drafts, without ever leaving the site's folder."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from digest.collect import files, folders
from digest.collect.files import PostFile
from digest.collect.jekyll.settings import Site
from digest.collect.problems import legible, misnamed, outside
from digest.models import Finding, Level

DATED_NAME = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-([^/]*)(\.[^.]+)")
"""Name of a post: date, slug, ending."""
DATELESS_NAME = re.compile(r"(.*)(\.[^.]+)")
"""Name of a draft: slug, ending."""

_PROSE = (".html", ".htm", ".textile", ".txt")
_HIDDEN = (".", "_", "#", "~")


@dataclass(slots=True)
class Found(files.Found):
    """What lies in a site's folders for posts."""

    folders: list[Path] = field(default_factory=list)
    """Every `_posts` and `_drafts` folder."""


def find(site: Site) -> Found:
    """List every post and draft of the site, sorted by path.

    Raise `OSError` when the root or a folder below it that may hold posts cannot be listed or entered.
    """
    found = Found()
    _walk(site, "", found, set())
    found.files.sort(key=lambda file: file.relative)
    return found


def _walk(site: Site, folder: str, found: Found, visited: set[str]) -> None:
    """Look for the folders of posts in `folder` and below, as Jekyll's reader does."""
    here = site.root / folder
    real = os.path.realpath(here)
    if real in visited:
        return  # a link back up
    visited.add(real)
    names = folders.names(here)
    if f"/{folder}".startswith(f"/{site.collections_folder}"):
        for special in ("_posts", "_drafts"):
            if folders.is_folder(here / special):
                _collect(site, _join(folder, special), special == "_drafts", found)
    for name in names:
        below = _join(folder, name)
        if below != site.destination and _kept(site, name, below) and _is_folder(site, below):
            if _inside(site, below):
                _walk(site, below, found, visited)
            elif any(_is_folder(site, _join(below, special)) for special in ("_posts", "_drafts")):
                found.problems.append(outside(below))


def _collect(site: Site, folder: str, draft: bool, found: Found) -> None:
    """Take the files of one `_posts` or `_drafts` folder and its sub-folders."""
    if not _inside(site, folder):
        found.problems.append(outside(folder))
        return
    found.folders.append(site.root / folder)
    named = DATELESS_NAME if draft else DATED_NAME
    endings = (*site.markdown_endings, *_PROSE)
    for name, link in _files_below(site.root / folder):
        relative = f"{folder}/{name}"
        if not _kept(site, name, relative):
            continue
        if link and not _inside(site, relative):
            found.problems.append(outside(relative))
            continue
        matched = named.fullmatch(name.rpartition("/")[2])
        prose = name.lower().endswith(endings)
        if (matched or prose) and legible(relative) != relative:
            found.problems.append(misnamed(relative))
        elif matched:
            found.files.append(PostFile(f"{site.root}/{relative}", relative, draft))
        elif prose and not draft:
            found.problems.append(
                Finding(
                    Level.WARNING,
                    "post.name",
                    "The file is not named like a post, so the blog does not show it.",
                    relative,
                    fix="Name it YEAR-MONTH-DAY-title.md, such as 2026-01-31-hello.md, or move it out of _posts.",
                )
            )


def _files_below(base: Path) -> Iterator[tuple[str, bool]]:
    """Yield the names of files below a folder, and which are links.

    Hidden ones and linked folders are skipped, as `**/*` does in Ruby.
    """
    for parent, below, names in folders.walk(str(base)):
        below[:] = sorted(name for name in below if not name.startswith("."))
        prefix = f"{parent}/".removeprefix(f"{base}/")
        for name, link in sorted(names):
            if not name.startswith("."):
                yield prefix + name, link


def _kept(site: Site, entry: str, relative: str) -> bool:
    """Apply Jekyll's filter to an entry, named from the folder in which it was listed."""
    if entry.endswith("."):
        return False
    name = entry.rpartition("/")[2]
    if _matches(site, site.include, entry) or _matches(site, site.include, name):
        return True
    hidden = entry.startswith(_HIDDEN) or name.startswith(_HIDDEN) or entry.endswith("~")
    return not hidden and not _matches(site, _without(site.exclude, site.include), relative)


def _matches(site: Site, patterns: tuple[str, ...], entry: str) -> bool:
    """Match as Jekyll does: as a glob, as a mere prefix, or as a folder."""
    if not patterns:
        return False
    if _pattern(patterns).match(entry):
        return True
    return f"{entry}/" in patterns and (site.root / entry).is_dir()


@cache
def _without(patterns: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(pattern for pattern in patterns if pattern not in others)


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    bare = [pattern.removeprefix("./").lstrip("/") for pattern in patterns]
    return re.compile("|".join(f"{fnmatch.translate(pattern)}|{re.escape(pattern)}" for pattern in bare))


def _is_folder(site: Site, relative: str) -> bool:
    """Tell whether a folder lies there; of a place outside that nobody may look at, say no: it is not read anyway."""
    try:
        return folders.is_folder(site.root / relative)
    except OSError:
        if _inside(site, relative):
            raise
        return False


def _inside(site: Site, relative: str) -> bool:
    return Path(os.path.realpath(site.root / relative)).is_relative_to(site.root)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
