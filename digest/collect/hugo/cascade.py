"""Decides which values a page inherits: from the `cascade` of the sections above it, nearest first, and the site's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest.collect.hugo.globs import matches

_NEVER_INHERITED = {"cascade", "kind", "path", "lang", "target", "_target", "params"}


@dataclass(frozen=True, slots=True)
class Cascade:
    """One entry of a cascade that can reach pages."""

    values: Mapping[str, object]
    path: str = ""
    """A pattern of paths below the content; empty for every page."""


def entries(said: object, language: str) -> tuple[Cascade, ...]:
    """Read a cascade: one mapping, or a list of them; what is meant for other kinds or languages is left out."""
    found = []
    for entry in said if isinstance(said, list) else [said]:
        if not isinstance(entry, dict):
            continue
        target = entry.get("target") or entry.get("_target") or {}
        if not isinstance(target, dict) or not _reaches_pages(target, language):
            continue
        params = entry.get("params")
        values = {key: value for key, value in entry.items() if key not in _NEVER_INHERITED}
        path = target.get("path")
        found.append(
            Cascade((params if isinstance(params, dict) else {}) | values, path if isinstance(path, str) else "")
        )
    return tuple(found)


def inherited(cascades: Iterable[Cascade], path: str) -> dict[str, object]:
    """Collect what the page at a path such as `/posts/one` inherits; an earlier entry wins over a later one."""
    values: dict[str, object] = {}
    for cascade in cascades:
        if not cascade.path or matches(cascade.path, path):
            values = {**cascade.values, **values}
    return values


def _reaches_pages(target: Mapping[str, object], language: str) -> bool:
    sites = target.get("sites")
    matrix = sites.get("matrix") if isinstance(sites, dict) else None
    languages = matrix.get("languages") if isinstance(matrix, dict) else None
    wanted = [target.get("lang"), *(languages if isinstance(languages, list) else [languages])]
    written = [pattern for pattern in wanted if isinstance(pattern, str) and pattern]
    return (
        _matches(target.get("kind"), "page")
        and _matches(target.get("environment"), "production")
        and (not written or any(matches(pattern, language) for pattern in written))
    )


def _matches(pattern: object, word: str) -> bool:
    return not isinstance(pattern, str) or not pattern or matches(pattern, word)
