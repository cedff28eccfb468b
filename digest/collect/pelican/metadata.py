"""Decides what is said about a Pelican post: by the blog's settings, by its path, and at its own top."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from digest.collect.files import PostFile
from digest.collect.headers import front_matter, pelican_header
from digest.collect.headers.pelican_header import Header
from digest.collect.pelican import web_page
from digest.collect.pelican.settings import READERS, Site
from digest.collect.words import restructured

SINGLE = frozenset({"tags", "date", "modified", "status", "category", "author", "save_as", "url", "authors", "slug"})
"""What may be said once only: the first counts."""
_LONGEST_PATH = 250
_END_OF_SUMMARY = re.compile(r"<!--\s*PELICAN_END_SUMMARY\s*-->")


@dataclass(frozen=True, slots=True)
class Written:
    """What is said about a post, and where."""

    values: Mapping[str, str | tuple[str, ...]]
    header: Header
    kind: str

    def text(self, name: str) -> str:
        """Return a single text; of several, the first."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else next(iter(value), "")

    def line(self, name: str) -> int:
        """Return the line in the file."""
        return self.header.lines.get(name, 0)


def gather(file: PostFile, raw: bytes, site: Site) -> Written:
    """Put together what is said: the blog's defaults, its words about paths, the path itself, and the header."""
    header = _header(file, raw)
    path = posixpath.relpath(file.relative, site.content)
    values: dict[str, str | tuple[str, ...]] = dict(site.defaults)
    values["category"] = site.category
    if site.default_date and site.default_date != "fs":
        values["date"] = site.default_date
    for place, more in site.placed_settings:
        if path == place or path.startswith(posixpath.join(place, "")):
            values.update(more)
    values.update(_told_by_path(path, site))
    if _kind(file) == "restructured" and not header.values.get("title"):
        values["title"] = ""  # docutils gives a text without a heading an empty one
    for name, said in header.values.items():
        value: str | tuple[str, ...] = said
        if name == "summary":
            value = "\n".join(said)
        elif name in SINGLE or len(said) == 1:
            value = said[0]
        if value.strip() if isinstance(value, str) else value:
            values[name] = value
        elif name not in {"tags", "status", "category", "author", "authors", "slug"}:
            values[name] = ""  # what is empty counts, but for these
    return Written(values, header, _kind(file))


def _told_by_path(path: str, site: Site) -> dict[str, str]:
    folder, name = posixpath.split(path)
    told: dict[str, str] = {}
    searched = [(site.named, posixpath.splitext(name)[0]), (site.placed, path)]
    if site.folders_as_categories:
        searched.append(("(?P<category>.*)", posixpath.basename(folder)))
    for pattern, text in searched:
        if pattern and 0 < len(text) <= _LONGEST_PATH and (found := re.match(pattern, text)):
            for key, value in found.groupdict().items():
                if value is not None and key.lower() not in told:
                    told[key.lower()] = value
    return {key: value for key, value in told.items() if value.strip()}


def split(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Split at semicolons where there are some, else at commas."""
    parts = value.split(";" if ";" in value else ",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def words(file: PostFile, raw: bytes) -> str:
    """Return the words below the header, as Markdown or HTML."""
    header = _header(file, raw)
    kind = _kind(file)
    body = restructured.to_markdown(header.body) if kind == "restructured" else header.body
    return _END_OF_SUMMARY.sub("<!-- more -->", body)


def _kind(file: PostFile) -> str:
    return READERS[file.name.rpartition(".")[2]]


def _header(file: PostFile, raw: bytes) -> Header:
    text = front_matter.decode(raw)
    match _kind(file):
        case "markdown":
            return pelican_header.from_markdown(text)
        case "restructured":
            return pelican_header.from_restructured(text)
        case _:
            return web_page.read(text)
