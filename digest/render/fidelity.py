"""Whether inlining changed nothing but styles: what readers see, where they click, what Outlook is told."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote

from digest.errors import TemplateError

_NOT_SEEN = {"style", "script"}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_STYLE_ATTRIBUTE = re.compile(r"""\sstyle=("[^"]*"|'[^']*')""")
_KEPT = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_KEPT_SOURCE = re.compile(r'<style\b[^>]*\bdata-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)


class _Content(HTMLParser):
    """What a mail says, read by a parser that has nothing to do with the inliner's."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.hidden = 0
        self.texts: list[str] = []
        self.links: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.hidden += tag in _NOT_SEEN
        if "href" in values:
            self.links.append(quote(values["href"].strip(), safe="!#$%&'()*+,/:;=?@[]~"))
        if tag == "img":
            self.images.append((quote(values.get("src", ""), safe="!#$%&'()*+,/:;=?@[]~"), values.get("alt", "")))

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _NOT_SEEN

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def check_fidelity(source: str, result: str, style_file: str = "") -> None:
    """Raise TemplateError, saying which, when an inlined mail differs from its source in more than styles.

    Also when a style attribute holds what Outlook or Gmail drop: `!important`, `var()`, or a colour that is not hex.
    """
    before, after = _Content(source), _Content(result)
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
    if re.search(r"&#x?[0-9a-fA-F]+;", _COMMENT.sub("", result)):
        raise TemplateError("inlining the styles would write characters as numbers")
    _check_attributes(result, style_file)


def _kept(pattern: re.Pattern[str], html: str) -> list[str]:
    return pattern.findall(_COMMENT.sub("", html))


def _check_attributes(html: str, style_file: str) -> None:
    for attribute in _STYLE_ATTRIBUTE.findall(_COMMENT.sub("", html)):
        unfit = re.search(r"!\s*important|var\(|rgba?\(|hsla?\(", attribute, re.IGNORECASE)
        if unfit:
            raise TemplateError(
                f"`{unfit[0]}` stands in a style attribute, where mail clients drop it",
                file=style_file or None,
                fix="write plain values, and colours as #rrggbb",
            )
