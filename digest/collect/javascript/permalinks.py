"""Decides at which address Eleventy puts a template: by its `permalink`, or by its place in the input folder.

A permalink is a template of its own. Only values that the digest knows, and filters that come with Eleventy, are
filled in; nothing is executed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from digest.collect.headers import js_yaml
from digest.collect.javascript import slugs

_OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_LONGEST = 1_000
_VALUE = re.compile(r"""([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|"([^"]*)"|'([^']*)'""")
_FILTER = re.compile(r"""(\w+)\s*(?::\s*("[^"]*"|'[^']*')|\(\s*\))?\s*""")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-(.*)")
_DIRECTIVE = re.compile(r"%(-?)([a-zA-Z%])")
_STRFTIME = frozenset("YmdHMSyBbjeAaF%")
_INDEX = re.compile(r"/index(?:\.html|/)?$")

_FILTERS: Mapping[str, Callable[[str], str | None]] = {
    "slugify": slugs.slugify,
    "slug": slugs.slug,
    "downcase": str.lower,
    "lower": str.lower,
    "upcase": str.upper,
    "upper": str.upper,
    "strip": str.strip,
    "trim": str.strip,
    "safe": str,
}


class UnknownError(ValueError):
    """A permalink holds something that only Eleventy itself can fill in; the text names it."""


def file_slug(relative: str) -> str:
    """Return `page.fileSlug` of a template, by its path below the input folder."""
    folders, _, name = relative.rpartition("/")
    stem = without_date(stem_of(name))
    return without_date(folders.rpartition("/")[2]) if stem == "index" else stem


def file_path_stem(relative: str) -> str:
    """Return `page.filePathStem` of a template."""
    folders, _, name = relative.rpartition("/")
    return posixpath.join("/", folders, without_date(stem_of(name)))


def stem_of(name: str) -> str:
    """Return a file's name without the ending by which Eleventy knows its language."""
    return name.rpartition(".")[0]


def without_date(name: str) -> str:
    """Return a name from behind its date."""
    found = _DATED.search(name)
    return found[1] if found else name


def default_path(relative: str) -> str:
    """Return the address of a template without a permalink; the date in its name stays."""
    folder, _, name = relative.rpartition("/")
    stem = stem_of(name)
    parts = [folder] if folder else []
    if stem not in {"index", folder.rpartition("/")[2]}:
        parts.append(stem)
    return "/" + "".join(f"{part}/" for part in parts)


def path_of(rendered: str) -> str:
    """Return the address that a filled-in permalink gives."""
    output = rendered + ("index.html" if rendered.endswith("/") else "")
    path = posixpath.normpath(posixpath.join("/", output.strip())).replace("//", "/")
    return _INDEX.sub("/", path)


def fill_in(template: str, values: Mapping[str, object], date: datetime) -> str:
    """Return a permalink with its values; raise `UnknownError`."""
    if "{%" in template:
        raise UnknownError("{% %}")
    if len(template) > _LONGEST:
        raise UnknownError(f"more than {_LONGEST} characters")

    def filled(found: re.Match[str]) -> str:
        return _output(found[1].strip(), values, date)

    return _OUTPUT.sub(filled, template)


def unknown(template: str) -> str:
    """Return what in a permalink cannot be filled in for any post; nothing when it may depend on the post."""
    if "{%" in template:
        return "{% %}"
    if len(template) > _LONGEST:
        return f"more than {_LONGEST} characters"
    for found in _OUTPUT.finditer(template):
        expression = found[1].strip()
        if not (value := _VALUE.match(expression)):
            return found[0]
        filters = _filters(expression[value.end() :])
        if filters is None:
            return found[0]
        if any(name not in _FILTERS and not (name == "date" and argument) for name, argument in filters):
            return found[0]
    return ""


def _output(expression: str, values: Mapping[str, object], date: datetime) -> str:
    found = _VALUE.match(expression)
    filters = _filters(expression[found.end() :]) if found else None
    if not found or filters is None:
        raise UnknownError(expression)
    value: object = found[2] if found[2] is not None else found[3]
    if name := found[1]:
        value = date if name == "page.date" else values.get(name)
        if value is None:
            raise UnknownError(name)
    for filter_name, argument in filters:
        if filter_name == "date":
            value = _dated(value, argument)
        elif (known := _FILTERS.get(filter_name)) and not isinstance(value, list | Mapping):
            value = known(js_yaml.to_string(value))
        else:
            value = None
        if value is None:
            raise UnknownError(expression)
    if isinstance(value, list | Mapping | datetime):
        raise UnknownError(expression)
    return js_yaml.to_string(value)


def _filters(text: str) -> list[tuple[str, str]] | None:
    """Split `| slugify | date: "%Y"`; None when something else stands there."""
    filters = []
    text = text.strip()
    while text:
        if not text.startswith("|"):
            return None
        text = text[1:].lstrip()
        if not (found := _FILTER.match(text)):
            return None
        filters.append((found[1], (found[2] or "")[1:-1]))
        text = text[found.end() :]
    return filters


def _dated(value: object, written: str) -> str | None:
    """Return a moment as Liquid's filter `date` writes it on a machine in UTC."""
    if not isinstance(value, datetime) or not written:
        return None
    moment = value.astimezone(UTC)

    def part(found: re.Match[str]) -> str:
        if found[2] not in _STRFTIME:
            raise UnknownError(f"date: {written}")
        text = f"{moment.day:2}" if found[2] == "e" else moment.strftime(f"%{found[2]}")
        return text.lstrip("0 ") or "0" if found[1] else text

    return _DIRECTIVE.sub(part, written)
