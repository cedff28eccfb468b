"""Which features of caniemail a declaration, a selector, an at-rule, an element or an attribute is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from digest.check.clients.knowledge import knowledge
from digest.check.css import Declaration

_SIDE = r"(?:top|right|bottom|left)"
_LINE = r"(?:width|style|color)"
_FAMILIES = {
    re.compile(pattern): slugs
    for pattern, slugs in {
        rf"border-{_SIDE}(?:-{_LINE})?|border-{_LINE}": ("css-border",),
        r"border-(?:top|bottom)-(?:left|right)-radius": ("css-border-radius",),
        r"border-(?:start|end)-(?:start|end)-radius": ("css-border-radius-logical",),
        r"border-(?:inline|block)": ("css-border-inline-block",),
        rf"border-(?:inline|block)-(?:start|end|{_LINE})": ("css-border-inline-block-individual",),
        rf"border-(?:inline|block)-(?:start|end)-{_LINE}": ("css-border-inline-block-longhand",),
        r"border-image-.+": ("css-border-image",),
        rf"margin-{_SIDE}": ("css-margin",),
        rf"padding-{_SIDE}": ("css-padding",),
        r"margin-(?:inline|block)": ("css-margin-inline-block",),
        r"padding-(?:inline|block)": ("css-padding-inline-block",),
        r"margin-inline-(?:start|end)": ("css-margin-inline-start-end",),
        r"margin-block-(?:start|end)": ("css-margin-block-start-end",),
        r"padding-inline-(?:start|end)": ("css-padding-inline-start-end",),
        r"padding-block-(?:start|end)": ("css-padding-block-start-end",),
        r"block-size|inline-size": ("css-block-inline-size",),
        r"columns|column-(?:fill|rule|rule-color|rule-style|rule-width|span|width)": ("css-column-layout-properties",),
        r"(?:grid-)?(?:column-|row-)?gap": ("css-gap",),
        r"grid-template(?:-.+)?": ("css-grid-template",),
        r"inset(?:-.+)?": ("css-inset",),
        _SIDE: ("css-left-right-top-bottom",),
        r"overflow-(?:x|y|inline|block)": ("css-overflow",),
        r"animation-.+": ("css-animation",),
        r"transition-.+": ("css-transition",),
        r"background-position-[xy]": ("css-background-position",),
        r"outline-(?:color|style|width)": ("css-outline",),
        r"text-emphasis-(?:color|style)": ("css-text-emphasis",),
        r"scroll-snap-.+|scroll-margin.*|scroll-padding.*": ("css-scroll-snap",),
        r"mask": ("css-mask-image",),
        r"--.+": ("css-variables",),
    }.items()
}
_VALUES = (
    ("display", re.compile(r"\b(?:inline-)?flex\b"), "css-display-flex"),
    ("display", re.compile(r"\b(?:inline-)?grid\b"), "css-display-grid"),
    ("display", re.compile(r"^none\b"), "css-display-none"),
    ("font-family", re.compile(r"\b(?:system-ui|ui-serif|ui-sans-serif|ui-rounded|ui-monospace)\b"), "css-sytem-ui"),
)
_ONLY_WITH = {"flex-direction": "column", "flex-wrap": "wrap"}
"""Properties that were tried with one value."""
_ANYWHERE = {
    re.compile(pattern, re.IGNORECASE): slug
    for pattern, slug in {
        r"(?:^|\s)initial\b": "css-unit-initial",
        r"\b(?:min|max|fit)-content\b": "css-intrinsic-size",
        r"\bvar\(": "css-variables",
        r"\bcalc\(": "css-unit-calc",
        r"\bclamp\(": "css-function-clamp",
        r"(?<![\w-])max\(": "css-function-max",
        r"(?<![\w-])min\(": "css-function-min",
        r"\blight-dark\(": "css-function-light-dark",
        r"\brgb\(": "css-rgb",
        r"\brgba\(": "css-rgba",
        r"\bhsla?\(": "css-hsl",
        r"\b(?:ok)?(?:lch|lab)\(": "css-modern-color",
        r"\blinear-gradient\(": "css-linear-gradient",
        r"\bradial-gradient\(": "css-radial-gradient",
        r"\bconic-gradient\(": "css-conic-gradient",
    }.items()
}
_UNIT = re.compile(r"(?<![\w#.-])[+-]?(?:\d++\.?\d*+|\.\d++)(%|[a-z]++)", re.IGNORECASE)
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'|url\([^)]*\)", re.IGNORECASE)
_QUERIES = {
    re.compile(pattern, re.IGNORECASE): slug
    for pattern, slug in {
        r"prefers-color-scheme": "css-at-media-prefers-color-scheme",
        r"prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
        r"\borientation\b": "css-at-media-orientation",
        r"\b(?:any-)?hover\b": "css-at-media-hover",
        r"device-pixel-ratio": "css-at-media-device-pixel-ratio",
    }.items()
}
_COMBINATORS = {">": "child", "+": "adjacent-sibling", "~": "general-sibling", " ": "descendant"}
_SELECTOR = re.compile(
    r"(?P<attribute>\[[^\]]*\])|(?P<element>::[\w-]+|:(?:before|after|first-line|first-letter)\b)"
    r"|(?P<state>:[\w-]+)(?:\((?P<inner>[^()]*)\))?|(?P<id>#[\w-]+)|(?P<class>\.[\w-]+)|(?P<universal>\*)"
    r"|(?P<combinator>\s*[>+~]\s*|\s+)|(?P<type>[\w-]+)|(?P<nesting>&)"
)
_CHAINED = re.compile(r"[.#][\w-]+[.#][\w-]")
_ELEMENTS = {
    **{f"h{level}": "html-h1-h6" for level in range(1, 7)},
    **dict.fromkeys(("ul", "ol", "dl"), "html-lists"),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
    **dict.fromkeys(
        [
            "article",
            "aside",
            "details",
            "figcaption",
            "figure",
            "footer",
            "header",
            "main",
            "mark",
            "nav",
            "section",
            "summary",
            "time",
        ],
        "html-semantics",
    ),
}
_KINDS = {
    "input": {name: f"html-input-{name}" for name in ("checkbox", "hidden", "radio", "reset", "submit", "text")},
    "button": {name: f"html-button-{name}" for name in ("reset", "submit")},
}
_ATTRIBUTES = {
    name: f"html-{name}"
    for name in (
        *(
            "align",
            "background",
            "cellpadding",
            "cellspacing",
            "dir",
            "height",
            "hidden",
            "lang",
            "popover",
            "required",
        ),
        *("role", "srcset", "target", "valign", "width"),
        *("aria-describedby", "aria-hidden", "aria-label", "aria-labelledby", "aria-live"),
    )
} | {"inert": "css-inert-attribute", "loading": "html-loading-attribute", "sizes": "html-srcset"}
_ALSO = {
    "a": frozenset({"href"}),
    "button": frozenset({"type"}),
    "img": frozenset({"src"}),
    "input": frozenset({"type"}),
    "link": frozenset({"rel"}),
    "meta": frozenset({"name"}),
}
"""Attributes that make an element another feature."""
_SHORT = 20
"""Letters of a value that is shown with its attribute."""
_IMAGES = {"jpeg": "jpg", "tif": "tiff", "heic": "heif", "m4v": "mp4"}


@lru_cache(maxsize=2048)
def of_declaration(declaration: Declaration) -> tuple[str, ...]:
    """Return the features of one declaration; none for what only Outlook or one engine reads (`mso-`, `-webkit-`)."""
    name, value = declaration.name, declaration.value
    if name.startswith(("mso-", "-webkit-", "-moz-", "-ms-")):
        return ()
    found = [slug for pattern, slugs in _FAMILIES.items() if pattern.fullmatch(name) for slug in slugs]
    if _ONLY_WITH.get(name, "") in value:
        found += [f"css-{name}"]
    found += [slug for property_, pattern, slug in _VALUES if property_ == name and pattern.search(value)]
    plain = _TEXT.sub("", value)
    found += [slug for pattern, slug in _ANYWHERE.items() if pattern.search(plain)]
    found += [f"css-unit-{'percent' if unit == '%' else unit.lower()}" for unit in _UNIT.findall(plain)]
    return _known(found)


@lru_cache(maxsize=512)
def of_selector(selector: str) -> tuple[str, ...]:
    """Return the features of one selector, without commas."""
    found = ["css-selector-chaining"] if _CHAINED.search(selector) else []
    for match in _SELECTOR.finditer(selector):
        kind, text = match.lastgroup or "", match[0]
        if kind in {"inner", "state"}:
            found.append(f"css-pseudo-class-{match['state'][1:].lower()}")
        elif kind == "element":
            found.append(f"css-pseudo-element-{text.lstrip(':').lower()}")
        elif kind == "combinator":
            found.append(f"css-selector-{_COMBINATORS[text.strip() or ' ']}")
        else:
            found.append("css-nesting" if kind == "nesting" else f"css-selector-{kind}")
    return _known(found)


def of_at_rule(prelude: str) -> tuple[str, ...]:
    """Return the features of `@media (…)` and the like."""
    name = prelude[1:].split(" ")[0].split("(")[0].lower()
    found = [f"css-at-{name.removeprefix('-webkit-')}"]
    if name == "media":
        found += [slug for pattern, slug in _QUERIES.items() if pattern.search(prelude)]
    return _known(found)


def telling(tag: str, attributes: Iterable[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """Return the attributes of an element that `of_element` looks at."""
    wanted = _ALSO.get(tag, frozenset())
    return tuple((str(name), str(value)) for name, value in attributes if name in _ATTRIBUTES or name in wanted)


@lru_cache(maxsize=4096)
def of_element(tag: str, attributes: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the features of an element and its attributes, each with how it is shown to people."""
    said = dict(attributes)
    found = [(slug, f"<{tag}>") for slug in _known([_of_tag(tag, said)])]
    for name, value in attributes:
        if name in _ATTRIBUTES:
            found.append((_ATTRIBUTES[name], f'{name}="{value}"' if len(value) <= _SHORT else name))
    address = said.get("href", "") if tag == "a" else ""
    if len(address) > 1 and address.startswith("#"):
        found.append(("html-anchor-links", f"links to places in the mail ({address[:_SHORT]})"))
    if address.lower().startswith("mailto:"):
        found.append(("html-mailto-links", "mailto: links"))
    if tag == "img" and "src" in said:
        found += _of_image(said["src"].strip())
    return tuple(found)


def _of_tag(tag: str, said: Mapping[str, str]) -> str:
    """Return the feature of an element; empty where it has none of its own."""
    if tag in _KINDS:
        return _KINDS[tag].get(said.get("type", "text" if tag == "input" else "submit").lower(), "")
    if tag == "link" and "stylesheet" not in said.get("rel", "").lower():
        return ""
    if tag == "meta":
        return "html-meta-color-scheme" if said.get("name", "").lower() == "color-scheme" else ""
    return "" if tag in _ATTRIBUTES else _ELEMENTS.get(tag, f"html-{tag}")


def _of_image(address: str) -> list[tuple[str, str]]:
    if address.lower().startswith("data:"):
        return [("image-base64", "images inside of the HTML")]
    try:
        ending = PurePosixPath(urlsplit(address).path).suffix.lower()[1:]
    except ValueError:
        return []
    return [(slug, f"{ending.upper()} images") for slug in _known([f"image-{_IMAGES.get(ending, ending)}"])]


@cache
def _features() -> frozenset[str]:
    return frozenset(knowledge().features)


def _known(slugs: list[str]) -> tuple[str, ...]:
    return tuple(slug for slug in dict.fromkeys(slugs) if slug in _features())
