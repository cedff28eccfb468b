"""What a new project starts with: the templates, configuration and example blog that come with the digest."""

from __future__ import annotations

from pathlib import Path


def starter_folder() -> Path:
    """Return the folder that holds `templates/`, `config/` and `examples/`: in the wheel, or this checkout."""
    installed = Path(__file__).parent / "_starter"
    return installed if installed.is_dir() else Path(__file__).parent.parent
