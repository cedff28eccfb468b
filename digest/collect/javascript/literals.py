"""Decides what settings written in JavaScript say in plain words: the strings and truth values of their objects.

Nothing is run. What is put together, computed, imported or written twice with different values is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PIECE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<text>"(?:[^"\\\n]|\\.){0,600}"|'(?:[^'\\\n]|\\.){0,600}'|`(?:[^`\\]|\\.){0,1000}`)
      | (?P<pattern>(?<=[(,=:\[!&|?{};\n ])/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,100}\]){1,200}/[a-z]*)
      | (?P<open>[\[{(])
      | (?P<close>[\]})])
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<sign>[^\s])""",
    re.DOTALL | re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TRUTH = {"true": True, "false": False}
_ENDS = {",", "}", "]", ")", ";", "", "satisfies", "as"}
_LARGEST = 100_000
"""Characters; what comes after is not read."""


def read(text: str) -> Mapping[str, str | bool]:
    """Return the literals of all objects in a text, as `key` or, within an object or list with a key, `outer.key`."""
    pieces = [
        (found.lastgroup or "", found[0]) for found in _PIECE.finditer(text[:_LARGEST]) if found.lastgroup != "comment"
    ]
    pieces += [("", "")] * 3
    found: dict[str, str | bool | None] = {}
    stack: list[tuple[str, str]] = []
    key = ""
    for place, (kind, piece) in enumerate(pieces[:-3]):
        if kind == "open":
            stack.append((piece, key))
            key = ""
        elif kind == "close":
            key = ""
            if stack:
                stack.pop()
        elif piece == ":":
            key = _key(pieces, place) if stack and stack[-1][0] == "{" else ""
            value = _literal(*pieces[place + 1])
            if key and value is not None and pieces[place + 2][1] in _ENDS:
                path = ".".join([*(outer for _, outer in stack if outer), key])
                found[path] = value if found.get(path, value) == value else None
        elif piece == ",":
            key = ""
    return {path: value for path, value in found.items() if value is not None}


def _key(pieces: list[tuple[str, str]], colon: int) -> str:
    """Return the key that stands before a colon; nothing when the colon is that of a condition."""
    kind, piece = pieces[colon - 1]
    before = pieces[colon - 2][1] if colon > 1 else ""
    if before not in {"{", ","}:
        return ""
    name = piece[1:-1] if kind == "text" else piece
    return name if _NAME.fullmatch(name) else ""


def _literal(kind: str, piece: str) -> str | bool | None:
    if kind == "name":
        return _TRUTH.get(piece)
    if kind != "text" or (piece[0] == "`" and "${" in piece):
        return None
    return _ESCAPE.sub(lambda found: found[1], piece[1:-1])
