"""Decides what is left of Hugo's shortcodes when nobody executes them.

The tag of a shortcode goes and what it encloses stays, but code and diagrams become code, `figure` becomes a picture,
`ref` and `relref` become addresses, and escaped shortcodes, which are shown as they are written, lose their escape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_CODE = frozenset(
    {"highlight", "code", "mermaid", "katex", "math", "chart", "echarts", "plantuml", "gist", "raw", "script", "style"}
)
_PICTURES = frozenset({"figure", "img", "image"})
_LINKS = frozenset({"ref", "relref"})
_CLOSE = {"<": ">}}", "%": "%}}"}
_NAME = re.compile(r"\s*(/?)\s*([\w./-]*)")
_ARGUMENT = re.compile(r"""(?:([\w-]+)\s*=\s*)?(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|([^\s"`=/]\S*|/\S+))""")
_LONGEST = 4_000
"""Characters of a tag; a longer one is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a shortcode in a text."""

    start: int
    end: int
    name: str
    closes: bool
    argument: str
    """The first argument, or the one that is called `path` or `src`."""
    comment: str = ""
    """What an escaped shortcode shows; empty for one that is not escaped."""


def without(text: str, address: Callable[[str], str | None]) -> str:
    """Return the text without shortcodes; `address` says where a page that `ref` names stands, or None."""
    if "{{" not in text:
        return text
    written: list[str] = []
    at, fenced = 0, ""
    found = list(tags(text))
    closing = {tag.name: tag.start for tag in found if tag.closes}
    for tag in found:
        if fenced and not (tag.closes and tag.name == fenced):
            continue
        between = text[at : tag.start]
        at = tag.end
        if fenced:
            written += [_indented(between)]
            fenced = ""
            continue
        written.append(between)
        if tag.comment:
            written.append(tag.comment)
        elif tag.name in _LINKS:
            written.append((address(tag.argument) if tag.argument else None) or "")
        elif tag.name in _PICTURES and tag.argument:
            written.append(f"![]({tag.argument})")
        elif tag.name in _CODE and closing.get(tag.name, 0) > tag.end:
            fenced = tag.name
    return "".join((*written, text[at:]))


def links(text: str) -> tuple[str, ...]:
    """Return what every `ref` and `relref` in the text names, once each."""
    if "ref" not in text or "{{" not in text:
        return ()
    named = (tag.argument for tag in tags(text) if tag.name in _LINKS and not tag.comment and tag.argument)
    return tuple(dict.fromkeys(named))


def tags(text: str) -> Iterator[Tag]:
    """Yield the tags of shortcodes in a text, in order."""
    at = 0
    while (start := text.find("{{", at)) >= 0:
        sign = text[start + 2 : start + 3]
        end = text.find(_CLOSE[sign], start + 3, start + _LONGEST) if sign in _CLOSE else -1
        if end < 0:
            at = start + 2
            continue
        at = end + 3
        yield _tag(text[start + 3 : end], sign, start, at)


def _tag(inner: str, sign: str, start: int, end: int) -> Tag:
    if inner.startswith("/*") and inner.endswith("*/"):
        return Tag(start, end, "", False, "", "{{" + sign + inner[2:-2] + _CLOSE[sign])
    found = _NAME.match(inner)
    name, closes = (found[2], bool(found[1])) if found else ("", False)
    return Tag(start, end, name.removesuffix("/"), closes, _argument(inner[found.end() :] if found else ""))


def _argument(written: str) -> str:
    first = ""
    for key, quoted, raw, bare in _ARGUMENT.findall(written):
        value = str(quoted or raw or bare)
        if key in {"path", "src"}:
            return value
        first = first or ("" if key else value)
    return first


def _indented(code: str) -> str:
    lines = code.strip("\n").split("\n")
    return "\n\n" + "\n".join(f"    {line}" for line in lines) + "\n\n"
