"""Decides what is left of Liquid, Jekyll's template language, when nobody executes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_TOKEN = re.compile(
    r"""\{%-?\s*+(?P<tag>\w*+)\s*+(?P<argument>(?:[^{]|\{(?!%))*?)-?%\}
      | \{\{(?:[^{]|\{(?!\{))*?\}\}""",
    re.VERBOSE,
)
_UNREAD = ("comment", "highlight", "javascript", "stylesheet", "schema")
_ENDS = {tag: re.compile(rf"\{{%-?\s*end{tag}\s*-?%\}}") for tag in (*_UNREAD, "raw")}
_ADDRESS = re.compile(
    r"""\{\{-?\s*(?: (?P<variable>site\.(?:url|baseurl))
      | (?P<quote>["'])(?P<path>[^"'{}]*)(?P=quote)\s*\|
        (?P<filters>\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:url|baseurl))(?:[\s|]*prepend:\s*site\.url)?) )
      \s*-?\}\}""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    """A tag or an output; the tag of a block whose inside nobody reads comes with its inside and its end."""

    written: str
    tag: str
    """Its name; empty for an output."""
    argument: str
    raw: str = ""
    """The inside of `{% raw %}`."""


def remove(text: str, stand_in: str = "") -> str:
    """Return the text without Liquid, with `stand_in` where an output stood.

    `{% raw %}` text stays, comments and highlighted code go with what they hold, and every other tag or output
    goes alone, so that the inside of an unknown block stays.
    """
    return _replaced(text, lambda token: token.raw or (stand_in if token.written.startswith("{{") else ""))


def links(text: str) -> tuple[str, ...]:
    """Return every `post_url NAME` and `link PATH` that stands in the text as a tag."""
    if "post_url" not in text and "link" not in text:
        return ()
    found = (part for part in _parts(text) if isinstance(part, _Token) and part.tag in {"post_url", "link"})
    return tuple(dict.fromkeys(f"{token.tag} {token.argument}" for token in found))


def resolve_links(text: str, address: Callable[[str, str], str | None]) -> str:
    """Replace `{% post_url NAME %}` and `{% link PATH %}` by what `address(tag, argument)` returns for them.

    Where it returns None the tag goes. Everything else stays as written, `{% raw %}` text included.
    """
    if "post_url" not in text and "link" not in text:
        return text
    named = {"post_url", "link"}
    return _replaced(
        text, lambda token: (address(token.tag, token.argument) or "") if token.tag in named else token.written
    )


def resolve_addresses(text: str, site: str) -> str:
    """Replace outputs that make addresses within the site: `{{ site.baseurl }}`, `{{ "/a.png" | relative_url }}`.

    `site` is the blog's address, `baseurl` included. Every other output stays as written.
    """
    if "{{" not in text:
        return text
    parts = urlsplit(site)
    origin, base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "", parts.path.rstrip("/")

    def address(token: _Token) -> str:
        found = _ADDRESS.fullmatch(token.written)
        if found is None:
            return token.written
        if found["variable"]:
            return origin if found["variable"] == "site.url" else base
        path = f"{base}/{found['path'].lstrip('/')}"
        return origin + path if "absolute_url" in found["filters"] or "site.url" in found["filters"] else path

    return _replaced(text, address)


def _replaced(text: str, by: Callable[[_Token], str]) -> str:
    if "{%" not in text and "{{" not in text:
        return text
    return "".join(part if isinstance(part, str) else by(part) for part in _parts(text))


def _parts(text: str) -> Iterator[str | _Token]:
    """Yield the text piece by piece: what stands between tokens, and the tokens."""
    position = 0
    endless: set[str] = set()
    while found := _TOKEN.search(text, position):
        yield text[position : found.start()]
        tag, position, inside = found["tag"] or "", found.end(), ""
        if tag in _ENDS and tag not in endless:
            if end := _ENDS[tag].search(text, position):
                inside, position = text[position : end.start()], end.end()
            elif tag == "raw":
                inside, position = text[position:], len(text)
            else:
                endless.add(tag)
        argument = (found["argument"] or "").rstrip().strip("\"'")
        yield _Token(text[found.start() : position], tag, argument, inside if tag == "raw" else "")
    yield text[position:]
