"""Decides which kind of source reads a blog: by name, by dotted path, or by what lies in its folder."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import typing
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, cast

from digest.collect import folders
from digest.errors import ConfigError

if TYPE_CHECKING:
    from digest.collect import Source

_ROOM = "digest.collect.sources"


def known_kinds() -> tuple[str, ...]:
    """Name the kinds of blogs that the digest reads by itself: the modules of `sources`."""
    return tuple(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "sources")]))


def detect(folder: Path) -> str:
    """Name the kind of blog that lies in a folder: the one that recognises it, else `plain`.

    Raise `SourceError` when nobody may look into the folder, and `ConfigError` when several kinds recognise it.
    """
    try:
        names = folders.names(folder) if folders.is_folder(folder) else []
        found = [kind for kind in known_kinds() if _recognises(kind, folder, names)]
    except OSError as error:
        raise folders.closed(folder.name, error) from error
    if len(found) > 1:
        raise ConfigError(
            f"the folder looks like {' and like '.join(found)}",
            file=folder,
            fix="say which one it is: kind = … in the source's configuration, or --generator",
        )
    return found[0] if found else "plain"


def _recognises(kind: str, folder: Path, names: list[str]) -> bool:
    recognises = getattr(importlib.import_module(f"{_ROOM}.{kind}"), "recognises", None)
    return recognises is not None and bool(recognises(folder, names))


def open_source(name: str, kind: str | None, options: Mapping[str, object]) -> Source:
    """Make the source that is called `name`.

    `kind` is a module of this room, a dotted `package.module:Source`, or None to look into the folder at `path`.
    `options` are the fields of that kind's `Source`; `path` is an absolute `Path`. Raise `ConfigError` naming the
    known kinds or options, and the nearest one, for what is unknown, missing or of the wrong type, and `SourceError`
    when it takes a look into the folder to tell the kind and nobody may look.
    """
    if kind is None:
        path = options.get("path")
        kind = detect(path) if isinstance(path, Path) else "plain"
    factory = _factory(name, kind)
    _check_options(name, kind, factory, options)
    return cast("Source", factory(name=name, **options))


def _factory(name: str, kind: str) -> Any:
    if kind.isidentifier() and kind in known_kinds():
        return importlib.import_module(f"{_ROOM}.{kind}").Source
    module_name, colon, attribute = kind.partition(":")
    if not colon and "." not in kind:
        raise ConfigError(
            f"the source “{name}” is of the unknown kind “{kind}”",
            fix=_hint(kind, known_kinds(), "or package.module:Source"),
        )
    try:
        factory = getattr(importlib.import_module(module_name), attribute or "Source")
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"the kind “{kind}” of the source “{name}” cannot be loaded: {error}",
            fix="write it as package.module:Source, and install the package",
        ) from error
    if not (isinstance(factory, type) and dataclasses.is_dataclass(factory)):
        raise ConfigError(
            f"the kind “{kind}” of the source “{name}” is no dataclass", fix=f"see the docstring of {_ROOM}"
        )
    return factory


def _check_options(name: str, kind: str, factory: Any, options: Mapping[str, object]) -> None:
    fields = {field.name: field for field in dataclasses.fields(factory) if field.init and field.name != "name"}
    for key in options:
        if key not in fields:
            raise ConfigError(f"the source “{name}” has the unknown option “{key}”", fix=_hint(key, fields, ""))
    for key, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and key not in options:
            raise ConfigError(f"the source “{name}” lacks the option “{key}”", fix=f"every {kind} source needs it")
    types = typing.get_type_hints(factory)
    for key, value in options.items():
        wanted = types[key]
        if isinstance(wanted, type | UnionType) and not isinstance(value, wanted):
            wants = getattr(wanted, "__name__", str(wanted))
            raise ConfigError(
                f"the option “{key}” of the source “{name}” is {value!r}", fix=f"it must be of the type {wants}"
            )


def _hint(word: str, known: typing.Iterable[str], also: str) -> str:
    names = sorted(known)
    nearest = get_close_matches(word, names, 1)
    listed = "known: " + ", ".join(names) + (f", {also}" if also else "")
    return f"did you mean “{nearest[0]}”? {listed}" if nearest else listed
