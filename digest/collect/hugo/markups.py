"""Decides what a page's text is in Markdown, whatever it is written in: HTML, Org, AsciiDoc or reStructuredText."""

from __future__ import annotations

import re

from digest.collect.hugo import org_text
from digest.collect.words import restructured

_ASCIIDOC_CODE = re.compile(r"^(-{4,}|\.{4,}|`{3,}|\|===)$")
_ASCIIDOC_SILENT = re.compile(r"^(?::[\w!-]+:.*|\[[^\]]*\]|//.*|\.[^\s.].*|={4,}|\*{4,}|_{4,}|\+)$")
_ASCIIDOC_HEADING = re.compile(r"^(={2,6}) +(.*)")
_ASCIIDOC_LINK = re.compile(r"(?:link:|xref:)?(https?://[^\s\[\]]{1,2000})\[([^\]\n]{1,500})\]")
_ASCIIDOC_IMAGE = re.compile(r"image::?([^\s\[\]]{1,2000})\[[^\]\n]{0,500}\]")


def markdown(text: str, ending: str) -> str:
    """Return a page's text, whose file has this ending, as Markdown and HTML."""
    match ending:
        case "html" | "htm":
            return "\n".join(line.lstrip() for line in text.split("\n"))  # indented HTML is no code
        case "org":
            return org_text.markdown(text)
        case "rst":
            return restructured.to_markdown(text)
        case "adoc" | "asciidoc" | "ad":
            return _asciidoc(text)
        case _:
            return text


def _asciidoc(text: str) -> str:
    written: list[str] = []
    code = ""
    for line in text.split("\n"):
        bare = line.rstrip()
        if code:
            written.append("" if bare == code else f"    {line}")
            code = "" if bare == code else code
        elif _ASCIIDOC_CODE.match(bare):
            code = bare
            written.append("")
        elif heading := _ASCIIDOC_HEADING.match(bare):
            written.append("#" * len(heading[1]) + " " + heading[2])
        elif _ASCIIDOC_SILENT.match(bare):
            written.append("")
        else:
            written.append(_ASCIIDOC_LINK.sub(r"[\2](\1)", _ASCIIDOC_IMAGE.sub(r"![](\1)", line)))
    return "\n".join(written)
