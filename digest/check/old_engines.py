"""Whether the tags count on CSS that Outlook for Windows, which lays out like Word, and Yahoo do not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.check.css import Declaration, declarations
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.spots import at
from digest.models import Email, Finding, Level, Spot

_UNITS = re.compile(r"(?<![\w#.-])-?[\d.]+(rem|vw|vh|ch|vmin|vmax)\b|\b(calc|min|max|clamp)\(", re.IGNORECASE)
_LAYOUT = {"flex", "inline-flex", "grid", "inline-grid"}
_GAPS = {"gap", "row-gap", "column-gap", "grid-gap"}
_OUT_OF_FLOW = {"absolute", "fixed", "sticky"}
_NOT_ZERO = re.compile(r"[1-9]")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Read the styles of every tag; one finding a kind, about the first."""
    found: dict[str, tuple[str, str, str, Spot]] = {}
    for element in parsed(email.html).iter():
        style = element.get("style")
        if isinstance(element.tag, str) and style:
            for each in declarations(str(style)):
                told = _told(str(element.tag), each)
                if told:
                    what = f"{each.name}: {each.value[:40]}"
                    found.setdefault(told[0], (what, *told[1:], at(element, f"{each.name}: {each.value}")))
    for code, (what, reason, fix, spot) in sorted(found.items()):
        message = f"A tag has “{what}”; {reason}."
        yield Finding(Level.WARNING, f"mail.old-engine-{code}", message, fix=fix, spot=spot)


def _told(tag: str, each: Declaration) -> tuple[str, str, str] | None:
    """Return the kind of mistake, why it is one, and what to do instead."""
    value = each.value.lower()
    if each.name == "display" and value in _LAYOUT:
        return "layout", "Outlook and Yahoo would put everything into one column", "Lay out with a table"
    if each.name in _GAPS:
        return "layout", "Outlook and Yahoo know no gap", "Use padding on a td"
    if each.name == "position" and value in _OUT_OF_FLOW:
        return "position", "mail programs take positions away", "Lay out with a table"
    if each.name.startswith("margin") and tag in {"td", "th", "tr"} and _NOT_ZERO.search(value):
        return "margin", "a cell has no margin, and no program gives it one", "Use padding"
    if each.name.startswith("margin") and "-" in value:
        return "margin", "Gmail and Outlook take negative margins away", "Use padding on a td"
    if _UNITS.search(value):
        return "unit", "Outlook ignores such lengths", "Write px"
    return None
