"""Decides what a person is told of a title or a summary that no editor would send."""

from __future__ import annotations

from digest.models import Finding, Level, Post
from digest.select.soundness import is_answer, is_placeholder

__all__ = ["is_answer", "is_placeholder", "suspicions"]

_FIX = "Write it anew, or write newsletter: false until that is done."


def suspicions(post: Post) -> tuple[Finding, ...]:
    """Return a warning for a title, and for a summary, that nobody can have meant for readers."""
    answer, placeholder = "reads like the answer of a language model", "only holds the place of one"
    title = answer if is_answer(post.title) else placeholder if is_placeholder(post.title) else ""
    summary = answer if is_answer(post.summary) else ""
    return tuple(
        Finding(Level.WARNING, "post.refusal", f"The {what} {says}: “{_short(text)}”", post.path, fix=_FIX)
        for what, says, text in (("title", title, post.title), ("summary", summary, post.summary))
        if says
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
