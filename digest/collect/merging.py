"""How the posts of several blogs become one collection."""

from __future__ import annotations

from collections.abc import Iterable

from digest.models import Collection, Finding, Level, Post


def merge(collections: Iterable[Collection]) -> Collection:
    """Return the posts of several blogs as one collection, newest first; an id that comes twice is a problem."""
    posts: list[Post] = []
    problems: list[Finding] = []
    seen: set[str] = set()
    for collection in collections:
        problems.extend(collection.problems)
        for post in collection.posts:
            if post.id in seen:
                message = f"Two posts have the identity '{post.id}'; the second is left out."
                problems.append(Finding(Level.ERROR, "post.same-id", message, file=post.path, fix="change its guid"))
                continue
            seen.add(post.id)
            posts.append(post)
    posts.sort(key=lambda post: (-post.published_at.timestamp(), post.path))
    return Collection(tuple(posts), tuple(problems))
