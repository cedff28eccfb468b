"""Decides which files hold a Hugo site's settings, and how they merge into one mapping with names in lower case."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from digest.collect import contents, folders
from digest.collect.headers import bounds, go_yaml, toml_header
from digest.collect.headers.hugo_header import lowered
from digest.collect.problems import legible
from digest.errors import SourceError

NAMES = ("hugo", "config")
"""Names of the settings without ending; those of the first that is there count."""
ENDINGS = (".toml", ".yaml", ".yml", ".json")
FOLDERS = ("config/_default", "config/production")
"""Folders of settings, the later over the earlier, and both over the file in the site's own folder."""


@dataclass(slots=True)
class Config:
    """All settings of a site."""

    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """Paths of the files that were read, relative to the site's folder."""
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Outermost setting -> file and line."""

    def place(self, key: str) -> tuple[str, int]:
        """Return file and line of a setting; the first file when nobody wrote it."""
        return self.places.get(key, (self.files[0] if self.files else "", 0))


def read(folder: Path) -> Config:
    """Read the settings of the site in `folder`; raise `SourceError` with file and line when one is unreadable."""
    config = Config(folder)
    if main := next(
        (f"{name}{ending}" for name in NAMES for ending in ENDINGS if _is_file(folder / f"{name}{ending}")), ""
    ):
        _take(config, folder, main, ())
    for below in FOLDERS:
        for relative in _listed(folder, below):
            name = relative.rpartition("/")[2].rpartition(".")[0].lower()
            _take(config, folder, relative, () if name in NAMES else _keys(name))
    return config


def merged(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """Merge settings: mappings join, everything else is replaced."""
    result = dict(weaker)
    for key, value in stronger.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _keys(name: str) -> tuple[str, ...]:
    """Return under which settings a file's content belongs: `params.ja` -> languages, ja, params."""
    section, _, language = name.partition(".")
    if not language:
        return (section,)
    return ("languages", language, section) if section in {"params", "menus", "menu"} else ("languages", language)


def _take(config: Config, folder: Path, relative: str, keys: tuple[str, ...]) -> None:
    values, lines = _load(folder, relative)
    config.files.append(relative)
    if keys:
        config.places[keys[0]] = (relative, 0)
    else:
        config.places |= {key: (relative, lines.get(key, 0)) for key in values}
    for key in reversed(keys):
        values = {key: values}
    config.values = merged(config.values, values)


def _load(folder: Path, relative: str) -> tuple[dict[str, Any], Mapping[str, int]]:
    path = folder / relative
    if not Path(os.path.realpath(path)).is_relative_to(folder.resolve()):
        raise SourceError(
            "the settings lie outside the blog's folder and are not followed",
            file=path,
            fix="copy them into the folder",
        )
    try:
        text = contents.read(path).decode("utf-8-sig")
        value, lines = _parsed(text, path.suffix.lower())
    except OSError as error:
        raise SourceError(
            f"the blog's settings cannot be read: {error.strerror}",
            file=legible(str(path)),
            fix="let this program read the file",
        ) from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(
            f"the blog's settings cannot be read: {getattr(error, 'problem', None) or error}",
            file=path,
            line=mark.line + 1 if mark else _line(error),
            fix="correct the line",
        ) from error
    if not isinstance(value, dict):
        raise SourceError("the blog's settings are not a list of keys and values", file=path, line=1)
    return lowered({str(key): inner for key, inner in value.items()}), {
        key.lower(): line for key, line in lines.items()
    }


def _parsed(text: str, ending: str) -> tuple[object, Mapping[str, int]]:
    match ending:
        case ".toml":
            return bounds.toml(text), toml_header.lines_of(text)
        case ".json":
            return (bounds.checked(json.loads(text)) if text.strip() else {}), {}
        case _:
            parsed = go_yaml.parse(text)
            return ({} if parsed.value is None else parsed.value), parsed.key_lines


def _line(error: Exception) -> int | None:
    """Return the line that an error of the TOML or JSON parser names in its message."""
    found = re.search(r"\bline (\d+)", str(error))
    return int(found[1]) if found else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise SourceError(
            f"the blog's settings cannot be read: {error.strerror}",
            file=legible(str(path)),
            fix="let this program read the file",
        ) from error


def _listed(folder: Path, below: str) -> list[str]:
    """Return the settings in a folder and the folders in it, sorted by path."""
    try:
        if not folders.is_folder(folder / below):
            return []
        return sorted(
            f"{Path(parent).relative_to(folder).as_posix()}/{name}"
            for parent, _, files in folders.walk(str(folder / below))
            for name, _ in files
            if name.lower().endswith(ENDINGS)
        )
    except OSError as error:
        raise folders.closed(folder.name, error) from error
