"""Decides which posts tell the same story, so that a digest brings it once."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.models import Post
from digest.select.stories.gathering import About, gather
from digest.select.stories.pairs import likely_pairs
from digest.select.stories.terms import Reader, Terms, labels, pieces
from digest.select.stories.weights import Weights, weigh

_KNOWN = 800
"""Posts of the blog whose openings tell how rare terms are: as good as all of 2,500, and soon read."""
_SHARED_BY = 0.6
_SHOWN = 5
_ASKED = 200
"""Characters of the centre's summary from which these words are taken, besides its title."""
_SAYING = 1.5
"""How rare a word has to be before it is shown: in less than about a fifth of the posts."""


@dataclass(frozen=True, slots=True)
class Story:
    """Posts that tell the same story, or one post that nobody else tells."""

    posts: tuple[Post, ...]
    """The most central one first. Which of them readers should get is `best_first`'s to say."""
    shared: tuple[str, ...] = ()
    """The words that tell the story from others and that most of its posts have, the rarest first."""

    @property
    def centre(self) -> Post:
        """The post that is closest to all of them."""
        return self.posts[0]

    @property
    def why(self) -> str:
        """Why the posts are one story, in words for a person; empty for a post alone."""
        if len(self.posts) < 2:
            return ""
        words = ", ".join(f"“{word}”" for word in self.shared)
        return f"{len(self.posts)} posts tell it: they share {words or 'most of their words'}"


def tell_apart(posts: Sequence[Post], blog: Iterable[Post]) -> tuple[Story, ...]:
    """Return the stories that `posts` tell: each post is in exactly one, the oldest story first.

    `blog` is the whole history, in any order; of it only the newest up to the newest of `posts` are read, and only
    their openings. The order of both does not matter. May raise `SourceError` when a body cannot be read any more.
    """
    ordered = sorted({post.id: post for post in posts}.values(), key=_order)
    if not ordered:
        return ()
    reader = Reader()
    read = {post.id: reader.terms(post) for post in ordered}
    known = [*read.values(), *(reader.terms(post) for post in _background(ordered, blog))]
    weights = weigh(known)
    about = [_about(read[post.id], weights) for post in ordered]
    groups = gather(about, likely_pairs([each.vector for each in about]), weights.families)
    return tuple(_story([ordered[at] for at in group], read, weights) for group in groups)


def _order(post: Post) -> tuple[float, str]:
    return (post.published_at.timestamp(), post.id)


def _background(ordered: Sequence[Post], blog: Iterable[Post]) -> list[Post]:
    """Return the posts besides `ordered` from which the rareness of terms is learnt."""
    ids = {post.id for post in ordered}
    newest = _order(ordered[-1])
    others = {post.id: post for post in blog if post.id not in ids}.values()
    past = heapq.nlargest(_KNOWN, (post for post in others if _order(post) <= newest), key=_order)
    future = heapq.nsmallest(_KNOWN - len(past), (post for post in others if _order(post) > newest), key=_order)
    return [*past, *future]


def _about(terms: Terms, weights: Weights) -> About:
    return About(weights.vector(terms), terms.versions, weights.telling(terms.figures))


def _story(posts: list[Post], read: dict[str, Terms], weights: Weights) -> Story:
    return Story(tuple(posts), _shared(posts, read, weights) if len(posts) > 1 else ())


def _shared(posts: list[Post], read: dict[str, Terms], weights: Weights) -> tuple[str, ...]:
    """Return words of the centre that most of the posts have in their openings."""
    enough = max(2, _SHARED_BY * len(posts))
    centre = posts[0]
    ranked: dict[str, tuple[float, str]] = {}
    for word in labels(f"{centre.title}\n{centre.summary[:_ASKED]}"):
        parts = pieces(word)
        weight = max(weights.rareness.get(part, 0.0) for part in parts)
        if weight > _SAYING:
            having = sum(all(part in read[each.id].counts for part in parts) for each in posts)
            if having >= enough:
                ranked.setdefault(word.casefold(), (-weight * having, word))
    return tuple(word for _, word in sorted(ranked.values())[:_SHOWN])
