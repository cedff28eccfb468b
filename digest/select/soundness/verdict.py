"""Decides whether any editor would send a post: whether it can be picked without a person who asks for it."""

from __future__ import annotations

import re

from digest.models import Post
from digest.select.soundness.answers import is_answer, is_placeholder
from digest.select.soundness.languages import foreign_to, name_of
from digest.select.soundness.passages import repetition
from digest.select.soundness.prose import shows_something, without_code

_ANSWER = "reads like the answer of a language model"
_PLACEHOLDER = "only holds the place of one"
_SKIPPED = re.compile(r"#|[-*_=]{2,}|<|!\[|\{|\|")
"""A heading, a rule, a tag or a picture is not yet what a text begins with."""
_QUOTED = re.compile(r"[*_]*[>\"'「『“‘]")
_HEAD = 4_000
"""Characters at the beginning of a text in which its first line is looked for."""
_SHORT = 60
"""Letters of a text that may be a placeholder and nothing else."""
_SAID = 40
_LONGEST_ADDRESS = 2_000
"""Characters; a longer one old mail programs do not open, and a few of them fill a mail all alone."""


def unsound(post: Post, language: str) -> str:
    """Return why the post is held, as an English phrase that completes “it is held: …”; empty when it is fine.

    `language` is the newsletter's, as BCP 47. A text in another language is fine where the post says so. Reads the
    post's text, which may raise `SourceError`; what it takes is linear in the text's length.
    """
    if len(post.url) > _LONGEST_ADDRESS:
        return f"its address has {len(post.url):,} characters, more than mail programs open"
    if is_answer(post.title):
        return f"its title {_ANSWER}"
    if is_placeholder(post.title):
        return f"its title {_PLACEHOLDER}"
    body = post.body
    if not shows_something(body):
        return "" if post.summary.strip() or post.blurb.strip() or post.image else "it has no text"
    if fault := _of_beginning(body):
        return f"its text {fault}"
    told = repetition(body)
    if told.starts_over:
        return f"its text starts over word for word (from “{_short(told.beginning)}”)"
    if told.loops:
        return f"its text says the same passages again and again ({told.in_passages:.0%} of it stands there before)"
    return _wrong_language(body, post.language, language)


def _of_beginning(body: str) -> str:
    """Say what is wrong with the first words, quotations excepted."""
    stripped = body.strip()
    if len(stripped) <= _SHORT and is_placeholder(stripped):
        return _PLACEHOLDER
    for line in without_code(stripped[:_HEAD]).split("\n"):
        first = line.strip()
        if not first or _SKIPPED.match(first):
            continue
        if _QUOTED.match(first):
            return ""
        if is_answer(first):
            return _ANSWER
        return _PLACEHOLDER if first[:11].casefold() == "lorem ipsum" else ""
    return ""


def _wrong_language(body: str, own: str, newsletter: str) -> str:
    declared = own or newsletter
    spoken = foreign_to(body, declared)
    if not spoken or (own and not foreign_to(body, newsletter)):
        return ""
    whose = f"it is marked as {name_of(own)}" if own else f"the newsletter's language is {name_of(newsletter)}"
    return f"its text is in {name_of(spoken)}, and {whose}"


def _short(text: str) -> str:
    return text if len(text) <= _SAID else text[:_SAID].rstrip() + "…"
