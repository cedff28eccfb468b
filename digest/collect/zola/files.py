"""Decides which files of a Zola site are pages, and which folders are hidden as drafts.

Read after `Site::load` in components/site/src/lib.rs of github.com/getzola/zola (0.22).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from digest.collect import contents, files
from digest.collect.problems import BrokenPostError, legible
from digest.collect.zola import header
from digest.collect.zola.settings import Site, ignoring
from digest.models import Finding, Level

CONTENT = "content"


@dataclass(slots=True)
class Found(files.Found):
    """What lies in a site's folder of content."""

    sections: tuple[Section, ...] = field(default=())


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """What the `_index.md` of a folder says about the pages in it."""

    folder: str
    """Relative to the site, without a final `/`."""
    draft: bool = False
    dated: bool = False
    """Whether its pages are put in order by date, so that one without a date is missing in its list."""
    transparent: bool = False
    """Whether its pages are listed as if they lay in the folder above."""


def find(site: Site, source: str, below: str) -> Found:
    """List every page in `below` of the site's content, sorted by path; those in a section of drafts are drafts.

    Raise `SourceError` when a folder cannot be listed.
    """
    ignored = ignoring(site.ignored)
    indexes = {"_index.md", *(f"_index.{code}.md" for code in site.languages)}
    indexed: list[str] = []
    linked: list[Finding] = []

    def is_ignored(relative: str) -> bool:
        return ignored is not None and ignored.match(f"{site.root}/{relative}") is not None

    def wanted(relative: str) -> bool:
        folder, _, name = relative.rpartition("/")
        if name in indexes and not is_ignored(folder):
            indexed.append(relative)
        page = name.endswith(".md") and not name.startswith((".", "_index.")) and not is_ignored(relative)
        return page and f"{relative}/".startswith(f"{CONTENT}/{below}/" if below else CONTENT)

    def entered(relative: str) -> bool:
        if os.path.islink(site.root / relative):  # noqa: PTH114 - asked for every folder; a Path each takes longer
            linked.append(_linked(relative))
        return True

    found = files.find_files(source, site.root, CONTENT, wanted, entered)
    problems = [*found.problems, *linked]
    sections = tuple(sorted(_section(site, relative, problems) for relative in indexed))
    drafts = tuple(f"{section.folder}/" for section in sections if section.draft)
    return Found(
        [replace(file, draft=file.relative.startswith(drafts)) if drafts else file for file in found.files],
        problems,
        sections,
    )


def lists_by_date(relative: str, sections: Sequence[Section]) -> bool:
    """Tell whether the section that lists a page does so by date."""
    by_folder = {section.folder: section for section in sections}
    folder, _, name = relative.rpartition("/")
    if name.partition(".")[0] == "index":
        folder = folder.rpartition("/")[0]
    while (section := by_folder.get(folder)) and section.transparent and not section.dated:
        folder = folder.rpartition("/")[0]
    return section is not None and section.dated


def _section(site: Site, relative: str, problems: list[Finding]) -> Section:
    """Read an `_index.md`; one that cannot be read, at which Zola stops, hides its pages."""
    folder = relative.rpartition("/")[0]
    try:
        data = _settings(site, relative)
    except OSError as error:
        problems.append(
            _unread(relative, f"The file cannot be read: {error.strerror}.", 0, "Let this program read it.")
        )
    except BrokenPostError as error:
        problems.append(_unread(relative, error.message, error.line, error.fix))
    else:
        return Section(
            folder,
            data.get("draft") is True,
            data.get("sort_by") in {"date", "update_date"},
            data.get("transparent") is True,
        )
    return Section(folder, draft=True)


def _settings(site: Site, relative: str) -> Mapping[str, object]:
    path = site.root / relative
    if not Path(os.path.realpath(path)).is_relative_to(site.root):
        raise BrokenPostError("post.outside", "This is a link to a place outside the blog's folder.")
    return header.read(contents.read(path)).data


def _unread(relative: str, why: str, line: int, fix: str) -> Finding:
    message = f"{why} The pages of this section are left out."
    return Finding(Level.ERROR, "blog.section", message, legible(relative), line, fix)


def _linked(relative: str) -> Finding:
    return Finding(
        Level.WARNING,
        "blog.linked-folder",
        "This folder is a link, which is not followed, though Zola shows the pages in it.",
        legible(relative),
        fix="Copy the folder into the blog.",
    )
