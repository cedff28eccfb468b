"""Decides whether what a configuration file says fits the thing that it is for: options are fields of a dataclass."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType

from digest.errors import ConfigError
from digest.models import Secret

_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


def fit(
    found: type,
    what: str,
    options: Mapping[str, object],
    environment: Mapping[str, str],
    *,
    root: Path,
    file: Path | None = None,
    given: Sequence[str] = (),
) -> dict[str, object]:
    """Return the options as the fields of the dataclass `found` want them.

    `env:NAME` becomes a `Secret` with the value that `environment` has for it, empty when it has none. Relative
    paths, defaults included, are below `root`; a list becomes a tuple. `what` names the thing in messages, `file`
    is where the options were written; the fields `given` are none of the configuration's business. Raise
    `ConfigError` naming the known options, and the nearest one, for what is unknown, missing or of the wrong type.
    """
    fields = {
        field.name: field
        for field in dataclasses.fields(found)
        if field.init and not field.kw_only and field.name not in given
    }
    types = typing.get_type_hints(found)
    values: dict[str, object] = {
        name: field.default
        for name, field in fields.items()
        if types[name] is Path and field.default is not dataclasses.MISSING
    }
    for name, value in options.items():
        if name not in fields:
            raise ConfigError(f"{what} has no option {name!r}", file=file, fix=nearest(name, sorted(fields), "options"))
        try:
            values[name] = _converted(types[name], value, environment)
        except TypeError as error:
            raise ConfigError(f"option {name!r} of {what} {error}", file=file) from error
    missing = [name for name, field in fields.items() if _is_required(field) and name not in values]
    if missing:
        raise ConfigError(f"{what} needs {' and '.join(missing)}", file=file)
    return {name: root / value if isinstance(value, Path) else value for name, value in values.items()}


def nearest(word: str, known: Sequence[str], what: str) -> str:
    """Say which of the known words is meant, if any is near, and which there are; `what` is their plural."""
    near = get_close_matches(word, known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{guess}known {what}: {', '.join(known)}"


def _converted(wanted: object, value: object, environment: Mapping[str, str]) -> object:
    """Return `value` as the type that a field wants; raise TypeError with the rest of a sentence otherwise."""
    choices = _alternatives(wanted)
    if Secret in choices:
        variable = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
        if variable is None:
            raise TypeError("is a secret and may not stand in a file; write env:NAME, and set NAME in the environment")
        return Secret(variable[1], environment.get(variable[1], ""))
    if isinstance(value, str) and _VARIABLE.fullmatch(value):
        raise TypeError("is not a secret: write the value itself instead of env:NAME")
    if typing.get_origin(wanted) is typing.Literal:
        words = typing.get_args(wanted)
        if value in words:
            return value
        raise TypeError(f"is {value!r}; {nearest(str(value), words, 'words')}")
    if Path in choices and isinstance(value, str | Path):
        return Path(value)
    if typing.get_origin(wanted) is tuple and isinstance(value, list | tuple):
        if all(isinstance(item, str) for item in value):
            return tuple(value)
        raise TypeError(f"must be a list of texts, not {value!r}")
    if float in choices and type(value) is int:
        return float(value)
    if type(value) in choices:  # not isinstance: true is no number
        return value
    names = " or ".join(_WORDS.get(choice, str(choice)) for choice in choices if choice is not NoneType)
    raise TypeError(f"must be {names}, not {value!r}")


_WORDS: Mapping[object, str] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path",
    tuple[str, ...]: "a list of texts",
}  # fmt: skip


def _alternatives(wanted: object) -> tuple[object, ...]:
    return typing.get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)


def _is_required(field: dataclasses.Field[object]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
