"""What a newsletter would be if its file said something else."""

from __future__ import annotations

from pathlib import Path

from digest.app.project import NEWSLETTERS
from digest.config import parse_newsletter
from digest.models import Newsletter


def newsletter_saying(text: str, slug: str) -> Newsletter:
    """Return the newsletter whose file says `text`; raise `ConfigError` with that file's place and the line."""
    return parse_newsletter(text, Path(f"{NEWSLETTERS}/{slug}.toml"))
