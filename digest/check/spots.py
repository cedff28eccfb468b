"""How a check says which place of a mail it means; the renderer tells the template's line from it."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from digest.models import Spot

SUBJECT, PREHEADER, TEXT = Spot("subject"), Spot("preheader"), Spot("text")
HTML = Spot()
"""The whole of it."""


def at(element: etree._Element | None, quote: str = "") -> Spot:
    """Mean a tag, and `quote` of what it says or of the style it has. The whole HTML for no tag."""
    if element is None:
        return Spot(quote=quote)
    return Spot(tag=_numbers(element.getroottree().getroot()).get(element, -1), quote=quote)


def in_styles(quote: str) -> Spot:
    """Mean what the style sheets say."""
    return Spot(quote=quote)


def in_text(line: str) -> Spot:
    """Mean a line of the text part."""
    return Spot("text", quote=line)


@lru_cache(maxsize=4)
def _numbers(root: etree._Element) -> dict[etree._Element, int]:
    """Return the places of the tags in their order, style blocks not counted."""
    tags = (element for element in root.iter("*") if element.tag != "style")
    return {element: number for number, element in enumerate(tags)}
