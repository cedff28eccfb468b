"""What of a body is the post itself: no code, no markup, and no list of other posts at its end."""

from __future__ import annotations

import re

_FENCED = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^[ ]{0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,400}>|\{[{%][^{}]{0,400}[%}]\}|\{:[^{}\n]{0,200}\}")
_TARGET = re.compile(r"\]\([^()\s]{0,600}[^()\n]{0,100}\)|https?://[^\s<>()\[\]]{1,600}")
_LINK = re.compile(r"!?\[[^\[\]]{0,300}\]\([^()\n]{0,700}\)|<?https?://[^\s<>]{1,600}>?")
_BESIDE_TEXT = re.compile(r"[\s#>*_+\-=~|・•:：。.→»\d()\\]+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s|\*\*[^*]{1,60}\*\*\s*$")
_LONGEST_LINE = 2_000
_LETTERS_BESIDE_LINK = 6


def plain(text: str) -> str:
    """Return Markdown without code, comments, tags and addresses; the words of links stay."""
    if "```" in text or "~~~" in text:
        text = _FENCED.sub("\n", text)
    if "<!--" in text:
        text = _COMMENT.sub(" ", text)
    if "<" in text or "{" in text:
        text = _TAG.sub(" ", text)
    if "](" in text or "://" in text:
        text = _TARGET.sub(" ", text)
    return text


def without_appendix(body: str) -> str:
    """Return a body without the links at its end, their headings and rules: what blogs append to every post.

    A body that is nothing else is returned as it is.
    """
    lines = body.rstrip().split("\n")
    keep = end = len(lines)
    links = False
    while end:
        line = lines[end - 1]
        if len(line) > _LONGEST_LINE:
            break
        rest = _LINK.sub("", line)
        if rest != line and len(_BESIDE_TEXT.sub("", rest)) <= _LETTERS_BESIDE_LINK:
            links, keep = True, end - 1
        elif not _BESIDE_TEXT.sub("", line):
            pass
        elif links and _HEADING.match(line) and keep == _next_said(lines, end):
            keep = end - 1
        else:
            break
        end -= 1
    return "\n".join(lines[:keep]) if 0 < keep < len(lines) and any(map(str.strip, lines[:keep])) else body


def _next_said(lines: list[str], at: int) -> int:
    """Return the index of the next line that says something."""
    while at < len(lines) and not _BESIDE_TEXT.sub("", lines[at]):
        at += 1
    return at
