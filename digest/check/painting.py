"""In which colours each text of a mail is painted: in light, in the mail's own dark forms, and inverted by Gmail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from digest.check.colors import BLACK, WHITE, Color, color_of, inverted
from digest.check.css import Declaration, Rule, declarations, rules
from digest.check.document import names_in, outline, parsed
from digest.check.selectors import Sheet

OUTLOOK_TEXT, OUTLOOK_BACKGROUND = "[data-ogsc]", "[data-ogsb]"
"""Outlook marks with these what it recolours; a mail answers with rules for them."""

LARGE, LARGE_BOLD = 24.0, 18.66
"""Pixels from which WCAG calls a text large (18 and 14 points)."""

_INK_IN_THE_DARK: Color = (238, 238, 238)
_SHEET_IN_THE_DARK: Color = (30, 30, 30)
_LINK: Color = (0, 0, 238)
_LINK_IN_THE_DARK: Color = (158, 158, 255)
"""What programs paint where nobody says anything."""

_PIXELS = re.compile(r"([\d.]{1,9})\s*(px|pt)", re.IGNORECASE)
_PICTURED = re.compile(r"url\(|gradient\(", re.IGNORECASE)
_POINT = 4 / 3
_SEEN = 2.0
"""Pixels; smaller letters are there to hide."""
_HEADINGS = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h4": 16.0}
_SILENT = {"style", "script", "title"}
_BOLD = {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"}


class Light(Enum):
    """How a mail program paints."""

    LIGHT = "in light mode"
    DARK = "in dark mode"
    OUTLOOK = "in the dark mode of Outlook"
    INVERTED = "when Gmail turns its colours round for dark mode"


class Paint(NamedTuple):
    """How text is painted at one place. A colour that cannot be told, such as a picture behind it, is None."""

    color: Color | None = BLACK
    background: Color | None = WHITE
    size: float = 16.0
    bold: bool = False
    hidden: bool = False

    @property
    def large(self) -> bool:
        """Whether WCAG calls it a large text."""
        return self.size >= LARGE or (self.bold and self.size >= LARGE_BOLD)


class Run(NamedTuple):
    """Some words and how they are painted."""

    words: str
    paint: Paint
    element: etree._Element
    """The tag that the words stand in."""


@lru_cache(maxsize=16)
def runs(html: str, light: Light) -> tuple[Run, ...]:
    """Return the visible words of a mail; none for a form that the mail does not have."""
    everything = [rule for block in parsed(html).iter("style") for rule in rules(block.text or "")]
    plain = [rule for rule in everything if not rule.query]
    names = names_in(html)
    if light is Light.LIGHT:
        return tuple(_painted(html, Sheet(plain, names), Paint(), _LINK))
    if light is Light.INVERTED:
        turned = {run.paint: _turned(run.paint) for run in runs(html, Light.LIGHT)}
        return tuple(run._replace(paint=turned[run.paint]) for run in runs(html, Light.LIGHT))
    if light is Light.DARK:
        dark = [rule for rule in everything if "prefers-color-scheme" in rule.query and "dark" in rule.query]
        start = Paint(_INK_IN_THE_DARK, _SHEET_IN_THE_DARK)
        return tuple(_painted(html, Sheet([*plain, *dark], names), start, _LINK_IN_THE_DARK)) if dark else ()
    outlook = _both(plain)
    if not outlook:
        return ()
    return tuple(_painted(html, Sheet(outlook, names), _turned(Paint()), _LINK_IN_THE_DARK, turned=True))


def _both(plain: list[Rule]) -> list[Rule]:
    """Return Outlook's rules as plain ones: text from the one mark, backgrounds from the other."""
    found = []
    for rule in plain:
        for selector in rule.selectors:
            for mark, kept in ((OUTLOOK_TEXT, ("color",)), (OUTLOOK_BACKGROUND, ("background", "background-color"))):
                if selector.startswith(mark + " "):
                    meant = tuple(each for each in rule.declarations if each.name in kept)
                    found.append(Rule("", (selector.removeprefix(mark).strip(),), meant))
    return found


def _painted(html: str, sheet: Sheet, start: Paint, link: Color, *, turned: bool = False) -> Iterator[Run]:
    """Paint every tag of the body; `turned`: the colours in the tags are inverted first, as the program does it."""
    tags, texts = outline(html)
    paints: list[Paint] = []
    said: dict[tuple[str, ...], _Own] = {}
    mixed: dict[tuple[_Own, Paint], Paint] = {}
    for tag in tags:
        ruled, settled = sheet.declarations(tag)
        bgcolor, named = str(tag.element.get("bgcolor") or ""), str(tag.element.get("color") or "")
        linked = tag.name == "a" and bool(tag.element.get("href"))
        key = (*tag[2:], bgcolor, named, "linked" * linked)
        own = said.get(key) if settled else None
        if own is None:
            own = _over(_own(tag.name, tag.style, bgcolor, named, turned=turned), tag.style, ruled)
            own = own._replace(color=(link,)) if linked and not own.color else own
            said[key] = own
        around = paints[tag.parent] if tag.parent >= 0 else start
        paint = mixed.get((own, around))
        if paint is None:
            paint = mixed[own, around] = _mix(own, around)
        paints.append(paint)
    for place, text in texts:
        words = " ".join(text.split())
        if words and not paints[place].hidden and tags[place].name not in _SILENT:
            yield Run(words, paints[place], tags[place].element)


