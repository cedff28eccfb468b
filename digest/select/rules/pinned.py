"""An editor pinned the post in its front matter."""

from __future__ import annotations

from digest.models import Post
from digest.select.rules import Facts


def score(post: Post, facts: Facts) -> float:
    """Return 1 for a pinned post, else 0."""
    return 1.0 if post.pinned else 0.0


def sentence(post: Post, facts: Facts) -> str:
    """Say so."""
    return "pinned by its author"
