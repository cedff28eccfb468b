"""Decides what the sections above a page give it: the values of their cascades, and parts of its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from digest.collect import contents
from digest.collect.headers import go_yaml, hugo_header
from digest.collect.hugo import cascade
from digest.collect.hugo.files import Pages
from digest.collect.hugo.paths import ContentPath, normal
from digest.collect.problems import BrokenPostError
from digest.errors import SourceError
from digest.models import Finding


@dataclass(frozen=True, slots=True)
class Section:
    """What the page of a section says for the pages below it."""

    name: str = ""
    """Its slug, else its title."""
    cascades: tuple[cascade.Cascade, ...] = ()
    broken: bool = False
    """Nobody can tell what it says, perhaps that all below it are drafts."""


@dataclass(frozen=True, slots=True)
class Above:
    """What lies above a page."""

    folders: tuple[str, ...]
    """Of the sections, the outermost first; folders without a page of their own are none, except the first."""
    names: tuple[str, ...]
    """Slug, else title, of each of these."""
    cascades: tuple[cascade.Cascade, ...]
    """Of the sections, the nearest first."""
    broken: bool


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a site by their folder below the content, in lower case."""

    by_folder: Mapping[str, Section]

    def above(self, path: ContentPath) -> Above:
        """Look up from a page."""
        whole = path.container.split("/") if path.container else []
        folders = [normal("/".join(whole[:size])) for size in range(len(whole) + 1)]
        found = [self.by_folder.get(folder, Section()) for folder in folders]
        depth = max((size for size, folder in enumerate(folders) if size == 1 or folder in self.by_folder), default=0)
        return Above(
            tuple(whole[:depth]),
            tuple(found[size].name or whole[size - 1] for size in range(1, depth + 1)),
            tuple(each for section in reversed(found) for each in section.cascades),
            any(section.broken for section in found),
        )


def read(pages: Pages, language: str) -> tuple[Sections, list[Finding]]:
    """Read the pages of sections; one that cannot be read is a problem, and withholds what lies below it."""
    found: dict[str, Section] = {}
    problems: list[Finding] = []
    for folder, file in pages.sections.items():
        try:
            data = hugo_header.read(contents.read(file.path)).data
        except BrokenPostError as error:
            problems.append(error.finding(file.relative))
            found[folder] = Section(broken=True)
        except OSError as error:
            message = f"the page of a section cannot be read: {error.strerror}"
            raise SourceError(message, file=file.path, fix="let this program read the file") from error
        else:
            name = go_yaml.to_s(data.get("slug")).strip("-") or go_yaml.to_s(data.get("title"))
            found[folder] = Section(name, cascade.entries(data.get("cascade"), language))
    return Sections(found), problems
