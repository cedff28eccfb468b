"""TOML in, models out; an error names file, line and key, what was found and what is allowed.

    config/digest.toml          the operator's: sources, store, provider, addresses     `operator.py`
    config/newsletters/*.toml   marketing's: one newsletter a file                      `newsletter.py`

Only `digest.app` imports this room: the others get what they need as arguments.
"""

from __future__ import annotations

from pathlib import Path

from digest.config.newsletter import read_newsletter
from digest.config.operator import Operator, SourceConfig, read_operator
from digest.errors import ConfigError
from digest.models import Newsletter

__all__ = ["Operator", "SourceConfig", "read_newsletters", "read_operator"]


def read_newsletters(folder: Path) -> dict[str, Newsletter]:
    """Read every newsletter of a folder, by slug (the file's name without `.toml`), in alphabetical order.

    Raise `ConfigError` for the first file that is wrong, or when there is none.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError("there is no newsletter", file=folder, fix="`digest init` lays one; see its weekly.toml")
    return {file.stem: read_newsletter(file) for file in files}
