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
    made = _path([part for part in pattern.split("/") if part])
    if not made:
        return None
    try:
        return re.compile(("" if anchored else "(?:.*/)?") + made + ("/.*" if folder_only else "(?:/.*)?")), excludes
    except re.error:
        return None


def _path(parts: Sequence[str]) -> str:
    """Return an expression for parts of a path; what stands between two `**` is looked for once, at the first place."""
    if all(part == "**" for part in parts):
        return ".*" if parts else ""
    groups: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            groups.append([])
        else:
            groups[-1].append(_segment(part))
    below = "/.*" if not groups[-1] else ""
    first, *others = [groups[0], *(group for group in groups[1:] if group)]
    written = "/".join(first)
    for number, group in enumerate(others, 1):
        last = number == len(others)
        inner = f"(?:[^/]*/)*?{'/'.join(group)}" + ("" if last else "(?=/)")
        written += ("/" if written else "") + (inner if last else f"(?>{inner})")
    return written + below


def _segment(part: str) -> str:
    """Return an expression for one name, in which no star tries a second time what it has passed."""
    pieces = [""]
    for found in _PART.finditer(part):
        if found[0].startswith("*"):
            pieces.append("")
        else:
            pieces[-1] += _sign(found[0])
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}"


def _sign(piece: str) -> str:
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and len(piece) > 2:
        inner = piece[1:-1].replace("\\", r"\\").replace("[", r"\[")
        return f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
    return re.escape(piece[1:] if piece.startswith("\\") and len(piece) > 1 else piece)
