"""Decides what Eleventy's data files say about a template: those of the folders above it and of its own name.

JSON is read as it is. Of a data file in JavaScript only the plain texts and truth values are known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from digest.collect.headers.bounds import checked
from digest.collect.headers.js_yaml import to_string
from digest.collect.javascript import literals
from digest.collect.javascript.permalinks import stem_of, unknown
from digest.models import Finding, Level

_SUFFIXES = (".json", ".11tydata.json", ".11tydata.mjs", ".11tydata.cjs", ".11tydata.js")
"""Endings of data files; what a later one says wins."""
_OVERRIDE = "override:"
_NEAR = 900
_LAST_WORD = re.compile(r"\beleventyComputed\b")
_RETURN = re.compile(r"\breturn\b([^;\n}]*)")
_PASSED_ON = re.compile(r"|true|false|undefined|data\.\w+|\(?data\)? *=> *\{|function *\(\w*\) *\{")
_SHORT_FUNCTION = re.compile(r"=>\s*[^{\s]")


@dataclass(frozen=True, slots=True)
class DataFile:
    """What a data file says."""

    relative: str
    values: Mapping[str, object]
    computed: bool = False
    """It holds a permalink that JavaScript computes."""
    last_word: bool = False
    """That permalink stands in `eleventyComputed`, which wins over a post's own."""
    unread: bool = False
    """It may say anything, since it cannot be read."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """The data files of a site, by the path that they belong to: a folder, or a template without its ending."""

    files: Mapping[str, tuple[DataFile, ...]]

    def above(self, relative: str) -> dict[str, object]:
        """Return what holds for a template, by its path below the input folder."""
        merged: dict[str, object] = {}
        for file in self._files(relative):
            merged = merge(merged, file.values)
        return merged

    def folder_tags(self, relative: str) -> list[str]:
        """Return the tags that a template has from the folders above it."""
        return tags_of(self.above(f"{relative.rpartition('/')[0]}/").get("tags"))

    def hides_permalink(self, relative: str, *, own: bool) -> bool:
        """Tell whether a data file decides about a template's permalink in a way that nobody here knows.

        `own` says whether the template has a permalink of its own.
        """
        return any(file.last_word or (not own and (file.computed or file.unread)) for file in self._files(relative))

    def _files(self, relative: str) -> Iterable[DataFile]:
        folder, _, name = relative.rpartition("/")
        parts = folder.split("/") if folder else []
        yield from self.files.get("", ())
        for depth in range(1, len(parts) + 1):
            yield from self.files.get("/".join(parts[:depth]), ())
        yield from self.files.get(f"{folder}/{stem_of(name)}" if folder else stem_of(name), ())

    def findings(self, prefix: str, used: Iterable[str]) -> Iterable[Finding]:
        """Say which permalinks of data files nobody can fill in; `used` are the paths of all posts."""
        for file in {file.relative: file for relative in used for file in self._files(relative)}.values():
            computed = file.values.get("eleventyComputed")
            said = computed.get("permalink") if isinstance(computed, Mapping) else None
            said = said or file.values.get("permalink")
            if file.computed:
                yield no_pattern(prefix + file.relative, "is computed in JavaScript")
            elif isinstance(said, str) and (part := unknown(said)):
                yield no_pattern(prefix + file.relative, f"holds {part}")


def is_data_file(name: str) -> bool:
    """Tell whether a file of this name may be a data file."""
    return name.endswith(_SUFFIXES)


def load(
    relatives: Iterable[str], root_name: str, read: Callable[[str], str | None]
) -> tuple[Cascade, tuple[Finding, ...]]:
    """Read data files by their paths below the input folder, whose own name is `root_name`.

    `read` returns the text of one, or None when it cannot be read.
    """
    files: dict[str, list[tuple[int, DataFile]]] = {}
    problems = []
    for relative in relatives:
        suffix = max((suffix for suffix in _SUFFIXES if relative.endswith(suffix)), key=len)
        owner = relative.removesuffix(suffix)
        folder, _, name = owner.rpartition("/")
        if name == (folder.rpartition("/")[2] if folder else root_name):
            owner = folder
        text = read(relative)
        try:
            file = _data_file(relative, text or "{}")
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
            message = f"The data file is not valid JSON: {error}."
            problems.append(Finding(Level.ERROR, "blog.settings", message, relative, line, "Correct the line."))
            file = DataFile(relative, {}, unread=True)
        files.setdefault(owner, []).append((_SUFFIXES.index(suffix), file))
    ordered = {
        owner: tuple(file for _, file in sorted(several, key=lambda pair: pair[0])) for owner, several in files.items()
    }
    return Cascade(ordered), tuple(problems)


def merge(lower: Mapping[str, object], upper: Mapping[str, object]) -> dict[str, object]:
    """Join two layers of data as Eleventy does: lists are put together, mappings merged, `override:tags` replaces."""
    merged = dict(lower)
    for written, value in upper.items():
        key = written.removeprefix(_OVERRIDE)
        below = merged.get(key)
        if key == written and isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        elif key == written and isinstance(below, list) and isinstance(value, list):
            merged[key] = below + value
        else:
            merged[key] = value
    return merged


def tags_of(value: object) -> list[str]:
    """Return `tags` as Eleventy takes them: a text is split at its commas, blanks stay."""
    if isinstance(value, str) and value:
        value = value.split(",")
    return list(dict.fromkeys(to_string(tag) for tag in value)) if isinstance(value, list) else []


def _data_file(relative: str, text: str) -> DataFile:
    if relative.endswith("json"):
        loaded = checked(json.loads(text)) if text.strip() else {}
        values = dict(loaded) if isinstance(loaded, dict) else {}
        computed = last_word = False
    else:
        values = {key: value for key, value in literals.read(text).items() if "." not in key}
        found = _LAST_WORD.search(text)
        last_word = found is not None and computes(text[found.end() :])
        computed = last_word or ("permalink" not in values and computes(text))
    if "tags" in values:
        values["tags"] = tags_of(values["tags"])
    return DataFile(relative, values, computed, last_word)


def computes(text: str) -> bool:
    """Tell whether JavaScript makes a permalink of its own, and does not only hide drafts or pass on what is said."""
    at = text.find("permalink")
    if at < 0:
        return False
    near = text[at : at + _NEAR]
    returned = [found[1].strip() for found in _RETURN.finditer(near)]
    passed_on = "data.permalink" in returned and all(_PASSED_ON.fullmatch(value) for value in returned)
    return not passed_on or _SHORT_FUNCTION.search(near.partition("return")[0]) is not None


def no_pattern(file: str, why: str) -> Finding:
    """Say that the addresses of posts are not known, since the file that decides about them cannot be run."""
    return Finding(
        Level.ERROR,
        "blog.settings",
        f"The permalink of the posts {why}, so their addresses are not known.",
        file,
        fix="Give the source a url_pattern such as https://example.com/{year}/{month}/{slug}/.",
    )