def _over(own: _Own, style: str, ruled: tuple[Declaration, ...]) -> _Own:
    """Lay what the rules say over what a tag says, where it counts more."""
    if not ruled:
        return own
    inline = {each.name for each in declarations(style)}
    ruling = [each for each in ruled if each.important or not _stands(each.name, inline)]
    rules_say = _read(tuple(sorted(ruling, key=lambda each: each.important)))
    return _Own(
        rules_say.color or own.color,
        rules_say.background or own.background,
        rules_say.size or own.size,
        own.bold if rules_say.bold is None else rules_say.bold,
        own.hidden if rules_say.hidden is None else rules_say.hidden,
    )


def _mix(own: _Own, around: Paint) -> Paint:
    return Paint(
        own.color[0] if own.color else around.color,
        own.background[0] if own.background else around.background,
        own.size or around.size,
        around.bold if own.bold is None else own.bold,
        around.hidden or bool(own.hidden),
    )


_Maybe = tuple[Color | None] | None
"""None: nothing is said. `(None,)`: something that cannot be told."""


class _Own(NamedTuple):
    """What is said at one place; what is not said is None, and 0 for a size."""

    color: _Maybe
    background: _Maybe
    size: float
    bold: bool | None
    hidden: bool | None


@lru_cache(maxsize=4096)
def _own(tag: str, style: str, bgcolor: str, font_color: str, *, turned: bool) -> _Own:
    """Read what a tag says about itself."""
    color, background, size, bold, hidden = _read(declarations(style))
    color = color or ((color_of(font_color),) if font_color and tag == "font" else None)
    background = background or ((color_of(bgcolor),) if bgcolor else None)
    if turned:
        color, background = (each and _turn(each) for each in (color, background))
    if bold is None and tag in _BOLD:
        bold = True
    return _Own(color, background, size or _HEADINGS.get(tag, 0.0), bold, hidden)


def _read(found: tuple[Declaration, ...]) -> _Own:
    color: _Maybe = None
    background: _Maybe = None
    size, bold, hidden = 0.0, None, None
    height, clipped = "", False
    for each in found:
        value = each.value.lower()
        if each.name == "color":
            color = None if value in {"inherit", "currentcolor"} else (color_of(value),)
        elif each.name in {"background", "background-color", "background-image"}:
            background = _ground(value) or background
        elif each.name == "font-size":
            size = _pixels(value) or size
        elif each.name == "font-weight":
            bold = value in {"bold", "bolder", "600", "700", "800", "900"}
        elif each.name == "display":
            hidden = value == "none"
        elif each.name == "visibility":
            hidden = value == "hidden" or bool(hidden)
        elif each.name == "max-height":
            height = value
        elif each.name == "overflow":
            clipped = value == "hidden"
    if height in {"0", "0px"} and clipped:
        hidden = True
    if 0 < size < _SEEN:
        hidden = True
    return _Own(color, background, size, bold, hidden)


def _ground(value: str) -> _Maybe:
    """Return the colour of a background; what is drawn over it cannot be told."""
    if _PICTURED.search(value):
        return (None,)
    if value in {"none", "transparent", "inherit", "0", ""}:
        return None
    whole = color_of(value)
    if whole or "(" in value:
        return (whole,)
    named = [color for word in value.split() if (color := color_of(word))]
    return (named[0],) if named else None


@lru_cache(maxsize=256)
def _pixels(value: str) -> float:
    found = _PIXELS.fullmatch(value.strip())
    if not found or found[1].count(".") > 1 or found[1] == ".":
        return 0.0
    return float(found[1]) * (_POINT if found[2].lower() == "pt" else 1)


def _stands(name: str, inline: set[str]) -> bool:
    """Tell whether a tag says something itself that a rule without `!important` cannot change."""
    return name in inline or (name.startswith("background") and any(each.startswith("background") for each in inline))


def _turn(color: tuple[Color | None]) -> tuple[Color | None]:
    return (inverted(color[0]) if color[0] else None,)


def _turned(paint: Paint) -> Paint:
    return paint._replace(
        color=inverted(paint.color) if paint.color else None,
        background=inverted(paint.background) if paint.background else None,
    )
