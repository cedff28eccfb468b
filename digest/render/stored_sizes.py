"""Where the bytes of a stored mail are, told by that mail alone: its own HTML, its text, and the posts stored with it.

What it was made with is not stored, and today's files may be others. So the variables of its template are guessed from
the mail as far as `sizes` asks for them: nothing of another mail comes in, and whatever is found adds up to this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from digest.models import Email
from digest.render.plain import page_address
from digest.render.rendered import Part
from digest.render.sizes import parts_of

_LINK = re.compile(r"<a\b[^>]*?\shref=\"([^\"]*)\"", re.IGNORECASE)
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_LEAVING = re.compile(r"<(https?://[^>]*)>")
_BEGIN = 12
"""Characters of a title that stand on one line of the text part."""
_RULE = re.compile(r"[^\w]*")
"""A line of the text part that only draws."""


def parts_of_stored(email: Email, selection: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts of a stored mail, from top to bottom; `selection` is what was stored with it.

    None when a post of it is not linked in the mail: then nobody can tell where its part is. Parts but sections have no
    label: which words stood above them is not stored.
    """
    body = _BODY.search(email.html)
    start = body.start() if body else 0
    links = list(dict.fromkeys(unescape(found[1]) for found in _LINK.finditer(email.html, start)))
    sections = [_section(each, str(selection.get("lead", "")), links) for each in selection["sections"]]
    more = [_post(each, links) for each in selection.get("more", ())]
    shown = [post for each in sections for post in each["posts"]]
    if not shown or not all(each["all"] for each in (*shown, *more)):
        return ()
    first = next((each for each in shown if each["lead"]), shown[0])
    context = {
        "sections": [{**each, "posts": list(_one_a_link(each["posts"]))} for each in sections],
        "more": list(_one_a_link(more)),
        "design": {"show_lead": not _stands_in_its_section(email.html, start, first, sections)},
        "greeting": "\n".join(_before_posts(email.text, [each["title"] for each in shown])),
        "words": {"lead": "", "more_posts": ""},
        "links": {"unsubscribe": _leaving(email)},
    }
    return parts_of(email.html, context)


def _section(stored: Mapping[str, Any], lead: str, links: Sequence[str]) -> dict[str, Any]:
    posts = [{**_post(each, links), "lead": each["id"] == lead} for each in stored["picks"]]
    return {"key": stored["key"], "heading": stored["heading"], "posts": posts}


def _post(stored: Mapping[str, Any], links: Sequence[str]) -> dict[str, Any]:
    also = [address for each in stored.get("also", ()) for address in _links_to(each["url"], links)]
    return {
        "title": stored["title"],
        "all": _links_to(stored["url"], links),
        "also": [{"url": address} for address in also],
        "lead": False,
    }


def _one_a_link(posts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each post once for each address that leads to it: what is added may tell in which place a link stood."""
    for post in posts:
        yield from ({**post, "url": address} for address in post["all"])


def _links_to(address: str, links: Sequence[str]) -> list[str]:
    """Return the links that lead to a post; something may have been added to their query."""
    wanted = urlsplit(page_address(address))

    def leads_there(link: str) -> bool:
        found = urlsplit(link)
        same = (found.scheme, found.netloc, found.path) == (wanted.scheme, wanted.netloc, wanted.path)
        return same and (found.query == wanted.query or found.query.startswith(f"{wanted.query}&" * bool(wanted.query)))

    return [link for link in links if leads_there(link)]


def _stands_in_its_section(
    html: str, start: int, lead: Mapping[str, Any], sections: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the post that opens the issue stands below the heading of its section, not above all of them."""
    heading = next(each["heading"] for each in sections if lead in each["posts"])
    place = min(found for each in lead["all"] if (found := html.find(escape(each), start)) >= 0)
    return (
        heading != ""
        and re.search(rf">\s*{re.escape(escape(heading, quote=False))}\s*<", html[start:place]) is not None
    )


def _before_posts(text: str, titles: Sequence[str]) -> list[str]:
    """Return the lines of the text part above the first post and the heading right before it: there is the greeting."""
    wanted = [begin for each in titles if (begin := "".join(each.split())[:_BEGIN])]
    lines = text.splitlines()
    squeezed = ("".join(line.split()) for line in lines)
    above = next((at for at, line in enumerate(squeezed) if any(each in line for each in wanted)), 0)
    blocks: list[list[str]] = [[]]
    for line in lines[:above]:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    full = [each for each in blocks if each]
    return [line for block in full[:-1] for line in block if not _RULE.fullmatch(line)]


def _leaving(email: Email) -> str:
    """Return the address at which readers leave, as the mail's header says it."""
    said = next((value for name, value in email.headers if name == "List-Unsubscribe"), "")
    found = _LEAVING.search(said)
    return found[1] if found else ""
