"""The issues that have left, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from digest.models import Issue, Newsletter

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMES: dict[Any, str] = {None: _ATOM}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without issues was changed: always the same, so that it stays the same feed."""


def atom(newsletter: Newsletter, public_url: str, issues: Sequence[Issue]) -> bytes:
    """Return the feed of some issues, newest first: the same issues, the same bytes."""
    archive = f"{public_url}/archive/{newsletter.slug}"
    feed = etree.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": newsletter.language}, nsmap=_NAMES)
    _add(feed, "id", archive)
    _add(feed, "title", newsletter.title)
    _add(feed, "updated", _stamp(max((each.due_at for each in issues), default=_NOTHING_YET)))
    _add(_add(feed, "author"), "name", newsletter.publisher.name)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{archive}/feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=archive)
    for each in issues:
        where = f"{public_url}/issues/{each.newsletter}/{each.period}"
        entry = _add(feed, "entry")
        _add(entry, "id", where)
        _add(entry, "title", each.subject)
        _add(entry, "published", _stamp(each.due_at))
        _add(entry, "updated", _stamp(each.due_at))
        _add(entry, "link", rel="alternate", type="text/html", href=where)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    child.text = None if text is None else _NO_XML.sub("", text)
    return child


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
