"""Whether the mail opens as the document that every client needs, and how it is read by the other checks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from digest.check.demands import Demands
from digest.check.spots import at
from digest.models import Email, Finding, Level, Spot

_WANTED = {
    "charset": (".//head/meta[@charset]", "it does not say that it is UTF-8", '<meta charset="utf-8">'),
    "viewport": (
        ".//head/meta[@name='viewport']",
        "phones would show it as a tiny desktop page",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
    ),
    "reformatting": (
        ".//head/meta[@name='x-apple-disable-message-reformatting']",
        "Apple Mail would change its sizes",
        '<meta name="x-apple-disable-message-reformatting">',
    ),
    "format-detection": (
        ".//head/meta[@name='format-detection']",
        "phones would turn dates and addresses into blue links",
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">',
    ),
    "color-scheme": (
        ".//head/meta[@name='color-scheme']",
        "it does not say that it has a dark form",
        '<meta name="color-scheme" content="light dark">',
    ),
    "supported-color-schemes": (
        ".//head/meta[@name='supported-color-schemes']",
        "older Apple Mail would not use its dark form",
        '<meta name="supported-color-schemes" content="light dark">',
    ),
    "title": (".//head/title", "a browser would show it without a title", "<title>{{ subject }}</title>"),
}

_SILENT = {"style", "script", "title"}


def parsed(html: str) -> etree._Element:
    """Return the root element of a mail; an empty one for no HTML. Do not change it: checks share it."""
    return _read(html)[0]


def complaints(html: str) -> tuple[tuple[str, str, int], ...]:
    """Return what the parser stumbled over: the kind, a sentence, and the line of the HTML, from 1."""
    return _read(html)[1]


@lru_cache(maxsize=4)
def _read(html: str) -> tuple[etree._Element, tuple[tuple[str, str, int], ...]]:
    if not html.strip():
        return etree.Element("html"), ()
    parser = etree.HTMLParser(encoding="utf-8")
    root = etree.fromstring(html.encode(errors="replace"), parser)
    said = tuple((each.type_name, each.message.strip(), each.line) for each in parser.error_log)
    return etree.Element("html") if root is None else root, said


def style_attributes(html: str) -> list[str]:
    """Return the value of every `style` attribute, in the order of the document."""
    return [str(element.get("style")) for element in parsed(html).iter() if element.get("style")]


def words_of(html: str) -> str:
    """Return the words that readers of the HTML see, hidden ones left out, with blanks between elements."""
    return " ".join(part for part, hidden in _parts(html) if not hidden)


def hidden_words(html: str) -> str:
    """Return the words that are in the body but not shown, such as the preheader."""
    return " ".join(part for part, hidden in _parts(html) if hidden)


@lru_cache(maxsize=4)
def _parts(html: str) -> tuple[tuple[str, bool], ...]:
    tags, texts = outline(html)
    hidden: list[bool] = []
    for tag in tags:
        silent = "display:none" in tag.style.lower().replace(" ", "") or tag.name in _SILENT
        hidden.append(silent or (tag.parent >= 0 and hidden[tag.parent]))
    return tuple((text, hidden[place]) for place, text in texts)


class Tag(NamedTuple):
    """What the body says about one of its tags."""

    element: etree._Element
    parent: int
    """Its place in the outline; -1 for the body."""
    name: str
    id: str
    classes: str
    style: str


@lru_cache(maxsize=4)
def names_in(html: str) -> frozenset[str]:
    """Return what selectors can ask for and the mail has: `td`, `#id`, `.class` and `[attribute]`."""
    found: set[str] = set()
    for element in parsed(html).iter("*"):
        found.add(str(element.tag))
        for name, value in element.attrib.items():
            found.add(f"[{name!s}]")
            if name == "class":
                found.update(f".{each}" for each in str(value).split())
            elif name == "id":
                found.add(f"#{value!s}")
    return frozenset(found)


@lru_cache(maxsize=4)
def outline(html: str) -> tuple[tuple[Tag, ...], tuple[tuple[int, str], ...]]:
    """Return the tags of the body, and its texts with the place of the tag that each stands in: all in their order."""
    body = parsed(html).find("body")
    tags: list[Tag] = []
    texts: list[tuple[int, str]] = []
    if body is None:
        return (), ()
    around = [-1]
    for event, element in etree.iterwalk(body, events=("start", "end", "comment", "pi")):
        if event == "start":
            get = element.get
            names = (get("id") or "", get("class") or "", get("style") or "")
            tags.append(Tag(element, around[-1], str(element.tag), *map(str, names)))
            around.append(len(tags) - 1)
            if element.text:
                texts.append((around[-1], element.text))
            continue
        if event == "end":
            around.pop()
        if element.tail and around[-1] >= 0:
            texts.append((around[-1], element.tail))
    return tuple(tags), tuple(texts)


def visible(html: str) -> str:
    """Return the HTML without its comments, which only Outlook reads. One that never ends hides all that follows."""
    kept, place = [], 0
    while (start := html.find("<!--", place)) >= 0:
        kept.append(html[place:start])
        end = html.find("-->", start)
        if end < 0:
            return "".join(kept)
        place = end + len("-->")
    return "".join((*kept, html[place:]))


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Ask for the doctype, what the head must declare, and the sizes that Outlook needs."""
    if not email.html.lstrip().lower().startswith("<!doctype html>"):
        yield _missing(Spot(), "doctype", "clients would lay it out as pages were in 1998", "<!DOCTYPE html>")
    root = parsed(email.html)
    head = at(root.find("head"))
    for what, (path, harm, fix) in _WANTED.items():
        if root.find(path) is None:
            yield _missing(head, what, harm, fix)
    comments = "".join(comment.text or "" for comment in root.iter(etree.Comment))
    if "PixelsPerInch" not in comments:
        harm = "Outlook would blow up its images and widths"
        yield _missing(head, "outlook-sizes", harm, "head() of _macros/document.html")


def _missing(spot: Spot, what: str, harm: str, fix: str) -> Finding:
    message = f"The head of the mail lacks the {what} setting: {harm}."
    return Finding(Level.ERROR, f"mail.no-{what}", message, fix=f"Add {fix}", spot=spot)
