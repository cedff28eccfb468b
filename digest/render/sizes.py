"""Which part of a finished mail how many bytes are: the head, the masthead, each section, the foot.

Designs need no marks for it. Links to posts tell where a part is, the nesting of the tags where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from itertools import pairwise
from typing import Any, NamedTuple

from digest.render.rendered import Part

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w:-]*)(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.DOTALL)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_LINK = re.compile(r"<a\b[^>]*?\shref=\"([^\"]*)\"", re.IGNORECASE)
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_HEADING_END = re.compile(r"</h1\s*>", re.IGNORECASE)


class _Anchor(NamedTuple):
    """A place that is known to belong to a part."""

    start: int
    end: int
    part: str


def parts_of(html: str, context: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts of a mail's HTML from top to bottom; their sizes add up to that of `html`.

    `context` are the variables that the template was given. A part ends with the outermost tag that closes between its
    last link and the next part's first; a heading belongs to what follows it.
    """
    body = _BODY.search(html)
    start = body.start() if body else 0
    anchors = sorted(_anchors(html, start, context))
    cuts = [(start, anchors[0].part)] if anchors else [(start, "masthead")]
    for before, after in pairwise(anchors):
        if before.part != after.part:
            cuts.append((_cut(html, before.end, after.start), after.part))
    sizes = {"head": len(html[:start].encode())}
    for (place, key), (end, _) in zip(cuts, [*cuts[1:], (len(html), "")], strict=True):
        sizes[key] = sizes.get(key, 0) + len(html[place:end].encode())
    words = context["words"]
    labels = {"lead": words["lead"], "more": words["more_posts"]}
    labels |= {f"section:{section['key']}": section["heading"] for section in context["sections"]}
    return tuple(Part(key, str(labels.get(key, "")), size) for key, size in sizes.items())


def _anchors(html: str, start: int, context: Mapping[str, Any]) -> Iterator[_Anchor]:
    owners = dict(_owners(context))
    links = [(found.start(), found.end(), unescape(found[1])) for found in _LINK.finditer(html, start)]
    posts = [_Anchor(begin, end, owners[address]) for begin, end, address in links if address in owners]
    first = posts[0].start if posts else len(html)
    yield _Anchor(start, start + 1, "masthead")
    yield from (_Anchor(found.start(), found.end(), "masthead") for found in _HEADING_END.finditer(html, start, first))
    for line in map(str.strip, str(context["greeting"]).splitlines()):
        place = html.find(escape(line, quote=False), start, first) if line else -1
        if place >= 0:
            yield _Anchor(place, place + 1, "masthead")
    yield from posts
    last = posts[-1].end if posts else start
    leaving = [link for link in links if link[2] == context["links"]["unsubscribe"] and link[0] > last]
    if leaving:
        yield _Anchor(leaving[-1][0], leaving[-1][1], "foot")


def _owners(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the address of every post and of the others it names, with the part it stands in."""
    shows_lead = context["design"].get("show_lead", True)
    for section in context["sections"]:
        for post in section["posts"]:
            part = "lead" if post["lead"] and shows_lead else f"section:{section['key']}"
            yield from ((each["url"], part) for each in (post, *post["also"]))
    for post in context["more"]:
        yield from ((each["url"], "more") for each in (post, *post["also"]))


def _cut(html: str, start: int, end: int) -> int:
    """Return where, between two places, the most tags are closed; of several the first."""
    depth, lowest, cut = 0, 0, end
    for tag in _TAG.finditer(html, start, end):
        if not tag[2] or tag[2].lower() in _VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth < lowest:
            lowest, cut = depth, tag.end()
    return cut
