"""Decides which words of a post stand under its title in the digest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.collect.suspicion import is_answer
from digest.collect.words.markdown_text import blocks, plain_text
from digest.collect.words.paragraphs import SHORT, after_headline, joined, opening, without_label
from digest.collect.words.repetition import repeats
from digest.models import Post
from digest.typography import columns_of, fit, is_japanese, sentence_ends

_MARKER = re.compile(r"<!--\s*(?:more|truncate|excerpt|end[-_ ]excerpt|read[-_ ]?more)\s*-->", re.IGNORECASE)
_CUT_OFF = re.compile(r"\s*(?:\[(?:…|\.{3})\]|\.{3,}|…+)$")
_ENDED = re.compile(r"[。．！？!?.…）)」』”]\s*$")
_READ = 8_000
"""Characters of a summary that are read; a few hundred can be shown."""
_TAIL = 15
"""Characters at the end of a summary by which its place in the body is found."""


def excerpt(post: Post, columns: int) -> str:
    """Return what the post is about, as one line of plain text no wider than `columns` (a wide character counts two).

    What its author wrote for the newsletter comes first, then the author's summary, unless it only repeats the
    title; then the text before a `<!--more-->`; then the first real paragraph. Empty when the post holds no words
    of its own.
    """
    for text in _candidates(post, columns):
        if text:
            return fit(text, columns)
    return ""


def _candidates(post: Post, columns: int) -> Iterator[str]:
    yield plain_text(post.blurb[:_READ]) if post.blurb else ""
    summary = _summary(post)
    yield summary if _ENDED.search(summary) else ""
    body = post.body
    yield summary if not _is_beginning(summary, body) else ""
    if marker := _MARKER.search(body):
        yield opening(body[: marker.start()], post.title, columns)
    yield opening(body, post.title, SHORT)
    if not repeats(post.summary, post.title) and not is_answer(post.summary):
        yield plain_text(post.summary[:_READ])


def _is_beginning(text: str, body: str) -> bool:
    """Tell whether a text was cut out of the body in the middle of a sentence."""
    found = body.find(text[-_TAIL:]) if len(text) > _TAIL else -1
    following = body[found + _TAIL : found + _TAIL + 8].lstrip(" \t*_")
    return found >= 0 and bool(following) and following[0] not in "\n。．！？!?.…"


def _summary(post: Post) -> str:
    """Return the author's summary as plain words where it is worth showing."""
    written = post.summary.strip()[:_READ]
    if not written or is_answer(written):
        return ""
    if re.match(r"#{1,6} ", written) and "\n" not in written:
        written = re.sub(r" {2,}", "\n\n", written)  # a heading and its text, put on one line by a script
    found = [block for block in blocks(written) if not repeats(block.text, post.title)]
    prose = [block for block in found if block.kind != "heading"] or found
    text = without_label(joined(block.text for block in prose))
    return "" if repeats(text, post.title) else _whole(after_headline(text, post.title))


def _whole(text: str) -> str:
    """Return a summary that was cut off by counting characters so that it ends like one."""
    if _CUT_OFF.search(text):
        return _CUT_OFF.sub("…", text)
    if is_japanese(text) and not _ENDED.search(text):
        ends = [end for end in sentence_ends(text) if text.count("「", 0, end) == text.count("」", 0, end)]
        if ends and columns_of(text[: ends[-1]]) >= SHORT:
            return text[: ends[-1]]
    return text
