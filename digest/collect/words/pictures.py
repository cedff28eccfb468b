"""Decides which picture of a text may stand beside the post in a mail, when its author named none.

It is the first that a mail can show: a JPEG, PNG or GIF at an https address, and no decoration. Icons, badges,
emoji, avatars, spacers and counting pixels are told by their sizes, their classes and their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from markdown_it.token import Token

from digest.check.images import NOT_SHOWN
from digest.check.links import is_local
from digest.collect.authoring import relative_to
from digest.collect.words import liquid
from digest.collect.words.markdown_text import parsed
from digest.models import Post

_READ = 40_000
"""Characters of a body in which a picture is looked for."""
_LONGEST = 2_000
"""Characters of an address that mail programs and servers take."""
_SMALLEST = 48
"""A picture is decoration when one of its sides is no longer than this, in px."""
_WIDEST = 1_200
"""Px: of several sizes of one picture the widest up to this is taken; a mail shows 600, twice as many on a phone."""
_UNKNOWN = "~only-a-template-knows~"
"""Stands for what only a template knows; an address with it leads nowhere."""
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_SHOWN = {"", ".jpg", ".jpeg", ".png", ".gif", ".php"}
"""Endings of what every mail program shows; an address without one may be anything, and most often is a JPEG."""
_DECORATIVE = re.compile(
    r"(?:^|[-_])(?:emoji|wp-smiley|smil(?:ey|ie)s?|icons?|favicon|avatar|gravatar|badge|spacer|pixel|profile)(?:$|[-_])",
    re.IGNORECASE,
)
_DECORATIVE_FOLDERS = re.compile(
    r"/(?:icons?|emojis?|avatars?|authors?|badges?|smil(?:ey|ie)s|favicons?|spacers?|gravatars?)(?=/)", re.IGNORECASE
)
_DECORATIVE_NAMES = re.compile(
    r"(?:favicon|apple-touch-icon).*|(?:.*[-_])?(?:icon|avatar|badge|emoji)s?(?:[-_@]?\d+x?(?:\d+)?)?"
    r"|spacer\d*|blank|pixel|shim|transparent|loading|placeholder|1x1|no[-_]?image",
    re.IGNORECASE,
)
_DECORATIVE_HOSTS = re.compile(
    r"(?:^|\.)(?:shields\.io|badge\.fury\.io|badgen\.net|badges\.\w+\.\w+|travis-ci\.(?:org|com)|circleci\.com"
    r"|codecov\.io|coveralls\.io|codeclimate\.com|gitter\.im|mybinder\.org|snyk\.io|appveyor\.com|readthedocs\.org"
    r"|gravatar\.com|twemoji\.maxcdn\.com|s\.w\.org|github\.githubassets\.com|buymeacoffee\.com|ko-fi\.com"
    r"|paypalobjects\.com|feedburner\.com|feedsportal\.com|doubleclick\.net|google-analytics\.com|stats\.wordpress\.com"
    r"|pixel\.wp\.com|amazon-adsystem\.com|a8\.net|valuecommerce\.com|moshimo\.com|accesstrade\.net|linksynergy\.com"
    r"|b\.hatena\.ne\.jp|avatars\d*\.githubusercontent\.com|profile_images)$",
    re.IGNORECASE,
)
_NAMED_SIZE = re.compile(r"[-_](\d{2,4})x(\d{2,4})$")
_ASKED_SIZE = re.compile(r"(?:^|&)(?:w|h|s|sz|size|width|height)=(\d{1,4})(?:px)?(?=&|$)")
_STYLED_SIZE = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*(\d{1,5})(?:\.\d+)?px", re.IGNORECASE)
_KRAMDOWN = re.compile(r"\A\{:([^}\n]*)\}")
_KRAMDOWN_VALUE = re.compile(r"([\w-]+)\s*=\s*[\"']?([^\"'\s]*)|\.([\w-]+)")


def picture(post: Post) -> str:
    """Return the address of the picture that its author named, else of the first of its text that mails can show.

    Empty when there is none. `unusable` says whether the named one was passed over.
    """
    if post.image and not unusable(post):
        return post.image
    for attributes in _pictures(post.body[:_READ]):
        if _is_decoration(attributes):
            continue
        for written in _addresses(attributes):
            address = relative_to(post.url, written) if written and _UNKNOWN not in written else ""
            if address and len(address) <= _LONGEST and _is_shown(address):
                return address
    return ""


def unusable(post: Post) -> str:
    """Return why no mail can show the picture that a post's author named; empty when it can, or none is named."""
    if not post.image:
        return ""
    try:
        parts = urlsplit(post.image[:_LONGEST])
    except ValueError:
        return "its address cannot be read"
    if parts.scheme != "https" or not parts.hostname:
        return "its address does not begin with https://"
    blind = NOT_SHOWN.get(PurePosixPath(parts.path).suffix.lower())
    return f"{blind} cannot show its format" if blind else ""


