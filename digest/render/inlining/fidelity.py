"""Whether inlining changed nothing but styles: what readers see, where they click, what Outlook is told."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import quote

from digest.errors import TemplateError

_COMMENT = re.compile(r"<!--(?:(.*?)-->|.*)", re.DOTALL)
"""A comment; one that never ends hides all that follows, as in a browser."""

_NOT_SEEN = re.compile(r"(<style\b[^>]*>).*?(?=</style>)|(<script\b[^>]*>).*?(?=</script>)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"""(<[A-Za-z/!](?:[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*+>|.*))""", re.DOTALL)
"""A tag; one that never ends reaches to the end, so that a page full of them is read once and not for each."""

_ATTRIBUTE = re.compile(r"""\s(href|src|alt|style)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_KEPT = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_KEPT_SOURCE = re.compile(r'<style\b[^>]*\bdata-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)
_UNFIT = re.compile(r"!\s*important|var\(|rgba?\(|hsla?\(", re.IGNORECASE)
_MARKER = re.compile(r"data-(?:premailer|css-inline|digest)[\w-]*")


class _Content(NamedTuple):
    """What a mail says, read by eyes that have nothing to do with the inliners' parsers."""

    text: str
    links: list[str]
    images: list[tuple[str, str]]
    comments: list[str]
    tags: list[str]


def check_fidelity(source: str, result: str, style_file: str = "") -> None:
    """Raise TemplateError, saying which, when an inlined mail differs from its source in more than styles.

    Also when a style attribute holds what Outlook or Gmail drop: `!important`, `var()`, or a colour that is not hex.
    """
    before, after = _read(source), _read(result)
    differences = {
        "the visible text": before.text == after.text,
        "the links": before.links == after.links,
        "the images": before.images == after.images,
        "the comments for Outlook": before.comments == after.comments,
        "the styles that stay in the head": _kept(_KEPT_SOURCE, source) == _kept(_KEPT, result),
    }
    for what, same in differences.items():
        if not same:
            raise TemplateError(f"inlining the styles would change {what}", fix="look for a tag that is not closed")
    if re.search(r"&#x?[0-9a-fA-F]+;", without_comments(result)):
        raise TemplateError("inlining the styles would write characters as numbers")
    _check_tags(after.tags, style_file)


def without_comments(html: str) -> str:
    """Return a mail without its comments, which only Outlook reads."""
    return _COMMENT.sub("", html)


def _read(html: str) -> _Content:
    pieces = _TAG.split(_NOT_SEEN.sub(r"\1\2", without_comments(html)))
    tags = pieces[1::2]
    links, images = [], []
    for tag in tags:
        kind = tag[1:4].lower()
        if kind != "img" and "href" not in tag.lower():
            continue
        values = {name.lower(): _value(value) for name, value in _ATTRIBUTE.findall(tag)}
        if "href" in values:
            links.append(_address(values["href"].strip()))
        if kind == "img":
            images.append((_address(values.get("src", "")), values.get("alt", "")))
    text = " ".join(unescape("".join(pieces[0::2])).split())
    return _Content(text, links, images, _COMMENT.findall(html), tags)


def _value(written: str) -> str:
    return unescape(written[1:-1] if written[0] in "\"'" else written)


def _address(url: str) -> str:
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def _kept(pattern: re.Pattern[str], html: str) -> list[str]:
    return pattern.findall(without_comments(html))


def _check_tags(tags: list[str], style_file: str) -> None:
    marker = _MARKER.search("\n".join(tags))
    if marker:
        raise TemplateError(f"the mark `{marker[0]}` would stay in the mail", fix="mark only <style> blocks with it")
    for tag in tags:
        if not _UNFIT.search(tag):
            continue
        for name, value in _ATTRIBUTE.findall(tag):
            unfit = _UNFIT.search(value) if name.lower() == "style" else None
            if unfit:
                raise TemplateError(
                    f"`{unfit[0]}` stands in a style attribute, where mail clients drop it",
                    file=style_file or None,
                    fix="write plain values, and colours as #rrggbb",
                )
