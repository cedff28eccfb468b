"""Decides which posts are exact copies of others: at the same address, or with nearly the same text."""

from __future__ import annotations

import heapq
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping

from digest.models import Post
from digest.select.stories.bodies import plain, without_appendix

_LIKE = 0.8
"""From this likeness of their runs of letters on, two bodies are copies."""
_RUN = 5
_READ = 40_000
"""Characters of a body that are compared."""
_SHORT = 100
"""Letters below which a body says too little: only posts with the same title are copies then."""
_SKETCH = 24
"""Sentences by which a body is looked up: those with the smallest checksums, a fair sample of its beginning."""
_BEGINNING = 1_500
"""Characters of a body from which these are taken."""
_IN_COMMON = 1 / 3
"""The part of these sentences that two bodies have in common before they are compared letter by letter."""
_TRIED = 5
"""Posts that are compared so, those with the most sentences in common first."""
_EVERYWHERE = 50
"""Posts from which on a sentence belongs to the blog, not to a post."""

_SENTENCE = re.compile(r"[^。．！？!?\n]{8,}")
_NO_LETTERS = re.compile(r"[\W_]+")


def copies(posts: Iterable[Post]) -> Mapping[str, Post]:
    """Return the id of each copy with the post that stays: the older one; of two as old, the one with the lesser id.

    May raise `SourceError` when a body cannot be read any more.
    """
    found: dict[str, Post] = {}
    by_address: dict[str, Post] = {}
    by_text: dict[str, Post] = {}
    texts = _Texts()
    for post in sorted(posts, key=lambda post: (post.published_at.timestamp(), post.id)):
        address = post.url.partition("#")[0]
        original = by_address.get(address) if address else None
        if not original:
            text = without_appendix(post.body[:_READ]).strip()
            short = len(text) < _SHORT
            key = f"{post.title}\n{text}" if short else text
            original = by_text.get(key) or (None if short else texts.like(post, text))
            if not original and text:
                by_text[key] = post
        if original:
            found[post.id] = original
        if address:
            by_address.setdefault(address, original or post)
    return found


class _Texts:
    """The texts of posts that are no copies, found again by their sentences."""

    def __init__(self) -> None:
        self._with: dict[int, list[int]] = {}
        self._kept: list[tuple[Post, str, int]] = []

    def like(self, post: Post, text: str) -> Post | None:
        """Return the post whose text this one copies; remember this one when there is none."""
        sketch = _sketch(text)
        common = Counter(at for mark in sketch if len(known := self._with.get(mark, ())) < _EVERYWHERE for at in known)
        for at, count in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:_TRIED]:
            other, other_text, marks = self._kept[at]
            if count >= _IN_COMMON * min(marks, len(sketch)) and _likeness(text, other_text) >= _LIKE:
                return other
        for mark in sketch:
            known = self._with.setdefault(mark, [])
            if len(known) < _EVERYWHERE:
                known.append(len(self._kept))
        self._kept.append((post, text, len(sketch)))
        return None


def _sketch(text: str) -> list[int]:
    sentences = {sentence.strip() for sentence in _SENTENCE.findall(text[:_BEGINNING])}
    return heapq.nsmallest(_SKETCH, {zlib.crc32(sentence.encode("utf-8", "replace")) for sentence in sentences})


def _likeness(one: str, other: str) -> float:
    """Return which part of the runs of five letters that either text has both have, 0 to 1."""
    first, second = _runs(one), _runs(other)
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def _runs(text: str) -> set[str]:
    letters = _NO_LETTERS.sub("", unicodedata.normalize("NFKC", plain(text)).casefold())
    return {letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)}
