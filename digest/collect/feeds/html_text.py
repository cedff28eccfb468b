"""Decides how HTML is handed to those who read Markdown, so that no character of it is taken for a mark."""

from __future__ import annotations

import html
import re

from digest.collect.words.markdown_text import plain_text

_BRACES = {ord(character): f"&#{ord(character)};" for character in "{}"}
_BRACKETS = {ord(character): f"&#{ord(character)};" for character in "{}[]"}
_ONWARD = r"[\s»→›>…]*"
_FOOT = re.compile(r"\s*The post .{1,300} (?:appeared first on|first appeared on) .{1,200}$")
_CUT = re.compile(
    rf"\s*(?:\[(?:…|\.{{3}})\]|(?:Read more|続きを読む|もっと読む){_ONWARD}"
    rf"|Continue reading(?: [“\"'].{{1,300}})?{_ONWARD})$"
)
"""What blogging software writes below a teaser, and where it cut it."""
_ENDED = tuple("。.!?！？…")
_MARKS = re.compile(r"([\\`*_<>~=|&#])|^(\d{1,9})(?=[.)])|^(?=[-+:])")


def as_text(markup: str) -> str:
    """Return HTML as one Markdown block that is read as HTML from its first to its last character.

    Markdown ends such a block at an empty line and would read what follows as its own; braces are Liquid to it.
    """
    lines = re.sub(r"\s*\n\s*", "\n", markup.replace("\r", "\n").translate(_BRACES).replace("[^", "&#91;^")).strip()
    return f"<div>\n{lines}\n</div>" if lines else ""


def from_plain(text: str) -> str:
    """Return plain text as HTML, a paragraph for each part between empty lines."""
    parts = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return "\n".join(f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in parts if part.strip())


def words_of(markup: str) -> str:
    """Return the words of HTML as one line of plain text."""
    return plain_text(as_text(markup))


def teaser(markup: str) -> str:
    """Return a teaser as Markdown of one line that shows just its words, without the invitation to read on."""
    words = _FOOT.sub("", words_of(markup))
    while (shorter := _CUT.sub("", words)) != words:
        words = shorter if shorter.endswith(_ENDED) or not shorter else f"{shorter}…"
    escaped = _MARKS.sub(lambda found: f"{found[2]}\\" if found[2] else f"\\{found[1] or ''}", words)
    return escaped.translate(_BRACKETS)
