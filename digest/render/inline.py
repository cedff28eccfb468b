"""Which styles go into `style` attributes and which stay in the head: premailer, behind a fence.

A mail has two kinds of `<style>` blocks. An ordinary one is inlined and disappears; it holds no at-rules and no
pseudo-classes. One marked `data-premailer="ignore" data-css-inline="keep"` stays byte for byte: width and dark
queries, client hacks.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.errors import TemplateError
from digest.render.fidelity import check_fidelity

if TYPE_CHECKING:
    from lxml import etree

_PREMAILER = threading.Lock()
"""premailer and cssutils share state between threads: unlocked, one mail in thirty came out wrong."""

_KEPT = re.compile(r'<style\b[^>]*\bdata-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)
_INLINED = re.compile(r"<style\b(?![^>]*data-premailer)[^>]*>\n?(.*?)</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATIONS = re.compile(r"\{[^{}]*\}")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_CSS_PLACE = re.compile(r"\[(\d+):\d+:|, (\d+), \d+\)$")


def inline(html: str, *, style_file: str = "") -> str:
    """Move the styles of a rendered mail into `style` attributes, and prove that nothing else changed.

    Raises TemplateError when a style cannot be inlined (naming `style_file` and the line in it) and when the
    result differs from `html` in text, links, images, comments or kept styles.
    """
    source = html.replace("\r\n", "\n").replace("\r", "\n")
    for css in _INLINED.findall(_COMMENT.sub("", source)):
        check_style(css, style_file)
    with _PREMAILER:
        root = _inlined(source)
    _squeeze_blanks(root)
    _drop_unused_classes(root, " ".join(_KEPT.findall(source)))
    result = _serialized(root)
    check_fidelity(source, result, style_file)
    return result


def check_style(css: str, file: str) -> None:
    """Raise TemplateError, with its line, for what cannot be inlined: mistakes, at-rules, pseudo-classes."""
    rules = _CSS_COMMENT.sub(_blanked, css)
    _refuse(r"@[a-z-]+", rules, file)
    problem, line = _css_mistake(css)
    if problem:
        raise TemplateError(f"the style cannot be read: {problem}", file=file or None, line=line or None)
    _refuse(r":{1,2}[a-z-]+", _DECLARATIONS.sub(_blanked, rules), file)
    _refuse(r"!\s*important", rules, file)


def _refuse(unfit: str, rules: str, file: str) -> None:
    found = re.search(unfit, rules, re.IGNORECASE)
    if found:
        raise TemplateError(
            f"`{found[0]}` cannot go into a style attribute",
            file=file or None,
            line=rules.count("\n", 0, found.start()) + 1,
            fix="move the rule to a style sheet that stays in the head",
        )


def _blanked(part: re.Match[str]) -> str:
    """Blank out a part of a sheet, so that what follows stays on its line."""
    return re.sub(r"[^\n]", " ", part[0])


@lru_cache(maxsize=16)
def _css_mistake(css: str) -> tuple[str, int]:
    import cssutils  # here and below: the command line starts without these 250 ms

    cssutils.log.setLevel(logging.CRITICAL)
    with _PREMAILER:
        try:
            cssutils.CSSParser(raiseExceptions=True, validate=False, loglevel=logging.CRITICAL).parseString(css)
        except Exception as cause:  # noqa: BLE001 - xml.dom errors and plain ones, all of them about the style
            place = _CSS_PLACE.search(str(cause))
            return re.split(r": \(| \[", str(cause))[0], int(place[1] or place[2]) if place else 0
    return ("a { has no }", 0) if css.count("{") != css.count("}") else ("", 0)


def _inlined(source: str) -> etree._Element:
    os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "4096")  # read while it is imported; a mail needs some 200
    from lxml import etree
    from premailer import Premailer

    root = etree.fromstring(source.strip().encode(), etree.HTMLParser(encoding="utf-8"))
    if root is None or root.find("body") is None:
        raise TemplateError("the template writes no <body>")
    Premailer(
        root,
        strip_important=True,
        keep_style_tags=False,
        disable_validation=True,
        allow_network=False,
        allow_loading_external_files=False,
        align_floating_images=False,
        disable_basic_attributes=["width", "height"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform(pretty_print=False)
    return root


def _squeeze_blanks(root: etree._Element) -> None:
    """Turn indentation into a line break: it is a tenth of a mail, and nobody sees it."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in {"style", "pre", "textarea"} and element.text:
            element.text = _squeezed(element.text)
        if element.tail:
            element.tail = _squeezed(element.tail)


def _squeezed(text: str) -> str:
    return re.sub(r"[ \t]*\n[ \t\n]*", "\n", text)


def _drop_unused_classes(root: etree._Element, kept_css: str) -> None:
    """Keep the classes that a kept style speaks of; the others have done their work."""
    used = set(_CLASS.findall(kept_css))
    for element in _elements_with(root, "class"):
        names = [name for name in element.attrib["class"].split() if name in used]
        if names:
            element.attrib["class"] = " ".join(names)
        else:
            del element.attrib["class"]


def _serialized(root: etree._Element) -> str:
    from lxml import etree

    for element in _elements_with(root, "data-css-inline"):
        del element.attrib["data-css-inline"]
    html: str = etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>", pretty_print=False)
    return html.rstrip() + "\n"


def _elements_with(root: etree._Element, attribute: str) -> Iterator[Any]:
    return (element for element in root.iter() if isinstance(element.tag, str) and attribute in element.attrib)
