"""Decides which post of a story readers should get: the most complete and sound one, not the longest.

Broken bodies are often the longest, because they tell themselves twice; so faults decide first, in their order here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.models import Post
from digest.select.soundness import cut_off, is_answer, is_placeholder, repeated_share
from digest.select.stories.bodies import plain, without_appendix

_TOO_SHORT = 300
"""Characters of a body that hardly tell a story."""
_REPEATING = 0.15
"""From this share on, a body repeats itself more than a refrain would."""
_MUCH = 0.45
_MARKS = " \t#*_>「『“\"'"
_OPEN_AND_CLOSED = ("（）", "()", "「」", "『』", "【】", "[]", "“”")
_ELLIPSES = ("…", "...", "‥")


@dataclass(frozen=True, slots=True)
class _Judged:
    post: Post
    faults: tuple[tuple[int, str], ...]

    @property
    def key(self) -> tuple[int, float, str]:
        """What decides: the weightiest fault first, then the newer post, then the id."""
        return (sum(weight for weight, _ in self.faults), -self.post.published_at.timestamp(), self.post.id)


def best_first(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Return the posts of one story, the one that readers should get first.

    A model's answer, a very short body, one that repeats itself or stops in mid-sentence, and a title that is cut off
    lose, in this order; then the newer post wins, then the lesser id. Reads the bodies: may raise `SourceError`.
    """
    return tuple(judged.post for judged in _ranked(posts))


def why_best(posts: Sequence[Post]) -> str:
    """Return why the first of `best_first(posts)` is the first, in words for a person; empty for a post alone."""
    ranked = _ranked(posts)
    if len(ranked) < 2:
        return ""
    best, second = ranked[0], ranked[1]
    own = {words for _, words in best.faults}
    others = [words for _, words in second.faults if words not in own]
    told = f" (it {' and '.join(words for _, words in best.faults)})" if best.faults else ""
    if best.key[0] < second.key[0] and others:
        return f"the most complete of {len(ranked)}{told}: “{second.post.title}” {' and '.join(others)}"
    if best.post.published_at > second.post.published_at:
        return f"the newest of those of {len(ranked)} that are equally complete{told}"
    return f"the first of those of {len(ranked)} that are equally complete and as new{told}"


def _ranked(posts: Iterable[Post]) -> list[_Judged]:
    return sorted((_Judged(post, tuple(_faults(post))) for post in posts), key=lambda judged: judged.key)


def _faults(post: Post) -> Iterator[tuple[int, str]]:
    """Yield what speaks against a post, each with a weight that outdoes all later ones together."""
    body = without_appendix(post.body)
    if is_answer(post.title) or is_placeholder(post.title) or is_answer(body):
        yield 32, "reads like a model's answer or a placeholder"
    if len(body.strip()) < _TOO_SHORT:
        yield 16, "is very short"
    share = repeated_share(body)
    if share >= _MUCH:
        yield 8, "repeats most of itself"
    elif share >= _REPEATING:
        yield 4, "repeats a part of itself"
    if cut_off(body):
        yield 2, "stops in mid-sentence"
    if _is_cut(post.title, body):
        yield 1, "has a title that is cut off"


def _is_cut(title: str, body: str) -> bool:
    """Tell whether a title ends in an ellipsis or within brackets, or the body's first line goes on where it ends."""
    if title.rstrip().endswith(_ELLIPSES) or any(
        title.count(pair[0]) > title.count(pair[1]) for pair in _OPEN_AND_CLOSED
    ):
        return True
    first = _bare(next((line for line in plain(body[:2_000]).split("\n") if line.strip()), ""))
    stem = _bare(title).rstrip("?？!！。.")
    return (
        len(stem) >= 8
        and first.startswith(stem)
        and first[len(stem) : len(stem) + 1].isalnum()
        and len(first) < 4 * len(stem)
    )


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_MARKS).casefold()
