"""Whether the tables that lay out the mail are silent for screen readers, and keep its width in Outlook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.css import value_of
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level

WIDEST = 600
"""Pixels of the sheet: what every reading pane shows."""

_ROLES = {"presentation", "none"}
_PIXELS = re.compile(r"(\d{1,5})(?:px)?")
_GHOST = re.compile(r"<table[^>]{0,400}\bwidth=[\"']?(\d{1,4})", re.IGNORECASE)


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Ask every table without headings of its own for `role="presentation"`."""
    loud = [
        table
        for table in parsed(email.html).iter("table")
        if table.get("role") not in _ROLES and table.find(".//th") is None
    ]
    if loud:
        message = f"Screen readers would read out {len(loud)} of the tables that only lay out the mail."
        fix = 'Add role="presentation" to them'
        yield Finding(Level.ERROR, "mail.table-role", message, fix=fix, spot=at(loud[0]))
    yield from _about_the_width(parsed(email.html))


def _about_the_width(root: etree._Element) -> Iterator[Finding]:
    tables = list(root.iter("table", "td"))
    widths = {table: _width(table) for table in tables}
    wide = max(widths.values(), default=0)
    if wide > WIDEST:
        message = f"A table is {wide} px wide; readers with {WIDEST} px would have to scroll sideways."
        fix = f"Make it {WIDEST} px at most, and max-width besides"
        spot = at(next(table for table, width in widths.items() if width == wide))
        yield Finding(Level.ERROR, "mail.too-wide", message, fix=fix, spot=spot)
    for table, width in widths.items():
        if width and not table.get("width"):
            message = f"A {table.tag} is told its {width} px by its style alone, and Outlook reads the attribute."
            fix = f'Add width="{width}"'
            yield Finding(Level.WARNING, "mail.width-attribute", message, fix=fix, spot=at(table))
            break
    limited = [table for table in tables if _PIXELS.fullmatch(value_of(str(table.get("style") or ""), "max-width"))]
    ghosts = [int(width) for comment in root.iter(etree.Comment) for width in _ghosts(comment)]
    if limited and not any(0 < ghost <= WIDEST for ghost in ghosts):
        message = "Outlook ignores max-width and would draw the mail as wide as its window."
        fix = '<!--[if mso]><table width="600">: use sheet() of _macros/document.html'
        yield Finding(Level.ERROR, "mail.no-ghost-table", message, fix=fix, spot=at(limited[0]))


def _ghosts(comment: etree._Element) -> list[str]:
    text = comment.text or ""
    return _GHOST.findall(text) if "mso" in text[:60] else []


def _width(table: etree._Element) -> int:
    found = _PIXELS.fullmatch(value_of(str(table.get("style") or ""), "width") or str(table.get("width") or ""))
    return int(found[1]) if found else 0
