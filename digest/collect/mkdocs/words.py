"""Decides which words a post of Material for MkDocs holds: its Markdown without the extensions in use there."""

from __future__ import annotations

import re

_ATTRIBUTES = re.compile(
    r"(?<![ \t])[ \t]*+\{:?[ \t]*[.#][^{}\n]*\}|\{:?[ \t]*[\w-]+=(?:\"[^\"\n{}]*\"|[\w-]+)[ \t]*\}"
)
_BOX = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]{0,2}|///)[ \t]*(?:[\w-]+\b|\")[^\n]*")
_BOX_END = re.compile(r"///[ \t]*")
_INCLUDED = re.compile(r"[ \t]*-{1,}8<-{1,}.*")
_ANNOTATION = re.compile(r"[ \t]?\(\d{1,3}\)!")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r"#{1,6}")
_MORE = "<!-- more -->"


def words(markdown: str, marker: str = _MORE) -> str:
    """Return Markdown that any reader of Markdown understands, with `<!-- more -->` where `marker` stands.

    A box (`!!! note`) becomes a quotation without its name, the inside of a tab stays, included files are left out.
    """
    if marker and marker != _MORE:
        markdown = markdown.replace(marker, _MORE, 1)
    made: list[str] = []
    fence, inside = "", False
    for line in markdown.split("\n"):
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        elif not fence and (_BOX.fullmatch(line) or _BOX_END.fullmatch(line)):
            inside = not line.startswith("///")
            made.append("")
            continue
        elif not fence and _INCLUDED.fullmatch(line):
            continue
        if inside and line.strip() and not line.startswith(("    ", "\t")):
            inside = False
            made.append("")
        if inside:
            line = f"> {line[4:] if line.startswith('    ') else line.lstrip()}".rstrip()
        made.append(line if fence else _ANNOTATION.sub("", _ATTRIBUTES.sub("", line)))
    return "\n".join(made)


def heading(markdown: str) -> str:
    """Return the Markdown of the heading of first order with which a text begins, or nothing."""
    first, _, rest = markdown.lstrip("\n").partition("\n")
    if found := _HEADING.match(first):
        text = first[found.end() :].strip(" \t").rstrip("#").rstrip(" \t")
        if text:
            return _ATTRIBUTES.sub("", text) if found[0] == "#" else ""
    underline = rest.partition("\n")[0].rstrip(" \t")
    return _ATTRIBUTES.sub("", first) if underline and not underline.strip("=") else ""


def first_line(markdown: str) -> str | None:
    """Return what MkDocs takes for the title before it has rendered anything: a first line that begins with `# `."""
    line = next((stripped for line in markdown.split("\n") if (stripped := line.strip())), "")
    return line.lstrip("# ") if line.startswith("# ") else None
