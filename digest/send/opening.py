"""Which provider a configured kind is, and whether its options fit: the options are the fields of its dataclass."""

from __future__ import annotations

import dataclasses
import pkgutil
import typing
from collections.abc import Mapping
from pathlib import Path

from digest.errors import ConfigError
from digest.options import fit, nearest
from digest.send import providers
from digest.send.providers import Provider

_SEAM = (
    "batch_limit",
    "repeatable_for",
    "keeps_list",
    "settles_after",
    "problems",
    "cautions",
    "describe",
    "connect",
)


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
    made: Provider = found(**fit(found, f"provider {kind!r}", options, environment, root=root, file=file))
    return made


def _class_of(kind: str, file: Path | None) -> type[typing.Any]:
    if ":" not in kind and kind not in kinds():
        raise ConfigError(f"there is no provider {kind!r}", file=file, fix=nearest(kind, kinds(), "providers"))
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
