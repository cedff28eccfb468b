"""Decides which posts are told by another one: copies fall away, retellings stand below the best one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.models import LeftOut, Out, Post
from digest.select.overrides import Say
from digest.select.stories import best_first, copies, tell_apart


@dataclass(frozen=True, slots=True)
class Told:
    """A story that may be in the issue."""

    post: Post
    also: tuple[Post, ...] = ()
    """The other posts that tell it, the most complete first."""


def grouped(
    posts: Sequence[Post], brought: Sequence[tuple[Post, str]], blog: Iterable[Post], say: Say, *, stories: bool
) -> tuple[tuple[Told, ...], tuple[LeftOut, ...]]:
    """Return the stories among the posts on offer, and the posts that no reader needs beside them.

    `brought` are posts that readers have got, each with its issue. `blog` is all that the sources have: it tells which
    words are rare. Without `stories` only copies are looked for.
    """
    left_out: list[LeftOut] = []
    earlier = [post for post, _ in brought]
    posts = _without_copies(posts, earlier, left_out, say)
    if not stories:
        return tuple(Told(post) for post in posts), tuple(left_out)
    issues = {post.id: issue for post, issue in brought}
    on_offer = {post.id for post in posts}
    told: list[Told] = []
    for story in tell_apart((*posts, *earlier), blog):
        mine = [post for post in story.posts if post.id in on_offer]
        pinned = [post for post in mine if say.place(post)]
        told.extend(Told(post) for post in pinned[1:])
        mine = [post for post in mine if post not in pinned[1:]]
        before = next((post for post in story.posts if post.id in issues), None)
        if before and not pinned:
            said = f"tells the same story as “{before.title}”, which {issues[before.id]} brought"
            remedy = "pin it to tell the story again"
            left_out.extend(LeftOut(post, Out.RETOLD, said, remedy=remedy) for post in mine)
        elif mine:
            best, *others = sorted(best_first(mine), key=lambda post: (not say.place(post), not post.pinned))
            told.append(Told(best, tuple(others)))
    return tuple(told), tuple(left_out)


def _without_copies(posts: Sequence[Post], told: Sequence[Post], left_out: list[LeftOut], say: Say) -> list[Post]:
    """Return the posts that are no copies of another, nor of one that readers have got; pinned ones are none."""
    twice = copies((*posts, *told))
    # Of two copies the one that a person pinned stays, not the other.
    instead = {
        other.id: post for post in posts if say.place(post) and (other := twice.get(post.id)) and not say.place(other)
    }
    kept = []
    for post in posts:
        other = twice.get(post.id) or instead.get(post.id)
        if other and not say.place(post):
            left_out.append(LeftOut(post, Out.COPY, f"has the address or the text of {other.path or other.id}"))
        else:
            kept.append(post)
    return kept
