"""Decides which files of a Hugo site are pages, and which pages may be posts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from digest.collect.files import Found, PostFile, find_files
from digest.collect.hugo.languages import Mount
from digest.collect.hugo.paths import ContentPath, content_path, normal
from digest.collect.hugo.settings import Site
from digest.collect.problems import outside
from digest.models import Finding, Level

_GENERATOR = "_content.gotmpl"
_ALL = "*"
_TOP = "/"


@dataclass(slots=True)
class Pages:
    """The pages of one language's edition."""

    regular: dict[str, tuple[PostFile, ContentPath]] = field(default_factory=dict)
    """By path relative to the site's folder."""
    sections: dict[str, PostFile] = field(default_factory=dict)
    """The pages of sections, by their folder below the content in lower case."""
    problems: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """Which sections hold posts."""

    pages: Pages
    wanted: Sequence[str]
    """Names of sections, `/` for pages outside of any, `*` for all; none to decide by the site itself."""
    main: Sequence[str]
    """The site's own `mainSections`."""

    @cached_property
    def _counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for _, path in self.pages.regular.values():
            counts[normal(path.section)] = counts.get(normal(path.section), 0) + 1
        return counts

    @cached_property
    def _named(self) -> tuple[str, ...]:
        if self.wanted:
            return tuple(_TOP if each == _TOP else normal(each.strip("/")) for each in self.wanted)
        main = tuple(normal(each.strip("/")) for each in self.main)
        return main if any(each in self._counts for each in main) else ()

    def takes(self, path: ContentPath) -> bool:
        """Tell whether the page at this path is a post, once it has a date."""
        section = normal(path.section)
        if _ALL in self._named:
            return True
        if not section:
            return _TOP in self._named or (not self._named and set(self._counts) <= {""})
        if not self._named:
            return True
        container = normal(path.container)
        return any(container == each or container.startswith(f"{each}/") for each in self._named)

    def is_main(self, path: ContentPath) -> bool:
        """Tell whether the page lies where posts are certainly meant to lie: there, one without a date is a slip."""
        if self._named and _ALL not in self._named:
            return True
        return self._counts.get(normal(path.section), 0) == max(self._counts.values(), default=0)

    def findings(self, file: str) -> tuple[Finding, ...]:
        """Say which pages are no posts because of where they lie, and that `mainSections` names none that is there."""
        said = []
        if self.main and not self.wanted and not self._named and self._counts:
            said.append(
                Finding(
                    Level.WARNING,
                    "blog.sections",
                    f"mainSections names {', '.join(self.main)[:200]}, but the site has no such section; all are read.",
                    file,
                    fix="Name a folder of the content, or set sections in the source's options.",
                )
            )
        left: dict[str, int] = {}
        for _, path in self.pages.regular.values():
            if not self.takes(path):
                left[normal(path.section) or _TOP] = left.get(normal(path.section) or _TOP, 0) + 1
        if left:
            listed = ", ".join(f"{section} ({count})" for section, count in sorted(left.items())[:20])
            said.append(
                Finding(
                    Level.INFO,
                    "blog.sections",
                    f"Pages of these sections are no posts: {listed}.",
                    file,
                    fix="To have them in the digest, name them in sections, an option of the source.",
                )
            )
        return tuple(said)


def find(site: Site, source: str) -> Pages:
    """List the pages of the site's content in its language; raise `SourceError` when a folder cannot be listed."""
    pages = Pages()
    ignored = tuple(re.compile(pattern) for pattern in site.ignored)
    for mount in site.mounts:
        if not Path(os.path.realpath(site.root / mount.folder)).is_relative_to(site.root):
            pages.problems.append(outside(mount.folder))
            continue
        _collect(site, mount, _listed(site, source, mount, ignored), pages)
    return pages


def _listed(site: Site, source: str, mount: Mount, ignored: Iterable[re.Pattern[str]]) -> Found:
    def hidden(relative: str) -> bool:
        name = relative.rpartition("/")[2]
        return name.startswith((".", "#")) or name.endswith("~") or any(each.search(f"/{relative}") for each in ignored)

    def wanted(relative: str) -> bool:
        return (relative.endswith(f"/{_GENERATOR}") or content_path(relative, ()) is not None) and not hidden(relative)

    return find_files(source, site.root, mount.folder, wanted, lambda relative: not hidden(relative))


def _collect(site: Site, mount: Mount, found: Found, pages: Pages) -> None:
    """Sort the files of a mount into pages and sections; what lies in the folder of a page belongs to it."""
    pages.problems += found.problems
    read: list[tuple[PostFile, ContentPath]] = []
    for file in found.files:
        below = file.relative.removeprefix(f"{mount.folder}/")
        path = content_path(below, site.keys)
        if path is None:
            pages.problems.append(_generated(file.relative))
        else:
            folder = "/".join(part for part in (mount.below, path.folder) if part)
            read.append((file, replace(path, folder=folder)))
    bundles = {path.folder for _, path in read if path.is_bundle}
    for file, path in read:
        if (path.language or mount.language) != site.key or _is_resource(path, bundles):
            continue
        if path.is_section:
            pages.sections.setdefault(normal(path.folder), file)
        else:
            pages.regular[file.relative] = (file, path)


def _is_resource(path: ContentPath, bundles: set[str]) -> bool:
    folder = path.folder
    if folder in bundles and not path.is_bundle:
        return True
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in bundles:
            return True
    return False


def _generated(relative: str) -> Finding:
    return Finding(
        Level.WARNING,
        "blog.generated",
        "Pages that this file makes while Hugo runs are not known here, so they are never in a digest.",
        relative,
        fix="Write posts that should be in a digest as files.",
    )
