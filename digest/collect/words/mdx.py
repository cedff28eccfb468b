"""Decides what of an MDX text a reader sees as words: Markdown, without imports, components and expressions.

Code stays as it is. Of a component the tags go and what stands between them stays; of an HTML tag only the
attributes go that are JavaScript. An expression that is a plain text becomes that text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_TICKS = re.compile(r"`+")
_MODULE = re.compile(
    r"(?:import\s*(?:[\w$*{][^\n]*|[\"'][^\n]*)|export\s+(?:const|let|var|default|function|async|class|\{|\*)[^\n]*)"
)
_PIECE = re.compile(r"""\\.|[{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|/\*""", re.DOTALL)
_MARKER = re.compile(r"\{\s*/\*\s*(truncate|more|excerpt)\s*\*/\s*\}", re.IGNORECASE)
_LITERAL = re.compile(r"""\{\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`\\$]*)`)\s*\}""")
_SIGN = re.compile(r"[{<\\]")
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*|(?=>))")
_ATTRIBUTE = re.compile(r"""\s+(?:([A-Za-z_@:][\w:.-]*)(?:\s*=\s*("[^"]*"|'[^']*'|(?=\{)))?|(?=\{))""")
_TAG_END = re.compile(r"\s*/?>")
_DIRECTIVE = re.compile(r"[ \t]*:::")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")


def to_markdown(text: str) -> str:
    """Return the Markdown that is left of an MDX text when nobody runs it."""
    text = _without_modules(text.replace("\r\n", "\n"))
    code = _code(text)
    closing = _braces(text, code)
    words = "".join(_words(text, code, closing))
    return _set_left(words)


def _without_modules(text: str) -> str:
    """Take away imports and exports, which begin a line and end where their brackets are closed and a line is blank."""
    if "import" not in text and "export" not in text:
        return text
    kept: list[str] = []
    fence, depth, inside = "", 0, False
    blank = True
    for line in text.split("\n"):
        if not inside and (found := _FENCE.match(line)):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line.strip(" \t" + fence[0]):
                fence = ""
        elif inside or (blank and not fence and _MODULE.match(line)):
            inside = True
            depth += sum(line.count(sign) for sign in "({[") - sum(line.count(sign) for sign in ")}]")
            if line.strip() or depth > 0:
                continue
            inside, depth = False, 0
        blank = not line.strip()
        kept.append(line)
    return "\n".join(kept)


def _code(text: str) -> list[tuple[int, int]]:
    """Return where code stands: fenced blocks, and what is between back ticks."""
    ranges: list[tuple[int, int]] = []
    place = 0
    for found in _FENCE.finditer(text):
        if found.start() < place:
            continue
        ranges += _spans(text, place, found.start())
        end = re.compile(rf"^[ \t]*{found[1][0]}{{{len(found[1])},}}[ \t]*$", re.MULTILINE).search(text, found.end())
        place = end.end() if end else len(text)
        ranges.append((found.start(), place))
    return ranges + _spans(text, place, len(text))


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    ranges = []
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(text, start, end)]
    following: dict[int, list[int]] = {}
    for first, last in runs:
        following.setdefault(last - first, []).append(first)
    place = start
    for first, last in runs:
        if first < place:
            continue
        same = following[last - first]
        nearest = bisect_right(same, first)
        if nearest < len(same):
            place = same[nearest] + last - first
            ranges.append((first, place))
    return ranges


def _braces(text: str, code: Sequence[tuple[int, int]]) -> Mapping[int, int]:
    """Return for each opening brace outside of code where its partner stands."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for start, end in _outside(code, len(text)):
        remark_ends = start
        for found in _PIECE.finditer(text, start, end):
            if found.start() < remark_ends:
                continue
            if found[0] == "/*" and remark_ends >= 0 and opened:
                close = text.find("*/", found.end(), end)
                remark_ends = close + 2 if close >= 0 else -1  # -1: there is none in the rest either
            elif found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                partners[opened.pop()] = found.start()
    return partners


def _outside(code: Sequence[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    place = 0
    for start, end in code:
        yield place, start
        place = end
    yield place, length


def _words(text: str, code: Sequence[tuple[int, int]], closing: Mapping[int, int]) -> Iterator[str]:
    ends = dict(code)
    place = 0
    while place < len(text):
        if place in ends:
            yield text[place : ends[place]]
            place = ends[place]
            continue
        limit = _next(code, place, len(text))
        found = _SIGN.search(text, place, limit)
        plain = found.start() if found else limit
        if plain > place:
            yield text[place:plain]
            place = plain
            continue
        word, place = _piece(text, place, closing)
        yield word


def _next(code: Sequence[tuple[int, int]], place: int, otherwise: int) -> int:
    index = bisect_right(code, (place, otherwise + 1))
    return code[index][0] if index < len(code) else otherwise


def _piece(text: str, place: int, closing: Mapping[int, int]) -> tuple[str, int]:
    """Return what a brace, a tag or a backslash leaves, and where it ends."""
    character = text[place]
    if character == "\\":
        following = text[place + 1 : place + 2]
        return (following if following in "{}<" else character + following), place + 1 + len(following)
    if character == "{" and place in closing:
        end = closing[place] + 1
        if marker := _MARKER.match(text, place):
            return f"<!-- {marker[1]} -->", end
        literal = _LITERAL.fullmatch(text, place, end)
        return next((part for part in literal.groups() if part is not None), "") if literal else "", end
    if character == "<" and (tag := _tag(text, place, closing)):
        return tag
    return character, place + 1


def _tag(text: str, place: int, closing: Mapping[int, int]) -> tuple[str, int] | None:
    """Return what a tag leaves and where it ends; None when it is none."""
    found = _TAG.match(text, place)
    if not found:
        return None
    end = found.end()
    kept = []
    while attribute := _ATTRIBUTE.match(text, end):
        end = attribute.end()
        if text[end : end + 1] == "{":
            if end not in closing:
                return None
            end = closing[end] + 1
        elif attribute[2]:
            kept.append(f" {attribute[1]}={attribute[2]}")
    last = _TAG_END.match(text, end)
    if not last:
        return None
    name = found[2]
    if not name or name[0].isupper() or "." in name:
        return "", last.end()
    return f"<{found[1]}{name}{''.join(kept)}{last[0].lstrip()}", last.end()


def _set_left(text: str) -> str:
    """Take away the indentation that in MDX is no code, but would be in Markdown, and the frames of boxes."""
    lines: list[str] = []
    fence, in_list = "", False
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence):
            fence = ""
        elif not fence and line.strip():
            if _DIRECTIVE.match(line):
                line = ""  # the frame of a box; its words stand between
            in_list = bool(_ITEM.match(line)) or (in_list and line[:1] in {" ", "\t"})
            lines.append(line if in_list else line.lstrip())
            continue
        lines.append(line)
    return "\n".join(lines)
