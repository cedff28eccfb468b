"""Decides which addresses stand behind `{% post_url %}` and `{% link %}` in a Jekyll site's posts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.jekyll.settings import Site
from digest.collect.words import liquid
from digest.models import Finding, Level

_ENDING = re.compile(r"\.[^.]+$")


class Links:
    """The posts of a site by the names under which other posts link them.

    `address` reads a post's address; it is asked only for posts that are linked, and returns None for a broken one.
    """

    def __init__(self, site: Site, files: Sequence[PostFile], address: Callable[[PostFile], str | None]) -> None:
        self._site = site
        self._files = files
        self._address = cache(address)

    def check(self, reading: Reading) -> Reading:
        """Return the reading with links in its summary resolved, and a note for each link that leads nowhere."""
        if not reading.links:
            return reading
        notes = tuple(
            Finding(
                Level.WARNING,
                "post.link",
                f"The link to “{argument}” leads nowhere; it is left out.",
                reading.post.path,
                fix="Write the linked file's name exactly, without the ending after post_url.",
            )
            for tag, argument in (link.split(" ", 1) for link in reading.links)
            if "{{" not in argument and self._find(tag, argument) is None
        )
        post = replace(reading.post, summary=self.resolve(reading.post.summary))
        return replace(reading, post=post, notes=reading.notes + notes)

    def resolve(self, text: str) -> str:
        """Return the text with links to posts and files replaced by addresses."""
        return liquid.resolve_links(text, self._find) if "{%" in text else text

    @cached_property
    def _by_path(self) -> Mapping[str, PostFile]:
        return {_below(file.relative, self._site): file for file in self._files}

    @cached_property
    def _by_name(self) -> Mapping[str, PostFile]:
        """The files by their names alone, the first of several, and by their paths without `_posts`."""
        names: dict[str, PostFile] = {}
        for file in sorted(self._files, key=lambda file: file.relative, reverse=True):
            name = _ENDING.sub("", _below(file.relative, self._site).replace("_posts/", "", 1))
            names[name.rpartition("/")[2]] = file
        for path, file in self._by_path.items():
            names[_ENDING.sub("", path.replace("_posts/", "", 1))] = file
        return names

    def _find(self, tag: str, argument: str) -> str | None:
        return self._post(argument) if tag == "post_url" else self._file(argument)

    def _post(self, name: str) -> str | None:
        wanted = name.lstrip("/")
        file = self._by_name.get(wanted) or self._by_name.get(wanted.rpartition("/")[2])
        return self._address(file) if file else None

    def _file(self, path: str) -> str | None:
        wanted = path.lstrip("/")
        if wanted in self._by_path:
            return self._address(self._by_path[wanted])
        try:
            file = Path(os.path.realpath(self._site.root / wanted))
            if not file.is_relative_to(self._site.root) or not file.is_file():
                return None
        except (OSError, ValueError):  # too long a name, or a null byte in it
            return None
        page = re.sub(r"(?:^|(?<=/))index\.html$|\.(?:md|markdown)$", "", wanted)
        return f"{self._site.url}/{page}" + (".html" if page != wanted and not wanted.endswith("index.html") else "")


def _below(path: str, site: Site) -> str:
    return path.removeprefix(f"{site.collections_folder}/") if site.collections_folder else path
