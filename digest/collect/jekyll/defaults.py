"""Decides which values a post gets from the `defaults` of Jekyll's settings, and how they merge with its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Default:
    """One entry of `defaults` that can apply to posts."""

    path: str
    """A prefix of the post's path, or a pattern when it holds a `*`; empty for every post."""
    typed: bool
    values: Mapping[str, object]
    above: str = ""
    """The folder of collections with a final `/`: patterns are written from the site's root, prefixes from below it."""

    def applies_to(self, relative_path: str) -> bool:
        """Tell whether a post below this path gets the values."""
        if "*" in self.path:
            pattern = _pattern(self.path)
            return any(pattern.fullmatch(folder) for folder in _ancestors(self.above + relative_path))
        return relative_path.startswith(self.path)


def entries(settings: object, collections_folder: str = "") -> tuple[Default, ...]:
    """Read the `defaults` setting; entries for other types than posts, and malformed ones, are left out."""
    found = []
    for entry in settings if isinstance(settings, list) else ():
        values = entry.get("values") if isinstance(entry, dict) else None
        if not isinstance(values, dict):
            continue
        scope = entry.get("scope") or {}
        if not isinstance(scope, dict) or ("type" in scope and scope["type"] not in {"post", "posts"}):
            continue
        path = scope.get("path")
        path = path.removeprefix("/") if isinstance(path, str) else ""
        above = f"{collections_folder}/" if collections_folder else ""
        found.append(Default(path if "*" in path else path.removeprefix(above), "type" in scope, values, above))
    return tuple(found)


def values_for(defaults: Sequence[Default], relative_path: str) -> dict[str, object]:
    """Merge the values of all entries that apply: the longer path wins, then the entry with a type, then the later."""
    merged: dict[str, object] = {}
    strongest: Default | None = None
    for entry in defaults:
        if not entry.applies_to(relative_path):
            continue
        if strongest is None or _precedes(entry, strongest):
            merged, strongest = merge(merged, entry.values), entry
        else:
            merged = merge(entry.values, merged)
    return merged


def merge(weaker: Mapping[str, object], stronger: Mapping[str, object]) -> dict[str, object]:
    """Merge two mappings in depth as Jekyll does: null does not overwrite, lists are replaced."""
    merged = dict(weaker)
    for key, value in stronger.items():
        old = merged.get(key)
        if key in merged and value is None:
            continue
        merged[key] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _precedes(new: Default, old: Default) -> bool:
    if len(new.path) != len(old.path):
        return len(new.path) > len(old.path)
    return new.typed or not old.typed


def _ancestors(relative_path: str) -> Iterator[str]:
    parts = relative_path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts) + 1))


def _pattern(glob: str) -> re.Pattern[str]:
    """Translate Ruby's `Dir.glob`: `**/` spans folders, `*` and `?` stay in one, `{a,b}` is a choice."""
    translated, depth = "", 0
    for sign in re.findall(r"\*\*/|\*+|\?|\[[^\]]+\]|[{},]|[^*?\[{},]+|.", glob.rstrip("/")):
        if sign == "**/":
            translated += "(?:[^/]+/)*"
        elif sign.startswith("*"):
            translated += "[^/]*"
        elif sign == "?":
            translated += "[^/]"
        elif sign.startswith("[") and sign.endswith("]"):
            translated += sign
        elif sign == "{":
            translated, depth = translated + "(?:", depth + 1
        elif sign == "}" and depth:
            translated, depth = translated + ")", depth - 1
        elif sign == "," and depth:
            translated += "|"
        else:
            translated += re.escape(sign)
    try:
        return re.compile(translated + ")" * depth)
    except re.error:
        return re.compile(re.escape(glob))
