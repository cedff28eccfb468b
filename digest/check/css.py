"""How the checks read CSS: the declarations of a tag, and the rules of a style block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

READ_AT_MOST = 65_536
"""Characters of one block, four times what Gmail reads, and far more than any tag holds."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_PIECE = re.compile(r"[{}]|[^{}]+")
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_NESTING = re.compile(r"[;()\"']")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One `name: value`, as it is written but for the name's case."""

    name: str
    value: str
    """Without `!important`."""
    important: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a style block."""

    query: str
    """The @-rule around it (`@media (…)`, lower case); empty when there is none."""
    selectors: tuple[str, ...]
    """Empty for an @-rule without selectors, such as `@font-face` or `@import`."""
    declarations: tuple[Declaration, ...]


@lru_cache(maxsize=4096)
def declarations(style: str) -> tuple[Declaration, ...]:
    """Split the value of a `style` attribute, or the inside of a rule. What has no colon is left out."""
    found = []
    for part in split(style[:READ_AT_MOST]):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            plain = _IMPORTANT.sub("", value)
            found.append(Declaration(name.strip().lower(), plain.strip(), important=plain != value))
    return tuple(found)


def value_of(style: str, name: str) -> str:
    """Return the value that counts for a property in a `style` attribute; empty when it is not set."""
    return next((each.value for each in reversed(declarations(style)) if each.name == name), "")


def split(css: str) -> list[str]:
    """Split declarations at the semicolons that stand outside of quotes and brackets."""
    if not any(mark in css for mark in "('\""):
        return [part for part in css.split(";") if part.strip()]
    parts, start, depth, quote = [], 0, 0, ""
    for found in _NESTING.finditer(css):
        mark = found[0]
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'":
            quote = mark
        elif mark == "(":
            depth += 1
        elif mark == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            parts.append(css[start : found.start()])
            start = found.end()
    return [part for part in (*parts, css[start:]) if part.strip()]


@lru_cache(maxsize=32)
def rules(css: str) -> tuple[Rule, ...]:
    """Read a style block. What is broken is read as far as it makes sense; `styles` tells what is wrong."""
    return tuple(_rules(_COMMENT.sub("", css[:READ_AT_MOST])))


def _rules(css: str) -> Iterator[Rule]:
    queries: list[str] = []
    waiting, selectors = "", None
    for piece in _PIECE.findall(css):
        if piece == "{":
            *statements, head = waiting.split(";")
            yield from (Rule(each.strip().lower(), (), ()) for each in statements if each.strip())
            head = " ".join(head.split())
            if head.startswith("@"):
                queries.append(head.lower())
            else:
                selectors = tuple(part.strip() for part in head.split(",") if part.strip())
            waiting = ""
        elif piece == "}":
            if selectors is not None:
                yield Rule(queries[-1] if queries else "", selectors, declarations(waiting))
                selectors = None
            elif queries:
                query = queries.pop()
                if waiting.strip():
                    yield Rule(query, (), declarations(waiting))
            waiting = ""
        else:
            waiting = piece
    yield from (Rule(each.strip().lower(), (), ()) for each in waiting.split(";") if each.strip().startswith("@"))
