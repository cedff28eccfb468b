"""What a mail really uses: each feature with where it stands and whom it reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from digest.check.clients import features
from digest.check.css import Declaration, Rule, declarations, rules

HTML_PART = "mail-html"
"""The feature that all others stand on: that the HTML part is shown at all."""

_FOR_ONE_CLIENT = {
    "[data-ogs": "outlook",
    "[data-oga": "outlook",
    ".ExternalClass": "outlook",
    "u + ": "gmail",
    "#MessageViewBody": "samsung-email",
    "#MessageWebViewDiv": "samsung-email",
    "x-apple-data-detectors": "apple-mail",
    ".moz-text-html": "thunderbird",
    ".yahoo": "yahoo",
}
"""Selectors that find something in one family of clients only; nobody else has to know them."""
_NOT_OUTLOOK = re.compile(r"\[if\s+!\s*mso\s*\]", re.IGNORECASE)
_END_OF_CONDITION = re.compile(r"<!\[endif\]", re.IGNORECASE)
_READ = ("@media", "@supports")
"""At-rules that hold rules of the usual kind."""
_LONGEST = 60
"""Letters of a declaration that is shown as a whole."""
_ASKED = frozenset({"width", "height", "align", "bgcolor"})
"""Attributes that can make up for a style."""


@dataclass(frozen=True, slots=True)
class Use:
    """One feature where it is used; what stands there several times in the same way is one use."""

    feature: str
    shown: str
    """As it is written: `display: flex`, `<video>`, `:hover`."""
    kept: bool = False
    """It stands in a style block."""
    element: str = ""
    """The tag; empty in a style block."""
    value: str = ""
    """What conditions look at: the declaration, or `element attribute="value"`."""
    beside: frozenset[str] = frozenset()
    """Properties of the same style attribute."""
    attributes: frozenset[str] = frozenset()
    """Those of the element that can make up for a style."""
    under: frozenset[str] = frozenset({HTML_PART})
    """Features without which a client does not get here at all."""
    family: str = ""
    """The only clients that it is for; empty for all."""
    hidden_from_word: bool = False
    has_fallback: bool = False
    """An earlier declaration in the same place is used where this one is not understood."""


@dataclass(slots=True)
class _Seen:
    """What has been given already, so that a mail of a thousand like cells is read once."""

    places: set[object] = field(default_factory=set)

    def is_new(self, place: object) -> bool:
        size = len(self.places)
        self.places.add(place)
        return len(self.places) > size


def uses(root: etree._Element) -> Iterator[Use]:
    """Give what the document uses, in its order; comments, which only Outlook reads, are passed over."""
    yield Use(HTML_PART, "the HTML part", under=frozenset())
    seen, hidden = _Seen(), False
    comments = set(root.iter(etree.Comment))
    for node in root.iter():
        if node in comments:
            text = str(node.text or "")
            hidden = bool(_NOT_OUTLOOK.search(text)) or (hidden and not _END_OF_CONDITION.search(text))
        elif isinstance(node.tag, str):
            tag = node.tag
            for slug, shown in features.of_element(tag, features.telling(tag, node.attrib.items())):
                if seen.is_new((slug, tag, shown, hidden)):
                    yield Use(slug, shown, element=tag, value=f"{tag} {shown}", hidden_from_word=hidden)
            style = node.get("style")
            if style:
                asked = _ASKED.intersection(node.attrib)
                if seen.is_new((tag, style, asked, hidden)):
                    yield from _of_style(tag, str(style), asked, hidden)
            if tag == "style":
                yield from _of_sheet(str(node.text or ""), hidden)


def _of_style(tag: str, style: str, attributes: frozenset[str], hidden: bool) -> Iterator[Use]:
    declared = declarations(style)
    names = frozenset(each.name for each in declared)
    plainer: dict[str, set[str]] = {}
    for each in declared:
        slugs = features.of_declaration(each)
        for slug in slugs:
            yield Use(
                slug,
                _shown(each),
                element=tag,
                value=_written(each),
                beside=names,
                attributes=attributes,
                hidden_from_word=hidden,
                has_fallback=each.name in plainer and slug not in plainer[each.name],
            )
        plainer.setdefault(each.name, set()).update(slugs)


def _of_sheet(css: str, hidden: bool) -> Iterator[Use]:
    block = frozenset({HTML_PART, "html-style"})
    for rule in rules(css):
        at_rule = features.of_at_rule(rule.query) if rule.query else ()
        for slug in at_rule:
            yield Use(slug, rule.query, kept=True, value=rule.query, under=block, hidden_from_word=hidden)
        if rule.selectors and (not rule.query or rule.query.startswith(_READ)):
            yield from _of_rule(rule, block.union(at_rule), hidden)


def _of_rule(rule: Rule, outer: frozenset[str], hidden: bool) -> Iterator[Use]:
    families = [_family(selector) for selector in rule.selectors]
    for selector, family in zip(rule.selectors, families, strict=True):
        for slug in features.of_selector(selector):
            yield Use(slug, selector, kept=True, value=selector, under=outer, family=family, hidden_from_word=hidden)
    if len(rule.selectors) > 1:
        together = ", ".join(rule.selectors[:2])
        yield Use("css-selector-grouping", together, kept=True, value=together, under=outer, hidden_from_word=hidden)
    under = outer | frozenset.intersection(*(frozenset(features.of_selector(each)) for each in rule.selectors))
    family = families[0] if len(set(families)) == 1 else ""
    for each in rule.declarations:
        value = _written(each)
        for slug in features.of_declaration(each):
            yield Use(slug, _shown(each), kept=True, value=value, under=under, family=family, hidden_from_word=hidden)


def _family(selector: str) -> str:
    return next((family for piece, family in _FOR_ONE_CLIENT.items() if piece in selector), "")


def _written(declaration: Declaration) -> str:
    return f"{declaration.name}: {declaration.value}"


def _shown(declaration: Declaration) -> str:
    written = _written(declaration)
    return written if len(written) <= _LONGEST else declaration.name
