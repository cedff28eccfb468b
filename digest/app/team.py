"""Who may use the studio: `[studio]` of a project's configuration, without what else it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from digest.app.project import OPERATOR_FILE
from digest.config import read_operator

if TYPE_CHECKING:
    from digest.config.studio import StudioConfig


def read_studio(root: Path) -> StudioConfig:
    """Return `[studio]` of the project in `root`; raise `ConfigError`."""
    return read_operator(root / OPERATOR_FILE).studio
