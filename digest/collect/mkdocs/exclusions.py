"""Decides which files `exclude_docs` and `draft_docs` keep out of a MkDocs site, in the language of .gitignore."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_PART = re.compile(r"\\.|\*+|\?|\[!?\]?[^\]/]*\]|[^\\*?\[]+|.", re.DOTALL)


@dataclass(frozen=True)
class Exclusions:
    """Lines of patterns, of which the last that fits a path decides."""

    lines: tuple[str, ...]

    @cached_property
    def _patterns(self) -> Sequence[tuple[re.Pattern[str], bool]]:
        return [made for line in self.lines if (made := _compile(line))]

    def holds(self, path: str) -> bool:
        """Tell whether a file, relative to the folder that the patterns speak of, is kept out."""
        kept_out = False
        for pattern, excludes in self._patterns:
            if pattern.fullmatch(path):
                kept_out = excludes
        return kept_out


def _compile(line: str) -> tuple[re.Pattern[str], bool] | None:
    """Return a pattern for whole paths of files, and whether it keeps out or lets in; None for a line that is none."""
    pattern = line.rstrip(" \r")
    if not pattern or pattern.startswith("#"):
        return None
    excludes = not pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folder_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    anchored = "/" in pattern
    parts = [part for part in pattern.split("/") if part]
    made = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            made += ".*" if last else "(?:.*/)?"
        else:
            made += _segment(part) + ("" if last else "/")
    if not made:
        return None
    try:
        return re.compile(("" if anchored else "(?:.*/)?") + made + ("/.*" if folder_only else "(?:/.*)?")), excludes
    except re.error:
        return None


def _segment(part: str) -> str:
    made = ""
    for found in _PART.finditer(part):
        piece = found[0]
        if piece.startswith("*"):
            made += "[^/]*"
        elif piece == "?":
            made += "[^/]"
        elif piece.startswith("[") and len(piece) > 2:
            inner = piece[1:-1].replace("\\", r"\\").replace("[", r"\[")
            made += f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
        else:
            made += re.escape(piece[1:] if piece.startswith("\\") and len(piece) > 1 else piece)
    return made
