"""The author's own nudge: `newsletter: {weight: 0.5}` in the front matter."""

from __future__ import annotations

from digest.models import Post
from digest.select.rules import Facts


def score(post: Post, facts: Facts) -> float:
    """Return the front matter's weight, held to -1..1."""
    return max(-1.0, min(1.0, post.weight))


def sentence(post: Post, facts: Facts) -> str:
    """Repeat the author's number."""
    return f"its author gave it weight {post.weight:+g}"