def _pictures(markdown: str) -> Iterator[Mapping[str, str]]:
    """Yield the attributes of every picture of a text, in order."""
    if "![" not in markdown and "<img" not in markdown.lower():
        return
    for token in parsed(liquid.remove(markdown, _UNKNOWN)):
        if token.type == "html_block":
            yield from _html_pictures(token.content)
        for child, following in pairwise([*(token.children or ()), None]):
            if child is None:
                continue
            if child.type == "image":
                yield {name: str(value) for name, value in child.attrs.items()} | _kramdown(following)
            elif child.type == "html_inline":
                yield from _html_pictures(child.content)


def _kramdown(following: Token | None) -> dict[str, str]:
    """Read `{: width="32" .avatar}`, which may stand behind a picture."""
    found = _KRAMDOWN.match(following.content) if following and following.type == "text" else None
    read: dict[str, str] = {}
    for value in _KRAMDOWN_VALUE.finditer(found[1][:200] if found else ""):
        read[value[1] or "class"] = value[2] if value[1] else value[3]
    return read


def _html_pictures(html: str) -> Iterator[Mapping[str, str]]:
    if "<img" not in html.lower():
        return
    reader = _HtmlReader()
    reader.feed(html)
    reader.close()
    yield from reader.pictures


class _HtmlReader(HTMLParser):
    """Collects the attributes of pictures; what stands in `<noscript>` counts, since it is the lazy one's true self."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures: list[Mapping[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append({name: value or "" for name, value in attrs})


def _addresses(attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield what a picture's address may be, best first: a lazy one's true address, its own, one of a set."""
    for name in _LAZY:
        if attributes.get(name, "").strip():
            yield attributes[name].strip()
    yield attributes.get("src", "").strip()
    for name in _LAZY_SETS:
        yield from _of_set(attributes.get(name, ""))


def _of_set(written: str) -> Iterator[str]:
    """Yield the addresses of a `srcset`, the widest up to 1,200 px first."""
    sized: list[tuple[int, str]] = []
    for candidate in re.split(r",\s+|,(?=https?:|/)", written[:5_000]):
        address, _, size = candidate.strip().partition(" ")
        number = re.match(r"\s*(\d{1,6})(?:\.\d+)?([wx])", size)
        width = int(number[1]) * (1 if number[2] == "w" else 600) if number else 600
        sized.append((width if width <= _WIDEST else -width, address))
    yield from (address for _, address in sorted(sized, key=lambda pair: -pair[0]))


def _is_decoration(attributes: Mapping[str, str]) -> bool:
    sides = [_pixels(attributes.get(name, "")) for name in ("width", "height")]
    sides += [int(side) for side in _STYLED_SIZE.findall(attributes.get("style", ""))]
    if any(side is not None and side <= _SMALLEST for side in sides):
        return True
    return any(_DECORATIVE.search(name) for name in attributes.get("class", "").split()[:20])


def _pixels(written: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", written)
    return int(found[1]) if found else None


def _is_shown(address: str) -> bool:
    """Tell whether a mail can show what lies at an address, and that it is no decoration by its name."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    path = PurePosixPath(parts.path)
    stem = path.stem
    sizes = [int(side) for side in _ASKED_SIZE.findall(parts.query)]
    if named := _NAMED_SIZE.search(stem):
        sizes += [int(named[1]), int(named[2])]
    return (
        parts.scheme == "https"
        and not is_local(host)
        and path.suffix.lower() in _SHOWN
        and not any(size <= _SMALLEST for size in sizes)
        and not _DECORATIVE_HOSTS.search(host)
        and not _DECORATIVE_FOLDERS.search(parts.path)
        and not _DECORATIVE_NAMES.fullmatch(stem)
    )
