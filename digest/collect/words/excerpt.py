"""Decides which words of a post stand under its title in the digest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.collect.words.markdown_text import Block, blocks, join_lines, plain_text
from digest.collect.words.repetition import continued, fold, repeats
from digest.models import Post
from digest.typography import columns_of, fit, sentence_ends

_MARKER = re.compile(r"<!--\s*(?:more|truncate|excerpt|end[-_ ]excerpt|read[-_ ]?more)\s*-->", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:最終更新|更新日|公開日|投稿日|掲載日|執筆者?|著者|筆者|文責|ライター|取材・文|編集|出典|画像提供)\s*[:：/／]?\s*\S*"
    r"|(?:(?:last )?updated|published|posted|edited|author|written by|posted by|by)\b\s*(?:on|at|:)?\s+\S*",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[。．！？!?.」』）)”]$")
_FULL_STOP = re.compile(r"[。．！？!?]|\.(?:\s|$)")
_OPENER_COLUMNS = 60
_HEADLINE_LENGTH = 8
_HEADS = (4_000, 60_000)
"""Characters of a body that are read: the first, and when they hold no paragraph the second."""


def excerpt(post: Post, columns: int) -> str:
    """Return what the post is about, as one line of plain text no wider than `columns` (a wide character counts two).

    The author's summary comes first, unless it only repeats the title; then the text before a `<!--more-->`; then
    the first real paragraph. Empty when the post holds no words of its own.
    """
    for text in _candidates(post, columns):
        if text:
            return fit(text, columns)
    return ""


def _candidates(post: Post, columns: int) -> Iterator[str]:
    yield _summary(post)
    head, marker, _ = _split_at_marker(post.body)
    if marker:
        yield _opening(_written(head, post.title, ("paragraph",)), columns)
    for size in _HEADS:
        found = list(blocks(_head(post.body, max(size, columns * 8))))
        for kinds in (("paragraph",), ("quote", "item")):
            yield _opening(_real(found, post.title, kinds), _OPENER_COLUMNS)
        if len(post.body) <= size:
            break
    yield plain_text(post.summary) if not repeats(post.summary, post.title) else ""


def _summary(post: Post) -> str:
    written = post.summary.strip()
    if not written:
        return ""
    if re.match(r"#{1,6} ", written) and "\n" not in written:
        written = re.sub(r" {2,}", "\n\n", written)  # a heading and its text, put on one line by a script
    found = [block for block in blocks(written) if not repeats(block.text, post.title)]
    prose = [block for block in found if block.kind != "heading"] or found
    text = _joined([block.text for block in prose])
    return "" if repeats(text, post.title) else _after_headline(text, post.title)


def _written(markdown: str, title: str, kinds: Sequence[str]) -> list[str]:
    return _real(list(blocks(_head(markdown, _HEADS[-1]))), title, kinds)


def _split_at_marker(body: str) -> tuple[str, str, str]:
    found = _MARKER.search(body)
    return (body[: found.start()], found[0], body[found.end() :]) if found else (body, "", "")


def _head(body: str, size: int) -> str:
    """Return the first `size` characters, up to the end of a line where there is one."""
    if len(body) <= size:
        return body
    end = body.rfind("\n", size // 2, size)
    return body[: end if end > 0 else size]


def _real(found: Sequence[Block], title: str, kinds: Sequence[str]) -> list[str]:
    """Return the texts of these kinds that tell something: no byline, no echo of the title, no bare signs."""
    texts = []
    for block in found:
        if block.kind not in kinds:
            continue
        lines = block.lines
        while lines and _echoes(lines[0], title):
            lines = lines[1:]
        text = _after_headline(join_lines(lines), title)
        if fold(text) and not _echoes(text, title) and not _is_byline(text):
            texts.append(text)
    return texts


def _echoes(line: str, title: str) -> bool:
    """Tell whether a line is the title again, whole or as the headline of which the title is a part."""
    if repeats(line, title) and len(fold(line)) * 3 >= len(fold(title)):
        return True
    said, headline = fold(line), fold(title)
    return bool(headline) and said.startswith(headline) and len(said) <= len(headline) * 1.5 and "。" not in line


def _after_headline(text: str, title: str) -> str:
    """Return what follows a headline at the beginning; nothing when too little follows to stand alone."""
    start = 0
    for end in sentence_ends(text):
        if len(fold(text[:end])) < _HEADLINE_LENGTH or not repeats(text[:end], title):
            break
        start = end
    if not start:
        return text
    rest = text[start:]
    rest = rest[continued(text[:start], rest, title) :].lstrip(
        " \u3000。．！？!?."
    )  # its last words without a full stop
    return rest if columns_of(rest) >= _OPENER_COLUMNS else ""


def _is_byline(text: str) -> bool:
    return columns_of(text) <= _OPENER_COLUMNS and bool(_BYLINE.match(text)) and not _FULL_STOP.search(text)


def _opening(texts: Sequence[str], enough: int) -> str:
    """Join the first texts until they fill `enough` columns."""
    taken: list[str] = []
    for text in texts:
        taken.append(text)
        if columns_of(_joined(taken)) >= enough:
            break
    return _joined(taken)


def _joined(texts: Sequence[str]) -> str:
    """Join paragraphs; one that does not end like a sentence keeps a blank after it."""
    joined = ""
    for text in texts:
        joined = join_lines((joined, text)) if not joined or _ENDED.search(joined) else f"{joined} {text}"
    return joined
