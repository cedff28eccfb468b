"""Where in an HTML text its tags begin: each written tag can be told again, however a parser mends the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

STYLES = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.DOTALL | re.IGNORECASE)
OFFSET = "data-digest-offset"
"""The attribute that holds a tag's place."""
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z][\w:-]*")


def tags_of(html: str) -> list[etree._Element]:
    """Return the elements of a text in their order, style blocks apart."""
    root = etree.fromstring(html.encode(errors="replace"), etree.HTMLParser(encoding="utf-8")) if html.strip() else None
    return [] if root is None else [each for each in root.iter("*") if each.tag != "style"]


def numbered(html: str) -> str:
    """Return the HTML with each tag's place in an attribute of its own, but for comments and style blocks."""
    silent = [found.span() for pattern in (_COMMENTS, STYLES) for found in pattern.finditer(html)]
    return _numbered(html, silent)


def tag_at(html: str, offset: int) -> int:
    """Return which of `tags_of` begins at a place of the text; -1 for none."""
    places = (each.get(OFFSET) for each in tags_of(numbered(html)))
    return next((number for number, place in enumerate(places) if place == str(offset)), -1)


def _numbered(html: str, silent: Iterable[tuple[int, int]]) -> str:
    parts, place = [], 0
    skipped = sorted(silent)
    for tag in _TAG.finditer(html):
        while skipped and skipped[0][1] <= tag.start():
            skipped.pop(0)
        if not skipped or tag.start() < skipped[0][0]:
            parts += [html[place : tag.end()], f' {OFFSET}="{tag.start()}"']
            place = tag.end()
    return "".join((*parts, html[place:]))
