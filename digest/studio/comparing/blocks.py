"""Which blocks of two mails differ, and in what: words, looks, links or pictures, each change told once.

A block is a tag that says something itself, a picture, or an empty area with a look of its own. What a person sees of
it depends on every tag around it, so its look is all that these say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lxml import etree

from digest.render.tag_offsets import OFFSET, STYLES, numbered

_MOST = 3_000
"""Blocks of a mail; comparing takes time that grows with the square."""
_SURROUNDING = ("bgcolor", "align", "valign")
"""Attributes that are looks."""
_OWN = ("href", "src", "alt", "width", "height", "dir")
_LONGEST = 120
"""Characters of a block that are shown, and of a value."""
_SILENT = {"style", "script", "title", "head", "meta", "link", "br"}

Detail = tuple[str, str, str]
"""What differs (`color`, `href`, …), as it was and as it is; empty for what was not said."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands in each of the mails: the place of its tag, -1 in a mail that has none."""

    text: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, and all blocks in which it does."""

    kind: str
    """`words`, `looks`, `link`, `picture`, `added`, `removed` or `sheet`."""
    details: tuple[Detail, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    tag: str
    text: str
    offset: int
    look: Mapping[str, str] = field(hash=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.tag, self.text


def changed_blocks(before: str, after: str) -> tuple[Change, ...] | None:
    """Return what differs between two mails' HTML, from top to bottom; None for mails that are too long for it."""
    old, new = list(_blocks(before)), list(_blocks(after))
    if max(len(old), len(new)) > _MOST:
        return None
    found: dict[tuple[str, tuple[Detail, ...]], list[Place]] = {}
    if _sheets(before) != _sheets(after):
        found["sheet", ()] = []
    for kind, details, place in _differences(old, new):
        found.setdefault((kind, details), []).append(place)
    return tuple(Change(kind, details, tuple(places)) for (kind, details), places in found.items())


def _differences(old: list[_Block], new: list[_Block]) -> Iterator[tuple[str, tuple[Detail, ...], Place]]:
    matcher = SequenceMatcher(None, [each.key for each in old], [each.key for each in new], autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal" or (what == "replace" and _tags(old[start:end]) == _tags(new[new_start:new_end])):
            for was, became in zip(old[start:end], new[new_start:new_end], strict=True):
                yield from _between(was, became)
            continue
        for gone in old[start:end]:
            yield "removed", (), Place(gone.text[:_LONGEST], gone.offset, -1)
        for come in new[new_start:new_end]:
            yield "added", (), Place(come.text[:_LONGEST], -1, come.offset)


def _tags(blocks: list[_Block]) -> list[str]:
    return [each.tag for each in blocks]


def _between(was: _Block, became: _Block) -> Iterator[tuple[str, tuple[Detail, ...], Place]]:
    place = Place(became.text[:_LONGEST], was.offset, became.offset)
    if was.text != became.text:
        yield "words", (("", was.text[:_LONGEST], became.text[:_LONGEST]),), place
    names = dict.fromkeys((*was.look, *became.look))
    details = [
        (name, was.look.get(name, ""), became.look.get(name, ""))
        for name in names
        if was.look.get(name, "") != became.look.get(name, "")
    ]
    for kind, mine in (("link", ("href",)), ("picture", ("src", "alt"))):
        some = tuple((name, a[:_LONGEST], b[:_LONGEST]) for name, a, b in details if name in mine)
        if some:
            yield kind, some, place
    looks = {name: (a, b) for name, a, b in details if name not in {"href", "src", "alt"}}
    if "background-color" in looks:
        looks.pop("bgcolor", None)  # the same, said once more for old programs
    for name, (a, b) in looks.items():
        yield "looks", ((name, a[:_LONGEST], b[:_LONGEST]),), place


def _blocks(html: str) -> Iterator[_Block]:
    root = etree.fromstring(numbered(html).encode(errors="replace"), etree.HTMLParser(encoding="utf-8"))
    body = None if root is None else root.find("body")
    if body is not None:
        yield from _within(body)


def _within(body: etree._Element) -> Iterator[_Block]:
    waiting: list[tuple[etree._Element, Mapping[str, str]]] = [(body, {})]
    while waiting:  # not by recursion: hostile mails nest deeply
        element, around = waiting.pop()
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            continue
        look = {**around, **_said(element)}
        text = " ".join(" ".join((element.text or "", *(each.tail or "" for each in element))).split())
        is_area = len(element) == 0 and element.tag not in {"a", "span"} and bool(_said(element))
        if text or element.tag == "img" or is_area:
            own = {name: element.get(name, "") for name in _OWN if element.get(name)}
            shown = text or element.get("alt") or ""
            yield _Block(element.tag, shown, int(element.get(OFFSET, "-1")), {**look, **own})
        waiting.extend((each, look) for each in reversed(element))


def _said(element: etree._Element) -> Mapping[str, str]:
    """Return what a tag says about looks: property -> value."""
    said = {name: element.get(name, "") for name in _SURROUNDING if element.get(name)}
    for declaration in element.get("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon and name.strip():
            said[name.strip().lower()] = " ".join(value.split())
    return said


def _sheets(html: str) -> list[str]:
    return [" ".join(found.group(1).split()) for found in STYLES.finditer(html)]
