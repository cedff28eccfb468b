"""A post is worth what marketing says its section is worth."""

from __future__ import annotations

from digest.models import Post
from digest.select.rules import Facts


def score(post: Post, facts: Facts) -> float:
    """Return the weight of the post's section, 0..1."""
    return facts.section.weight


def sentence(post: Post, facts: Facts) -> str:
    """Name the section and the category that led there."""
    category = post.categories[0] if post.categories else "no category"
    return f"section '{facts.section.heading}' ({category}), weight {facts.section.weight:g}"
