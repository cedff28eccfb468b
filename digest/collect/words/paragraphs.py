"""Decides which paragraphs of a text speak for it: none that repeats its title, signs it, or announces what is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from digest.collect.suspicion import is_answer
from digest.collect.words.markdown_text import Block, blocks, join_lines
from digest.collect.words.repetition import continued, fold, repeats
from digest.typography import columns_of, is_japanese, sentence_ends

SHORT = 60
"""Columns below which a paragraph does not stand alone."""

_HEADS = (1_500, 6_000, 24_000)
"""Characters of a body that are read: the first, and when they do not say enough the next."""
_HEADLINE_LENGTH = 8
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t]*\S.{0,2000}$", re.MULTILINE)
_LABEL = re.compile(
    r"(?:タイトル|件名|見出し|要約|概要|リード文?|導入文?|title|headline|summary|excerpt|abstract|tl;?dr)\s*[:：]\s*",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:最終更新|更新日|公開日|投稿日|掲載日|執筆者?|著者|筆者|文責|ライター|取材・文|編集|出典|画像提供|撮影|写真)\s*[:：/／]?\s*\S*"
    r"|(?:更新|公開|投稿|文)\s*[:：]|\[?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*(?:追記|更新|公開)"
    r"|(?:(?:last )?updated|published|posted|edited|author|written by|posted by|photo by|image by|by)\b"
    r"\s*(?:on|at|:)?\s+\S*"
    r"|(?:reading time|photo credit|image credit|posted in|filed under|tags?)\s*:|\d+ min(?:ute)?s? read"
    r"|(?:目次|もくじ|table of contents|contents)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"[(（][^()（）]*[)）]$|※|(?:注|注意|お断り|免責|広告|PR)\s*[:：]"
    r"|(?:note|disclosure|disclaimer|editor.s note|update|edit)\s*:"
    r"|(?:本|この|当)(?:記事|ページ|サイト|ブログ|投稿)に?は、?[^。]{0,40}(?:広告|プロモーション|アフィリエイト|PR)"
    r"|this (?:post|article|page) (?:may )?contains? affiliate|(?:this is a )?guest post by|cross-?posted"
    r"|(?:this (?:post|article) was )?originally (?:published|posted)",
    re.IGNORECASE,
)
"""A remark about the post, which is not what it is about."""
_READING_TIME = re.compile(r"(?:この(?:記事|投稿)は)?(?:約|およそ)?\d+分(?:ほど|程度)?で読め(?:ます|る)")
_ENDED = re.compile(r"[。．！？!?.」』）)”…]$")
_FULL_STOP = re.compile(r"[。．！？!?]|\.(?:\s|$)")
_ANNOUNCING = re.compile(r"\s*[:：]$")


def opening(body: str, title: str, columns: int) -> str:
    """Return the first paragraphs that tell something, joined until they fill `columns`.

    Quotations and items of lists speak only when no paragraph does, and then remarks about the post. Empty when
    nothing does.
    """
    for size in _HEADS:
        whole = len(body) <= size
        others: list[Block] = []
        texts = tellings(_noting(blocks(body if whole else _head(body, size)), others), title)
        text = _joined_up_to(texts, columns)
        if columns_of(text) >= columns or whole or (text and size > _HEADS[0]):
            break
    for kinds in (("quote", "item"), ("aside",)):
        text = text or _joined_up_to(tellings(others, title, kinds), columns)
    return text


def tellings(found: Iterable[Block], title: str, kinds: tuple[str, ...] = ("paragraph",)) -> Iterator[str]:
    """Yield the texts of blocks of these kinds that tell something, as they are asked for."""
    for block in found:
        if block.kind not in kinds:
            continue
        lines = (_LABEL.sub("", block.lines[0], count=1), *block.lines[1:])
        while lines and _echoes(lines[0], title):
            lines = lines[1:]
        text = after_headline(join_lines(lines), title)
        if fold(text) and not _echoes(text, title) and not _is_byline(text) and not is_answer(text):
            yield text


def joined(texts: Iterable[str]) -> str:
    """Join paragraphs; one that does not end like a sentence keeps a blank after it."""
    result = ""
    for text in texts:
        result = join_lines((result, text)) if not result or _ENDED.search(result) else f"{result} {text}"
    return result


def after_headline(text: str, title: str) -> str:
    """Return what follows a headline at the beginning; nothing when too little follows to stand alone."""
    start = 0
    for end in sentence_ends(text):
        if len(fold(text[:end])) < _HEADLINE_LENGTH or not repeats(text[:end], title):
            break
        start = end
    if not start:
        return text
    rest = text[start:]
    rest = rest[continued(text[:start], rest, title) :]  # its last words without a full stop
    rest = rest.lstrip(" \u3000。．！？!?.」』）)”")
    return rest if columns_of(rest) >= SHORT else ""


def without_label(text: str) -> str:
    """Return the text without a word such as `概要：` before it."""
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


def _head(body: str, size: int) -> str:
    """Return the first `size` characters, up to the end of a line where there is one, and where its links lead."""
    end = body.rfind("\n", size // 2, size)
    end = end if end > 0 else size
    head = body[:end]
    if "[" not in head:
        return head
    return "\n".join([*_DEFINITION.findall(body, end)[:200], "", head])


def _noting(found: Iterable[Block], others: list[Block]) -> Iterator[Block]:
    """Yield every block, and note those that speak when no paragraph does."""
    for block in found:
        seen = Block("aside", block.lines) if block.kind == "paragraph" and _ASIDE.match(block.text) else block
        if seen.kind in {"quote", "item", "aside"}:
            others.append(seen)
        yield seen


def _joined_up_to(texts: Iterable[str], columns: int) -> str:
    """Join the first texts until they fill `columns`; a headline before them goes, once a sentence follows."""
    taken: list[str] = []
    for text in texts:
        if not (told := _without_announcement(text)):
            continue
        if len(taken) == 1 and _is_headline(taken[0]) and "。" in told:
            taken.clear()
        taken.append(told)
        if columns_of(joined(taken)) >= columns and not (len(taken) == 1 and _is_headline(told)):
            break
    return joined(taken)


def _without_announcement(text: str) -> str:
    """Take away the sentence whose colon announces what is not shown, such as a list; a long one alone is left open."""
    if not _ANNOUNCING.search(text):
        return text
    if ends := list(sentence_ends(text)):
        return text[: ends[-1]]
    return _ANNOUNCING.sub("…", text) if columns_of(text) >= SHORT else ""


def _is_headline(text: str) -> bool:
    """Tell whether a Japanese paragraph is no sentence."""
    return "。" not in text and not _ENDED.search(text) and is_japanese(text)


def _echoes(line: str, title: str) -> bool:
    """Tell whether a line is the title again, whole or as the headline of which the title is a part."""
    if repeats(line, title) and len(fold(line)) * 3 >= len(fold(title)):
        return True
    said, headline = fold(line), fold(title)
    return bool(headline) and said.startswith(headline) and len(said) <= len(headline) * 1.5 and "。" not in line


def _is_byline(text: str) -> bool:
    if columns_of(text) > SHORT:
        return False
    return bool(_READING_TIME.match(text) or (_BYLINE.match(text) and not _FULL_STOP.search(text)))
