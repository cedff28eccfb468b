"""How css-inline, the fast engine, moves styles into the tags: it is asked for styles, and for nothing else.

It reads HTML as browsers do: it adds `tbody`, moves what stands between rows, and writes its own attributes. So its
page is thrown away, and only the styles are taken over, tag by tag. The result has the shape that premailer gives.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml import etree

_NUMBER = "data-digest-number"
_DECLARATION = re.compile(r"""((?:[^;:"'(]|"[^"]*"|'[^']*'|\([^)]*\))+):((?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\))+)""")
_COLOR = re.compile(r"#([0-9a-fA-F])\1([0-9a-fA-F])\2([0-9a-fA-F])\3(?![0-9a-fA-F])")
_SHORT_COLOR = re.compile(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])")
_QUOTED = re.compile(r"""'([^'"]*)'""")
_ATTRIBUTES = {"text-align": "align", "vertical-align": "valign", "background-color": "bgcolor"}
"""What old Outlooks read from attributes alone, as premailer writes it."""


def move_styles(root: etree._Element) -> None:
    """Move the styles of a page into its `style` attributes."""
    import css_inline
    from lxml import etree

    sheet = "\n".join(_take_sheets(root))
    elements: list[Any] = list(root.iter("*"))
    for number, element in enumerate(elements):
        element.set(_NUMBER, str(number))
    page = etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>")
    inliner = css_inline.CSSInliner(
        inline_style_tags=False,  # the sheets that stay are none of its business
        extra_css=sheet,
        keep_style_tags=True,
        keep_link_tags=True,
        load_remote_stylesheets=False,
    )
    styled = etree.fromstring(inliner.inline(page).encode(), etree.HTMLParser(encoding="utf-8"))
    for element in styled.iter("*"):
        place, style = element.get(_NUMBER), element.get("style")
        if place and style:
            _dress(elements[int(place)], str(style))
    for element in elements:
        del element.attrib[_NUMBER]


def _take_sheets(root: Any) -> list[str]:
    """Remove the sheets that are to be inlined, and return them; unmark those that stay."""
    taken = []
    for sheet in list(root.iter("style")):
        if sheet.get("media", "all") not in {"all", "screen"}:
            continue
        if sheet.attrib.pop("data-premailer", ""):
            continue
        taken.append(sheet.text or "")
        sheet.getparent().remove(sheet)
    return taken


def _dress(element: Any, style: str) -> None:
    if style == element.get("style"):
        return
    written, attributes = _as_premailer_writes(style)
    element.set("style", written)
    for name, value in attributes:
        element.set(name, value)


@lru_cache(maxsize=1024)
def _as_premailer_writes(style: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the same declarations as premailer spells them, and the attributes that it makes of them.

    The same spelling has the same size: then the same posts are shown in short when an issue would be too large.
    """
    declarations, attributes = [], {}
    for name, value in _DECLARATION.findall(style):
        name, value = name.strip(), _QUOTED.sub(r'"\1"', _COLOR.sub(r"#\1\2\3", value.strip()))
        declarations.append(f"{name}:{value}")
        if name in _ATTRIBUTES and "transparent" not in value.lower():
            attributes[_ATTRIBUTES[name]] = _SHORT_COLOR.sub(r"#\1\1\2\2\3\3", value) if len(value) == 4 else value
    return "; ".join(declarations), tuple(attributes.items())
