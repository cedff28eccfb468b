"""Decides what an author's front matter says about a post, whatever the generator: title, words, picture, people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from urllib.parse import quote, urljoin, urlsplit

from digest.collect.directions import KEY as NEWSLETTER
from digest.collect.directions import directions as directions  # sources ask this module for all that authors say
from digest.collect.headers import psych
from digest.collect.words.repetition import repeats

UPDATED_KEYS = ("last_modified_at", "last-modified-at", "updated_at", "updated", "lastmod", "modified", "modified_at")
"""Names under which authors write when a post was changed, the first that is there counts."""

_URL_SAFE = "%/:=&?~#+!$,;'@()*[]-._"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_NOT_TO_BE_SEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the direction of writing for whatever follows."""
_PICTURES = (NEWSLETTER, "image", "thumbnail", "og_image")


def title(value: object) -> str:
    """Write a title as one line of plain text.

    Nothing in it is interpreted: Markdown, HTML and entities stay as they are written, since Jekyll puts a title
    into the page without rendering it. Only line breaks and runs of blanks become one blank, as in a browser.
    """
    text = "".join(flat(value)) if isinstance(value, list) else psych.to_s(value)
    return one_line(text)


def one_line(text: str) -> str:
    """Return the text without control characters and with single blanks; a full-width blank stays."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _BLANKS.sub(" ", _NOT_TO_BE_SEEN.sub("", text)).strip(" ")


def flat(value: object) -> tuple[str, ...]:
    """Flatten nested lists to texts without nulls and empty texts; no more than a thousand."""
    if isinstance(value, list) and all(type(item) is str for item in value):
        return tuple(text for text in value[:1000] if text)

    def leaves(item: object) -> Iterator[str]:
        if isinstance(item, list):
            for child in item:
                yield from leaves(child)
        elif item is not None:
            yield psych.to_s(item)

    return tuple(text for text in islice(leaves(value), 1000) if text)


def words(text: str) -> list[str]:
    """Split at blanks as Ruby does: a full-width blank belongs to the word."""
    return [word for word in re.split(r"[ \t\r\n\f\v\0]+", text) if word]


def author(data: Mapping[str, object], fallback: object, directory: Mapping[str, str]) -> str:
    """Name the author or authors; `directory` turns short names into full ones."""
    for said in (data.get("author"), data.get("authors"), fallback):
        names = tuple(_names(said, directory))
        if names:
            return ", ".join(dict.fromkeys(names))
    return ""


def summary(data: Mapping[str, object], headline: str) -> str:
    """Return the author's own words: the first of excerpt, summary and description that says more than the title.

    When none does, return the first that is there.
    """
    said = [
        text for key in ("excerpt", "summary", "description") if isinstance(text := data.get(key), str) and text.strip()
    ]
    if len(said) == 1:
        return said[0]  # without the comparison, which takes longer than all the rest here
    return next((text for text in said if not repeats(text, headline)), said[0] if said else "")


def image(data: Mapping[str, object], site: str, post: str = "", *, own_folder: bool = False) -> str:
    """Return the absolute address of the post's picture, or nothing; `newsletter.image` comes first.

    `./cover.png` is relative to the address of the post, `cover.png` to that of the site, or to the post's too
    where the post has a folder of its own, in which its pictures lie.
    """
    if data.keys().isdisjoint(_PICTURES):
        return ""
    newsletter = data.get(NEWSLETTER)
    own = newsletter.get("image") if isinstance(newsletter, Mapping) else None
    own = own if isinstance(own, str) else None
    for said in (own, *(data.get(key) for key in _PICTURES[1:])):
        if isinstance(said, Mapping):
            said = said.get("path") or said.get("url") or said.get("src") or said.get("feature")
        elif isinstance(said, list):
            said = said[0] if said else None
        if isinstance(said, str) and (address := said.strip()):
            beside = address.startswith(("./", "../")) or (own_folder and not address.startswith("/"))
            found = relative_to(post, address) if beside and post else absolute(address, site)
            if found:
                return found
    return ""


def absolute(address: str, base: str) -> str:
    """Make an address within a site absolute and percent-encoded; nothing when it is no web address."""
    if not address or address.startswith("#"):
        return ""
    try:
        if not urlsplit(address).scheme and not address.startswith("//"):
            address = f"{base}/{address.lstrip('/')}" if base else ""
        joined = urlsplit(urljoin(base, address))
    except ValueError:
        return ""
    if joined.scheme not in {"http", "https"} or not joined.netloc:
        return ""
    return quote(joined.geturl(), safe=_URL_SAFE)


def relative_to(page: str, address: str) -> str:
    """Make an address that stands on a page absolute, as a browser does; nothing when it is no web address."""
    try:
        return absolute(urljoin(page, address), "")
    except ValueError:
        return ""


def language(data: Mapping[str, object], fallback: str) -> str:
    """Return the post's language as BCP 47 writes it: `ja_JP` becomes `ja-JP`."""
    for said in (data.get("lang"), data.get("language"), data.get("locale"), fallback):
        if isinstance(said, str) and (tag := _tag(said)):
            return tag
    return ""


@lru_cache(256)
def _tag(said: str) -> str:
    tag = said.strip().partition(".")[0].replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def identity(data: Mapping[str, object]) -> str:
    """Return the identity that the author gave the post, or nothing."""
    return next((said.strip() for key in ("guid", "id") if isinstance(said := data.get(key), str) and said.strip()), "")


def _names(said: object, directory: Mapping[str, str]) -> Iterable[str]:
    if isinstance(said, Mapping):
        said = said.get("name") or said.get("display_name")
    if isinstance(said, list):
        for item in said[:20]:
            yield from _names(item, directory)
    elif said is not None and not isinstance(said, bool | Mapping) and (name := one_line(psych.to_s(said))):
        yield directory.get(name, name)
