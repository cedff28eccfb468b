"""How a rendered mail is read before its styles move, and written afterwards: the same for every engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.errors import TemplateError

if TYPE_CHECKING:
    from lxml import etree

_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_INDENTATION = re.compile(r"[ \t]*\n[ \t\n]*")


def read_page(html: str) -> etree._Element:
    """Return the root of a mail. Raises TemplateError when it has no body."""
    from lxml import etree

    root = etree.fromstring(html.strip().encode(), etree.HTMLParser(encoding="utf-8"))
    if root is None or root.find("body") is None:
        raise TemplateError("the template writes no <body>")
    return root


def finished(root: etree._Element, kept_css: str) -> str:
    """Return the HTML of a page whose styles were moved, without what has done its work."""
    from lxml import etree

    used = set(_CLASS.findall(kept_css))
    for node in root.iter():
        if isinstance(node.tag, str):
            _clean(node, used)
        if node.tail and "\n" in node.tail:
            node.tail = _INDENTATION.sub("\n", node.tail)
    html: str = etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>", pretty_print=False)
    return html.rstrip() + "\n"


def _clean(element: Any, used: set[str]) -> None:
    """Turn indentation into a line break, a tenth of a mail, and keep the classes that a kept style speaks of."""
    text, attributes = element.text, element.attrib
    if text and "\n" in text and element.tag not in {"style", "pre", "textarea"}:
        element.text = _INDENTATION.sub("\n", text)
    if "class" in attributes:
        names = [name for name in attributes["class"].split() if name in used]
        if names:
            attributes["class"] = " ".join(names)
        else:
            del attributes["class"]
    if "data-css-inline" in attributes:
        del attributes["data-css-inline"]
