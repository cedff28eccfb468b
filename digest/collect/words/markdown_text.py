"""Decides what of a Markdown text a reader sees as words: blocks of plain text, without marks, code and pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from digest.collect.words import liquid

_KRAMDOWN_TOC = re.compile(r"^[*+\-\d.]+ [^\n]*\n\{:\s*toc[^}\n]*\}[ \t]*$", re.IGNORECASE | re.MULTILINE)
_KRAMDOWN_HEADING = re.compile(r"^(#{1,6})(?=[^\s#!\d])", re.MULTILINE)
_KRAMDOWN_LIST = re.compile(r"\{:{1,2}[^{}\n]*\}")
_STRAY_FENCE = re.compile(r"^-{2,}[ \t]*\w+[ \t]*-{2,}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]+\](?!:)")
_DEFINITION = re.compile(r"(?:\[\^[^\]\s]+\]:|\*\[[^\]]+\]:|\[{1,2}_?toc_?\]{1,2}$)", re.IGNORECASE)
_EMOJI_CODE = re.compile(r"(?<![A-Za-z0-9:]):(?:[a-z][a-z0-9_+-]*|[+-]1|100):(?![A-Za-z0-9])")
_LEFT_OVER = re.compile(r"\*{2,}(?=\S)|(?<=\S)\*{2,}|~~(?=\S)|(?<=\S)~~|==(?=\S)(?=[^=\n]+\S==)|(?<=[^\s=])==(?!=)")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_UNREAD = frozenset({"script", "style", "pre", "table", "figure", "iframe", "svg", "rt", "rp", "noscript", "template",
                     "video", "audio", "form", "button", "select", "math", "object"})  # fmt: skip
_LINE_ENDS = frozenset({"softbreak", "hardbreak"})
_HEADING_LENGTH = 60
_SENTENCE = re.compile(r"[。！!]|\.$")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title"})
_BREAKING = frozenset({"p", "div", "section", "article", "ul", "ol", "li", "blockquote", "br", "hr", "main", "header",
                       "footer", "aside", "dl", "dt", "dd", "details", "summary"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text that stands by itself."""

    kind: str
    """`paragraph`, `heading`, `quote`, `item` (of a list) or `aside` (a paragraph all in italics)."""
    lines: tuple[str, ...]
    """Plain text as its source is broken into lines."""

    @property
    def text(self) -> str:
        """The block as one line."""
        return join_lines(self.lines)


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the blocks of a text that hold words.

    Code, tables, rules, comments, pictures, footnotes and tables of contents are left out, and so is Liquid.
    """
    kind: list[str] = []
    tables = 0
    for token in parsed(_without_extensions(markdown)):
        match token.type:
            case "table_open":
                tables += 1
            case "table_close":
                tables -= 1
            case "blockquote_open":
                kind.append("quote")
            case "list_item_open":
                kind.append("item")
            case "heading_open":
                kind.append("heading")
            case "blockquote_close" | "list_item_close" | "heading_close":
                kind.pop()
            case "html_block":
                yield from _html_blocks(token.content, kind[-1] if kind else "paragraph")
            case "inline" if not tables:
                yield from _inline_blocks(kind[-1] if kind else "paragraph", token.children or [])


def parsed(markdown: str) -> list[Token]:
    """Return the tokens of a Markdown text as CommonMark reads it, with tables and strikethrough."""
    return _parser().parse(markdown)


def plain_text(markdown: str) -> str:
    """Return all words of a Markdown text as one line of plain text."""
    return join_lines(tuple(block.text for block in blocks(markdown)))


def join_lines(lines: tuple[str, ...]) -> str:
    """Join lines with a blank, or with nothing between two characters that are written without blanks."""
    joined = ""
    for line in (line.strip(" \u3000") for line in lines):
        if joined and line:
            joined += "" if _written_close(joined[-1]) and _written_close(line[0]) else " "
        joined += line
    return joined


def _block(kind: str, text: str) -> Iterator[Block]:
    cleaned = _EMOJI_CODE.sub("", _INVISIBLE.sub("", text))
    lines = tuple(line for part in cleaned.split("\n") if (line := re.sub(r"[ \t\r\f\v\xa0]+", " ", part).strip()))
    if lines and not _DEFINITION.match(lines[0]):
        yield Block(kind, lines)


def _without_extensions(markdown: str) -> str:
    """Take away what Jekyll and kramdown add to Markdown."""
    text = liquid.remove(markdown)
    text = _KRAMDOWN_HEADING.sub(r"\1 ", text)
    text = _KRAMDOWN_TOC.sub("", text)
    text = _KRAMDOWN_LIST.sub("", text)
    text = _STRAY_FENCE.sub("", text)
    return _FOOTNOTE.sub("", text)


def _inline_blocks(kind: str, tokens: list[Token]) -> Iterator[Block]:
    """Yield a paragraph; when its first line is short and bold, that line is a heading of its own."""
    first = next((index for index, token in enumerate(tokens) if token.type in _LINE_ENDS), len(tokens))
    if kind == "paragraph" and _is_all(tokens, "em"):
        kind = "aside"
    elif kind == "paragraph" and _is_all(tokens[:first], "strong"):
        heading = _inline(tokens[:first])
        if len(heading) <= _HEADING_LENGTH and not _SENTENCE.search(heading):
            yield from _block("heading", heading)
            tokens = tokens[first:]
    yield from _block(kind, _inline(tokens))


def _is_all(tokens: list[Token], mark: str) -> bool:
    """Tell whether one pair of this mark stands around all that is written."""
    written = [token.type for token in tokens if token.type != "text" or token.content.strip()]
    opened, closed = f"{mark}_open", f"{mark}_close"
    return written.count(closed) == 1 and (written[0], written[-1]) == (opened, closed)


def _inline(tokens: list[Token]) -> str:
    """Return the words of a paragraph; its own line breaks stay."""
    words, unread = [], ""
    for token in tokens:
        if token.type == "html_inline":
            tag = _tag_name(token.content)
            if unread:
                unread = "" if tag == f"/{unread}" else unread
            elif tag in _UNREAD and not token.content.endswith("/>"):
                unread = tag
            elif tag in {"br", "br/"}:
                words.append("\n")
        elif unread:
            continue
        elif token.type in _LINE_ENDS:
            words.append("\n")
        elif token.type == "code_inline":
            words.append(token.content)
        elif token.type == "text":
            words.append(_LEFT_OVER.sub("", token.content))
    return "".join(words)


def _tag_name(tag: str) -> str:
    found = re.match(r"<(/?[a-zA-Z][\w-]*)", tag)
    return found[1].lower() if found else ""


def _html_blocks(html: str, kind: str) -> Iterator[Block]:
    reader = _HtmlReader()
    reader.feed(html)
    reader.close()
    for heading, text in reader.parts:
        yield from _block("heading" if heading else kind, re.sub(r"\s+", " ", text))


class _HtmlReader(HTMLParser):
    """Collects the words of a piece of HTML, paragraph by paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[bool, str]] = []
        self._unread = 0
        self._heading = False
        self._open = False

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        if tag in _HEADINGS or tag in _BREAKING:
            self._heading, self._open = tag in _HEADINGS, False

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        if tag in _HEADINGS or tag in _BREAKING:
            self._heading, self._open = False, False

    def handle_data(self, data: str) -> None:
        if self._unread or not (data.strip() or self._open):
            return
        if self._open:
            heading, text = self.parts[-1]
            self.parts[-1] = (heading, text + data)
        else:
            self.parts.append((self._heading, data))
            self._open = True


def _written_close(character: str) -> bool:
    """Tell whether a script puts no blanks around the character: Chinese and Japanese, not Korean."""
    wide = unicodedata.east_asian_width(character) in "WF"
    return wide and unicodedata.category(character) != "So" and not "가" <= character <= "힣"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
