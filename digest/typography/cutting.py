"""Decides where a text that is too wide ends: at a sentence, else a phrase or word, else a character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

import wcwidth

from digest.typography.kinsoku import NEVER_FIRST
from digest.typography.phrases import is_japanese, phrases_of

ELLIPSIS = "…"

_PAIRS = {"「": "」", "『": "』", "（": "）", "(": ")", "“": "”", "【": "】", "《": "》", "〈": "〉", "[": "]"}
_CLOSERS = "」』）)”’】》〉]\"'"
_OPENERS = "「『（(“‘【《〈["
_SENTENCE_END = re.compile(rf"[。．！？!?]+[{re.escape(_CLOSERS)}]*|\.[{re.escape(_CLOSERS)}]*(?=\s|$)")
_NO_END = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Sen|Rep|Gov|Lt|Sgt|Mt|St|Sr|Jr|vs|e\.g|i\.e|cf|al|viz|No|Nos|Inc|Ltd|Co|Corp|Fig|Vol|pp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|ca|[A-Z])\.|\bYahoo!)$"
)
_GOES_ON = re.compile(r"\s+[a-z]")
"""After a full stop: it belonged to `etc.`, `a.m.` or another short form."""
_TRAILING = " \u3000、，,;:：；・-–—" + _OPENERS
"""What must not stand before the ellipsis."""
_SENTENCE_SHARE = 0.4
"""A sentence end counts when it fills at least this part of the room."""
_PHRASE_SHARE = 0.5
"""Likewise a phrase end outside of quotation marks."""


def columns_of(text: str) -> int:
    """Count display columns: wide characters are two, combining ones none."""
    width = wcwidth.wcswidth(text)
    return width if width >= 0 else sum(max(0, wcwidth.wcwidth(character)) for character in text)


def fit(text: str, columns: int) -> str:
    """Return `text`, or as much of it as `columns` can show.

    It ends at the end of a sentence where one fills enough of the room; otherwise at a phrase or a word, outside of
    quotation marks where possible, with `…`. A grapheme cluster is never split.
    """
    if columns <= 0:
        return ""
    if columns_of(text) <= columns:
        return text
    text = text[: columns * 8 + 1_000]  # what lies further on decides nothing
    fitting = _fitting(text, columns)
    quoted = _quoted(text)
    for end in sorted(sentence_ends(text), reverse=True):
        if end not in quoted and fitting.get(end, 0) >= columns * _SENTENCE_SHARE:
            return text[:end]
    room = columns - columns_of(ELLIPSIS)
    return _shortened(text, {offset: width for offset, width in fitting.items() if width <= room}, quoted, room)


def _fitting(text: str, columns: int) -> dict[int, int]:
    """Return the offsets between grapheme clusters, with the columns up to each, as far as `columns` can show."""
    fitting: dict[int, int] = {}
    offset = 0
    for cluster in wcwidth.iter_graphemes(text):
        offset += len(cluster)
        width = columns_of(text[:offset])  # not the sum: what is joined may be narrower
        if width > columns:
            break
        fitting[offset] = width
    return fitting


def _shortened(text: str, fitting: dict[int, int], quoted: set[int], room: int) -> str:
    """Cut at the best of the `fitting` offsets and add the ellipsis."""
    if not fitting:
        return ELLIPSIS
    offsets = list(fitting)
    breaks = sorted(fitting.keys() & _phrase_ends(text, offsets[-1]))
    wide_enough = [offset for offset in breaks if fitting[offset] >= room * _PHRASE_SHARE]
    candidates = [offset for offset in wide_enough if offset not in quoted] or wide_enough or offsets
    for offset in reversed([*offsets[: offsets.index(candidates[-1])], candidates[-1]]):
        head = text[:offset].rstrip(_TRAILING)
        if not head or len(head) in fitting:
            return head + ELLIPSIS
    return ELLIPSIS


def sentence_ends(text: str) -> Iterator[int]:
    """Yield the offsets after each full stop, question or exclamation mark that ends a sentence."""
    for found in _SENTENCE_END.finditer(text):
        end, following = found.end(), text[found.end() : found.end() + 1]
        ascii_mark = found[0][0] in "!?"
        if _NO_END.search(text, max(0, found.start() - 8), found.start() + 1) or (
            found[0][0] == "." and _GOES_ON.match(text, end)
        ):
            continue
        if ascii_mark and following and following.isascii() and not following.isspace():
            continue  # ?key=value, Yahoo!x
        if found[0][-1] in _CLOSERS and following and following in "とっなでのはがをにも、":
            continue  # the sentence goes on after the quotation
        yield end


def _quoted(text: str) -> set[int]:
    """Return the offsets that lie inside of a pair of quotation marks or brackets."""
    pairs: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    open_pairs: Counter[str] = Counter()
    for position, character in enumerate(text):
        if character in _PAIRS:
            waiting.append((_PAIRS[character], position))
            open_pairs[_PAIRS[character]] += 1
        elif open_pairs[character]:
            closer = ""
            while closer != character:
                closer, start = waiting.pop()
                open_pairs[closer] -= 1
            pairs.append((start + 1, position + 1))
    return _covered(pairs)


def _covered(ranges: list[tuple[int, int]]) -> set[int]:
    """Return all that lies in one of the ranges; those inside of others cost nothing."""
    covered: set[int] = set()
    reached = 0
    for start, end in sorted(ranges):
        covered.update(range(max(start, reached), end))
        reached = max(reached, end)
    return covered


def _phrase_ends(text: str, limit: int) -> set[int]:
    """Return the offsets up to `limit` where a phrase or word ends."""
    ends = {found.start() for found in re.finditer(r"\s+", text[: limit + 1])}
    head = text[: limit + 24]
    ends.update(found.end() for found in re.finditer(r"[」』）】》〉]", head))
    if is_japanese(head):
        ends.update(accumulate(len(phrase) for phrase in phrases_of(head)))
    return {end for end in ends if 0 < end <= limit and not _holds_together(text[end - 1], text[end : end + 1])}


def _holds_together(before: str, after: str) -> bool:
    both_latin = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
    return after in NEVER_FIRST or before in _OPENERS or both_latin
