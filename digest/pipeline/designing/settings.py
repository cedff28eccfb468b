"""Decides how a newsletter's file is edited: what changes keeps its comments and order, and is tried like a design.

A form changes single values of the file. What it does not change stays as it was written: comments, order, blanks, and
keys that the form does not know.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from digest.errors import ConfigError
from digest.models import Newsletter
from digest.pipeline.designing.files import DesignFile, decoded
from digest.pipeline.designing.histories import Histories
from digest.pipeline.designing.saving import Edit, Result, save_tried
from digest.pipeline.designing.trying import Bench, Trial, try_text
from digest.pipeline.stress import Report

FOLDER = "config/newsletters"
_KEPT_IN = "_newsletters"
"""No design has such a name: histories of newsletters and designs never meet."""
_UNCHANGEABLE = "this file cannot be changed by a form"
_BY_HAND = "change it with an editor, or write its tables as [design] and [words]"

Key = tuple[str, ...]
"""`("subject",)` or `("design", "accent")`."""
Changes = Mapping[Key, object]
"""What values become; None takes one out, so that the design's or the language's own counts again."""


@dataclass(frozen=True, slots=True)
class SettingsFile(DesignFile):
    """The file of a newsletter."""

    @property
    def place(self) -> str:
        """Its name in messages: `config/newsletters/weekly.toml`."""
        return f"{FOLDER}/{self.name}"


def settings_file(root: Path, slug: str) -> SettingsFile | None:
    """Return the file of a newsletter; None when there is none, or it lies elsewhere behind a symbolic link."""
    folder = root / FOLDER
    known = {path.stem: path for path in folder.glob("*.toml")} if folder.is_dir() else {}
    path = known.get(slug)
    if path is None or not path.is_file() or path.resolve() != folder.resolve() / path.name:
        return None
    return SettingsFile(_KEPT_IN, path.name, path)


def changed_text(text: str, changes: Changes, place: str) -> str:
    """Return what a newsletter's file says after the changes; `place` is its name in messages.

    Raise `ConfigError` when the text is not TOML, or is written in a way that cannot be changed value by value.
    """
    try:
        before = tomllib.loads(text)
        document = tomlkit.parse(text)
        for key, value in changes.items():
            _put(document, key, value)
        after = document.as_string()
        right = tomllib.loads(after) == _expected(before, changes)
    except (tomllib.TOMLDecodeError, TOMLKitError, AttributeError, TypeError) as error:
        raise ConfigError(f"{_UNCHANGEABLE}: {error}", file=Path(place), fix=_BY_HAND) from error
    if not right:
        raise ConfigError(_UNCHANGEABLE, file=Path(place), fix=_BY_HAND)
    return after


def try_settings(
    bench: Bench,
    trial_of: Callable[[Newsletter], Trial],
    read: Callable[[str], Newsletter],
    edit: Edit,
    histories: Histories,
    now: datetime,
) -> Result:
    """Try what a newsletter's file is to say on the stress sheet, and save it if nothing refuses it.

    `bench` has the newsletter as it is (no trial when it cannot be read), and `trial_of` makes that of another;
    `read` reads a text. The former text is kept in `histories`. Raise `TemplateError` when the file cannot be read.
    """

    def after(data: bytes) -> Report:
        trial = trial_of(read(decoded(data, edit.file.place).text))
        return try_text(replace(bench, trials=(trial,)), edit.file, data)

    def before() -> Report | None:
        return try_text(bench, edit.file, None) if bench.trials else None

    return save_tried(after, before, edit, histories, now)


def _put(document: Any, key: Key, value: object) -> None:
    *tables, name = key
    table = document
    for each in tables:
        if each not in table:
            if value is None:
                return
            table[each] = tomlkit.table()
        table = table[each]
    if value is not None:
        table[name] = _written(value)
    elif name in table:
        del table[name]


def _written(value: object) -> object:
    """Write a text of several lines as such: that is how people read it."""
    if isinstance(value, str) and "\n" in value and '"""' not in value and "\\" not in value:
        return tomlkit.string(value, multiline=True)
    return value


def _expected(before: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    after: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in before.items()}
    for key, value in changes.items():
        *tables, name = key
        table = after
        for each in tables:
            table = table.setdefault(each, {}) if value is not None else table.get(each, {})
        if value is not None:
            table[name] = value
        else:
            table.pop(name, None)
    return after
