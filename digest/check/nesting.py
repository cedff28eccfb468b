"""Whether the tags close in the order in which they open: each mail program mends what is broken in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from digest.check.demands import Demands
from digest.check.document import complaints, parsed
from digest.check.spots import HTML, at
from digest.models import Email, Finding, Level

_DEPTH = "ERR_RESOURCE_LIMIT"
_BROKEN = {"ERR_TAG_NAME_MISMATCH": "closes a tag that is not open", "ERR_ATTRIBUTE_REDEFINED": "says a thing twice"}
_TABLE = re.compile(r"<(/?)(table|tr|td)\b", re.IGNORECASE)


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Listen to the parser, and count what opens and closes for Outlook alone."""
    said = complaints(email.html)
    deep = next((line for kind, _message, line in said if kind == _DEPTH), 0)
    if deep:
        message = f"Tags are nested so deeply (line {deep} of the HTML) that programs give up; the rest is unchecked."
        fix = "Look for a tag that is opened in a loop"
        yield Finding(Level.ERROR, "mail.nested-too-deep", message, fix=fix, spot=HTML)
    broken = next(((_BROKEN[kind], what, line) for kind, what, line in said if kind in _BROKEN), None)
    if broken:
        message = f"Line {broken[2]} of the HTML {broken[0]} ({broken[1]})."
        before = [each for each in parsed(email.html).iter("*") if _line(each) <= broken[2]]
        fix, spot = "Close every tag where it was opened", at(before[-1] if before else None)
        yield Finding(Level.WARNING, "mail.nested-wrongly", message, fix=fix, spot=spot)
    balance = _for_outlook(email.html)
    if balance:
        name, count = balance
        message = f"For Outlook {abs(count)} <{name}> {'stay open' if count > 0 else 'too many are closed'}."
        fix = "Close in a later <!--[if mso]> what was opened in an earlier one"
        yield Finding(Level.ERROR, "mail.outlook-unbalanced", message, fix=fix, spot=HTML)


def _line(element: etree._Element) -> int:
    return int(str(element.sourceline))  # typed too narrowly; parsed tags have one


def _for_outlook(html: str) -> tuple[str, int] | None:
    """Return the first kind of tag that the comments for Outlook leave open, and how often."""
    counts = {"table": 0, "tr": 0, "td": 0}
    for comment in parsed(html).iter(etree.Comment):
        text = (comment.text or "").strip()
        if text.startswith("[if ") and text.endswith("<![endif]"):
            for closing, name in _TABLE.findall(text):
                counts[name.lower()] += -1 if closing else 1
    return next(((name, count) for name, count in counts.items() if count), None)
