"""Names that people write in two places: a category in a post and in the newsletter's configuration."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from digest.models import Finding, Level, Newsletter, Post

EVERYTHING_ELSE = "*"


def fold(name: str) -> str:
    """Return the form in which names are compared: `ＡＩ ニュース` and `ai ニュース` are one category."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def unused_categories(newsletter: Newsletter, posts: Iterable[Post]) -> tuple[Finding, ...]:
    """Return a finding for each configured category that no post has: a warning where a misspelt name is likely."""
    written = {fold(name): name for post in posts for name in post.categories}
    findings = []
    for section in newsletter.sections:
        for name in section.categories:
            if name == EVERYTHING_ELSE or fold(name) in written:
                continue
            near = difflib.get_close_matches(fold(name), written, n=1)
            fix = f"did you mean '{written[near[0]]}'?" if near else f"the blog has: {_some(written.values())}"
            findings.append(
                Finding(
                    Level.WARNING if near else Level.INFO,
                    "config.unused-category",
                    f"Section '{section.key}' asks for the category '{name}', which no post has.",
                    file=newsletter.file,
                    fix=fix,
                )
            )
    return tuple(findings)


def _some(names: Iterable[str]) -> str:
    ordered = sorted(set(names))
    return ", ".join(ordered[:12]) + (f" and {len(ordered) - 12} more" if len(ordered) > 12 else "") or "no category"
