"""Which provider a configured kind is, and whether its options fit: the options are the fields of its dataclass."""

from __future__ import annotations

import dataclasses
import pkgutil
import re
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType

from digest.errors import ConfigError
from digest.send import providers
from digest.send.providers import Provider, Secret

_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_SEAM = ("batch_limit", "repeatable", "problems", "describe", "connect")


def kinds() -> tuple[str, ...]:
    """Return the names of the built-in providers, in alphabetical order, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(providers.__path__)))


def open_provider(
    kind: str, options: Mapping[str, object], environment: Mapping[str, str], *, root: Path, file: Path | None = None
) -> Provider:
    """Return the provider of this kind: a built-in name, or `package.module:Provider` for one of your own.

    `env:NAME` becomes a Secret with the value that `environment` has for it (empty when it has none: the provider's
    `problems` say so). Relative paths, defaults included, are below `root`. `file` is where the options were
    written, for messages. Raises ConfigError.
    """
    found = _class_of(kind, file)
    fields = {field.name: field for field in dataclasses.fields(found) if field.init and not field.kw_only}
    types = typing.get_type_hints(found)
    values = {
        name: field.default
        for name, field in fields.items()
        if types[name] is Path and field.default is not dataclasses.MISSING
    }
    for name, value in options.items():
        if name not in fields:
            raise ConfigError(
                f"provider {kind!r} has no option {name!r}", file=file, fix=_known(name, sorted(fields), "options")
            )
        try:
            values[name] = _converted(types[name], value, environment)
        except TypeError as error:
            raise ConfigError(f"option {name!r} of provider {kind!r} {error}", file=file) from error
    missing = [name for name, field in fields.items() if _is_required(field) and name not in values]
    if missing:
        raise ConfigError(f"provider {kind!r} needs {' and '.join(missing)}", file=file)
    made: Provider = found(
        **{name: root / value if isinstance(value, Path) else value for name, value in values.items()}
    )
    return made


def _class_of(kind: str, file: Path | None) -> type[typing.Any]:
    if ":" not in kind and kind not in kinds():
        raise ConfigError(f"there is no provider {kind!r}", file=file, fix=_known(kind, kinds(), "providers"))
    try:
        found = pkgutil.resolve_name(kind if ":" in kind else f"{providers.__name__}.{kind}:Provider")
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"provider {kind!r} cannot be imported: {error}", file=file, fix="write package.module:Provider"
        ) from error
    lacking = [
        name for name in _SEAM if not hasattr(found, name) and name not in getattr(found, "__dataclass_fields__", ())
    ]
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)) or lacking:
        what = f"it has no {', '.join(lacking)}" if lacking else "it is not a dataclass"
        raise ConfigError(f"{kind!r} is not a provider: {what}", file=file)
    return found


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
        raise TypeError(f"is {value!r}; {_known(str(value), words, 'words')}")
    if Path in choices and isinstance(value, str):
        return Path(value)
    if float in choices and type(value) is int:
        return float(value)
    if type(value) in choices:  # not isinstance: true is no number
        return value
    names = " or ".join(_WORDS.get(choice, str(choice)) for choice in choices if choice is not NoneType)
    raise TypeError(f"must be {names}, not {value!r}")


_WORDS: Mapping[object, str] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path",
}  # fmt: skip


def _alternatives(wanted: object) -> tuple[object, ...]:
    return typing.get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)


def _is_required(field: dataclasses.Field[object]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _known(word: str, known: Sequence[str], what: str) -> str:
    near = get_close_matches(word, known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{guess}known {what}: {', '.join(known)}"
