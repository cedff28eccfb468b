"""Which addresses somebody is led to after signing in: pages of the studio, and nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_PAGES = re.compile(r"/|/calendar|/history|/(?:issues|history|designs|look|stress)/.+")
_LONGEST = 1_000


def inside(wanted: str) -> str:
    """Return the address if it is one of a page of the studio, else that of the first page."""
    if len(wanted) > _LONGEST or not wanted.isascii() or not wanted.isprintable() or "\\" in wanted:
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    path = unquote(parts.path)
    leads_out = bool(parts.scheme or parts.netloc) or "//" in path or "\\" in path or not path.isprintable()
    if leads_out or ".." in path.split("/") or not _PAGES.fullmatch(path):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
