"""Whether the mail opens as the document that every client needs, and how it is read by the other checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from digest.models import Email, Finding, Level

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


@lru_cache(maxsize=4)
def parsed(html: str) -> etree._Element:
    """Return the root element of a mail; an empty one for no HTML. Do not change it: checks share it."""
    root = etree.fromstring(html.encode(errors="replace"), etree.HTMLParser(encoding="utf-8")) if html.strip() else None
    return etree.Element("html") if root is None else root


def style_attributes(html: str) -> list[str]:
    """Return the value of every `style` attribute, in the order of the document."""
    return [str(element.get("style")) for element in parsed(html).iter() if element.get("style")]


def visible(html: str) -> str:
    """Return the HTML without its comments, which only Outlook reads."""
    return re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)


def check(email: Email) -> Iterator[Finding]:
    """Ask for the doctype, what the head must declare, and the sizes that Outlook needs."""
    if not email.html.lstrip().lower().startswith("<!doctype html>"):
        yield _missing("doctype", "clients would lay it out as pages were in 1998", "<!DOCTYPE html>")
    root = parsed(email.html)
    for what, (path, harm, fix) in _WANTED.items():
        if root.find(path) is None:
            yield _missing(what, harm, fix)
    comments = "".join(comment.text or "" for comment in root.iter(etree.Comment))
    if "PixelsPerInch" not in comments:
        yield _missing(
            "outlook-sizes", "Outlook would blow up its images and widths", "head() of _macros/document.html"
        )


def _missing(what: str, harm: str, fix: str) -> Finding:
    return Finding(
        Level.ERROR, f"mail.no-{what}", f"The head of the mail lacks the {what} setting: {harm}.", fix=f"Add {fix}"
    )
