"""Decides what settings written in JavaScript say in plain words: the strings and truth values of their objects.

Nothing is run. What is put together, computed, imported or written twice with different values is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

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
_TAKING = {"import", "const", "let", "var"}
"""Words before braces that hold the names of what is taken from elsewhere."""
_NO_VALUES = {"{", "[", "undefined", "null"}
"""What stands behind a key whose values come further inside, or that is as good as not there."""
_LARGEST = 100_000
"""Characters; what comes after is not read."""


def read(text: str) -> Mapping[str, str | bool]:
    """Return the literals of all objects in a text, as `key` or, within an object or list with a key, `outer.key`."""
    found: dict[str, str | bool | None] = {}
    for path, value in _entries(text):
        if value is not None:
            found[path] = value if found.get(path, value) == value else None
    return {path: value for path, value in found.items() if value is not None}


def unread(text: str, paths: Iterable[str]) -> str:
    """Return the first of these keys that is there, but not in plain words; nothing when there is none."""
    known = read(text)
    there = {path for path, _ in _entries(text)}
    return next((path for path in paths if path in there and path not in known), "")


def _entries(text: str) -> Iterator[tuple[str, str | bool | None]]:
    """Yield the keys of all objects with their values, which are None where they are no literals."""
    pieces = [
        (found.lastgroup or "", found[0]) for found in _PIECE.finditer(text[:_LARGEST]) if found.lastgroup != "comment"
    ]
    pieces += [("", "")] * 3
    stack: list[tuple[str, str]] = []
    taken = False
    key = ""
    for place, (kind, piece) in enumerate(pieces[:-3]):
        if kind == "open":
            taken = piece == "{" and place > 0 and pieces[place - 1][1] in _TAKING
            stack.append((piece, key))
            key = ""
        elif kind == "close":
            key = ""
            if stack:
                stack.pop()
        elif piece == ":":
            key = _key(pieces, place) if stack and stack[-1][0] == "{" else ""
            if key and pieces[place + 1][1] not in _NO_VALUES:
                value = _literal(*pieces[place + 1])
                yield _path(stack, key), value if pieces[place + 2][1] in _ENDS else None
        elif piece == ",":
            key = ""
        elif kind == "name" and stack and stack[-1][0] == "{" and not taken and _stands_alone(pieces, place):
            yield _path(stack, piece), None


def _stands_alone(pieces: list[tuple[str, str]], place: int) -> bool:
    """Tell whether a name in an object is its own value, as in `{ url, base }`."""
    return pieces[place - 1][1] in {"{", ","} and pieces[place + 1][1] in {",", "}"}


def _path(stack: list[tuple[str, str]], key: str) -> str:
    return ".".join([*(outer for _, outer in stack if outer), key])


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
