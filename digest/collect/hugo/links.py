"""Decides at which address the page stands that `ref` and `relref` name in a Hugo site's posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from digest.collect.collection import Reading
from digest.collect.files import PostFile
from digest.collect.hugo.files import Pages
from digest.collect.hugo.paths import ContentPath, normal
from digest.models import Finding, Level


class Links:
    """The pages of a site by the names under which posts link them.

    `address` reads a page's address; it is asked only for pages that are linked, and returns None for a broken one.
    """

    def __init__(self, pages: Pages, address: Callable[[PostFile], str | None]) -> None:
        self._pages = pages
        self._address = cache(address)
        self._by_path: dict[str, PostFile] = {}
        self._by_name: dict[str, list[PostFile]] = {}
        for file, path in pages.regular.values():
            self._by_path[path.logical] = file
            self._by_name.setdefault(normal(path.base), []).append(file)

    def check(self, reading: Reading) -> Reading:
        """Return the reading with a note for each link that leads nowhere: there, Hugo itself stops."""
        notes = tuple(
            Finding(
                Level.WARNING,
                "post.link",
                f"The link to “{link}” leads nowhere; it is left out.",
                reading.post.path,
                fix="Write the linked page's path below content, such as /posts/one.md.",
            )
            for link in reading.links
            if "{" not in link and not self._leads_somewhere(link, reading.post.path)
        )
        return replace(reading, notes=reading.notes + notes) if notes else reading

    def address(self, link: str, linking: str) -> str | None:
        """Return the address of what a page links; `linking` is that page's file."""
        page, mark, anchor = link.partition("#")
        if not page:
            return f"#{anchor}"
        file = self._find(page, linking)
        found = self._address(file) if file else None
        return f"{found}{mark}{anchor}" if found else None

    def _leads_somewhere(self, link: str, linking: str) -> bool:
        page = link.partition("#")[0]
        return not page or self._find(page, linking) is not None or self._section(page, linking)

    def _find(self, page: str, linking: str) -> PostFile | None:
        for path in _candidates(page, self._path(linking)):
            if path in self._by_path:
                return self._by_path[path]
        named = self._by_name.get(_bare(page).strip("/").rpartition("/")[2], [])
        return named[0] if len(named) == 1 else None

    def _section(self, page: str, linking: str) -> bool:
        paths = [path.strip("/") for path in _candidates(page, self._path(linking))]
        tops = {normal(path.section) for _, path in self._pages.regular.values()}
        return any(path in self._pages.sections or path in tops or not path for path in paths)

    def _path(self, linking: str) -> ContentPath | None:
        found = self._pages.regular.get(linking)
        return found[1] if found else None


def _bare(page: str) -> str:
    """Take ending and `index` off: a link may name the file, the folder of a bundle, or the path without ending."""
    written = normal(page)
    stem, dot, ending = written.rpartition(".")
    if dot and "/" not in ending and ending in {"md", "markdown", "html", "org", "adoc", "rst"}:
        written = stem
    for own in ("/index", "/_index"):
        written = written.removesuffix(own)
    return "" if written in {"index", "_index"} else written


def _candidates(page: str, linking: ContentPath | None) -> list[str]:
    bare = _bare(page)
    if bare.startswith("/"):
        return ["/" + bare.strip("/")]
    above = [normal(folder) for folder in (linking.folder, linking.container)] if linking else []
    found = []
    for folder in above:
        parts = folder.split("/") if folder else []
        for part in bare.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in {"", "."}:
                parts = [*parts, part]
        found.append("/" + "/".join(parts))
    return [*found, "/" + bare.strip("/")]
