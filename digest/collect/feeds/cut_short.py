"""Decides what is kept of a feed that breaks off: its whole items, since a half one may lack its name or its end."""

from __future__ import annotations

import re

_ROOT = re.compile(r"<((?:[A-Za-z][\w.-]*:)?)(rss|feed|RDF)(?=[\s>/])")
_BEHIND = 20_000
"""Characters at the end among which the end of a feed is looked for: some servers write more behind it."""
_END = re.compile(r"</((?:[A-Za-z][\w.-]*:)?)(item|entry)\s*>")


def whole_items(xml: str) -> tuple[str, bool]:
    """Return the feed with its end, and whether that had to be put there."""
    root = _ROOT.search(xml, 0, 5_000)
    if root is None or f"</{root[1]}{root[2]}" in xml[-_BEHIND:]:
        return xml, False
    ends = [found.end() for found in _END.finditer(xml)]
    kept = xml[: ends[-1]] if ends else f"{xml[: root.start()]}{root[0]}>"
    channel = "</channel>" if root[2] == "rss" and "<channel" in kept else ""
    return f"{kept}{channel}</{root[1]}{root[2]}>", True
