"""Decides what of a text in Org mode is left in Markdown."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"[ \t]*#\+begin_(\w+)", re.IGNORECASE)
_CODE_BLOCKS = {"src", "example", "export", "comment"}
_DRAWER = re.compile(r"[ \t]*:[\w-]+:[ \t]*$")
_HEADING = re.compile(r"(\*{1,8}) +(?:TODO |DONE )?(.*)")
_LINK = re.compile(r"\[\[([^\]\[]+)\](?:\[([^\]\[]+)\])?\]")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)
_MARKED = re.compile(r"(?<![\w*/_=~+])([*/_=~+])(?=\S)([^\n*/_=~+]{1,200}?)(?<=\S)\1(?![\w*/_=~+])")
_MARKS = {"*": "**", "/": "*", "_": "", "=": "`", "~": "`", "+": "~~"}


def markdown(org: str) -> str:
    """Return a text in Org mode as Markdown: headings, links and emphasis; code stays code, drawers and keywords go."""
    written: list[str] = []
    block, drawer = "", False
    for line in org.split("\n"):
        if block:
            ended = line.strip().lower() == f"#+end_{block}"
            if block in _CODE_BLOCKS:
                written.append("" if ended else f"    {line}")
            elif not ended:
                written.append(("> " if block == "quote" else "") + _inline(line))
            block = "" if ended else block
        elif drawer:
            drawer = line.strip().upper() != ":END:"
        elif found := _BLOCK.match(line):
            block = found[1].lower()
            written.append("")
        elif _DRAWER.match(line):
            drawer = True
        elif line.lstrip().startswith("#+") or re.match(r"[ \t]*#(?: |$)", line):
            written.append("<!--more-->" if line.strip().lower() == "# more" else "")
        elif found := _HEADING.match(line):
            written.append("#" * min(len(found[1]), 6) + " " + _inline(re.sub(r"[ \t]+:[\w:@]+:$", "", found[2])))
        else:
            written.append(_inline(line))
    return "\n".join(written)


def _inline(line: str) -> str:
    return _MARKED.sub(lambda found: f"{_MARKS[found[1]]}{found[2]}{_MARKS[found[1]]}", _LINK.sub(_link, line))


def _link(found: re.Match[str]) -> str:
    target, words = found[1].removeprefix("file:"), found[2]
    if _PICTURE.search(target) and not words:
        return f"![]({target})"
    return f"[{words or target}]({target})"
