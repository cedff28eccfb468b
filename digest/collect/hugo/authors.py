"""Decides what the authors of a Hugo site are called: themes keep them under `data/authors`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from digest.collect import contents
from digest.collect.headers import bounds, go_yaml
from digest.models import Finding, Level

_ENDINGS = (".toml", ".yaml", ".yml", ".json")


def read(root: Path) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Read short name -> full name from `data/authors.*` and `data/authors/*`, and say what cannot be read."""
    names: dict[str, str] = {}
    notes: list[Finding] = []
    for file in _files(root):
        relative = file.relative_to(root).as_posix()
        try:
            entries = _load(file)
        except (OSError, ValueError, yaml.YAMLError, RecursionError):
            notes.append(
                Finding(
                    Level.WARNING,
                    "blog.authors",
                    "The list of authors cannot be read; their short names are shown.",
                    relative,
                    fix="Correct the file.",
                )
            )
            continue
        people = {file.stem: entries} if file.parent.name == "authors" else entries
        for key, entry in people.items() if isinstance(people, dict) else ():
            name = entry.get("name") if isinstance(entry, dict) else entry
            if isinstance(name, str) and name:
                names[str(key)] = name
    return names, tuple(notes)


def _files(root: Path) -> Iterator[Path]:
    data = root / "data"
    try:
        found = [data / f"authors{ending}" for ending in _ENDINGS]
        if (data / "authors").is_dir():
            found += sorted(data.joinpath("authors").iterdir())
        for file in found:
            if file.suffix in _ENDINGS and file.is_file() and file.resolve().is_relative_to(root.resolve()):
                yield file
    except OSError:
        return


def _load(file: Path) -> object:
    text = contents.read(file).decode("utf-8-sig")
    match file.suffix:
        case ".toml":
            return bounds.toml(text)
        case ".json":
            return bounds.checked(json.loads(text))
        case _:
            return go_yaml.parse(text).value
