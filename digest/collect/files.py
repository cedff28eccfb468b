"""Decides which files of a folder are posts, without ever leaving the folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from digest.collect import folders
from digest.collect.problems import legible, misnamed, outside
from digest.models import Finding


@dataclass(frozen=True, slots=True)
class PostFile:
    """A file that the generator reads as a post."""

    path: str
    """Where to open it."""
    relative: str
    """Relative to the blog's folder, with `/`."""
    draft: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.relative.rpartition("/")[2]


@dataclass(slots=True)
class Found:
    """What lies in a blog's folders for posts."""

    files: list[PostFile] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


def find_files(
    source: str, root: Path, below: str, wanted: Callable[[str], bool], entered: Callable[[str], bool]
) -> Found:
    """List the files of `root / below` and its folders that are `wanted`, sorted by path.

    `wanted` and `entered` are asked with paths relative to `root`: about each file, and about each folder. A link
    that leads out of `root` and a name that is no text are problems. A folder `below` that is not there holds
    nothing. Raise `SourceError` when a folder cannot be listed or entered.
    """
    root = root.resolve()
    found = Found()
    try:
        if not folders.is_folder(root / below):
            return found
        for relative, path, link in sorted(_walk(root, below, entered)):
            if not wanted(relative):
                continue
            if link and not Path(os.path.realpath(path)).is_relative_to(root):
                found.problems.append(outside(relative))
            elif legible(relative) != relative:
                found.problems.append(misnamed(relative))
            else:
                found.files.append(PostFile(path, relative))
    except OSError as error:
        raise folders.closed(source, error) from error
    return found


def _walk(root: Path, below: str, entered: Callable[[str], bool]) -> Iterator[tuple[str, str, bool]]:
    """Yield each file as its path relative to the root, its whole path, and whether it is a link."""
    strip = len(f"{root}/") if str(root) != "/" else 1
    for parent, names, files in folders.walk(str(root / below)):
        prefix = f"{parent}/"[strip:].lstrip("/")
        names[:] = [name for name in names if entered(prefix + name)]
        for name, link in files:
            yield prefix + name, f"{parent}/{name}", link
