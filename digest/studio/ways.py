"""Which page of the studio a place in a file leads to."""

from __future__ import annotations

from urllib.parse import quote

from digest.app import NEWSLETTERS
from digest.pipeline.designing.files import SHARED


def way_to(file: str, line: int, design: str, slug: str) -> str:
    """Return the address where a file is edited, at its line if that is not 0; empty for one that is not edited here.

    `file` is relative to the project; `design` and `slug` are those of the newsletter that is looked at.
    """
    at = f"#L{line}" if line else ""
    if file == f"{NEWSLETTERS.as_posix()}/{slug}.toml":
        return f"/look/{quote(slug)}{at}"
    parts = file.split("/")
    if len(parts) != 3 or parts[0] != "templates" or parts[1] not in {design, SHARED}:
        return ""
    name = parts[2] if parts[1] == design else f"{SHARED}/{parts[2]}"
    return f"/designs/{quote(design)}/{quote(name)}{at}"
