"""TOML in, models out; an error names file, line and key, what was found and what is allowed.

    config/digest.toml          the operator's: sources, store, provider, addresses     `operator.py`
                                and the studio's team                              `studio.py`
    config/newsletters/*.toml   marketing's: one newsletter a file                      `newsletter.py`

Only `digest.app` imports this room: the others get what they need as arguments.
"""

from __future__ import annotations

from pathlib import Path

from digest.config.newsletter import parse_newsletter, read_newsletter
from digest.config.operator import Operator, SendConfig, SourceConfig, read_operator
from digest.errors import ConfigError
from digest.models import Newsletter

__all__ = ["Operator", "SendConfig", "SourceConfig", "parse_newsletter", "read_newsletters", "read_operator"]


def read_newsletters(folder: Path) -> tuple[dict[str, Newsletter], dict[str, ConfigError]]:
    """Read every newsletter of a folder, by slug (the file's name without `.toml`), in alphabetical order.

    The second dictionary has what is wrong with the broken ones: they must not keep the others from leaving. Raise
    `ConfigError` when the folder cannot be read, or holds none.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".toml")
    except OSError as error:
        raise ConfigError(f"the newsletters cannot be read: {error.strerror}", file=folder) from error
    if not files:
        raise ConfigError("there is no newsletter", file=folder, fix="`digest init` lays one; see its weekly.toml")
    good: dict[str, Newsletter] = {}
    broken: dict[str, ConfigError] = {}
    for file in files:
        try:
            good[file.stem] = read_newsletter(file)
        except ConfigError as error:
            broken[file.stem] = error
    return good, broken
