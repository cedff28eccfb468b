"""Names that people write in two places, in a post and in the newsletter's configuration: categories and sections."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from digest.models import Finding, Level, Newsletter, Post, Selection

EVERYTHING_ELSE = "*"
_ALIKE = 0.75
"""From this likeness on, 0 to 1, a name that nobody knows looks like a misspelling of another."""


def fold(name: str) -> str:
    """Return the form in which names are compared: `ＡＩ ニュース` and `ai ニュース` are one category."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name of which `name` is most likely a misspelling; nothing when it is like none."""
    folded = {fold(each): each for each in known}
    near = difflib.get_close_matches(fold(name), folded, n=1, cutoff=_ALIKE)
    return folded[near[0]] if near else ""


def unknown_sections(newsletter: Newsletter, selection: Selection) -> tuple[Finding, ...]:
    """Return a finding for each chosen post whose author asks for a section that the newsletter does not have.

    It is a warning where a misspelt key is likely, else for information: another newsletter may have the section.
    """
    keys = {fold(section.key): section.key for section in newsletter.sections}
    findings = []
    for post in (pick.post for pick in selection.picks):
        if post.section and fold(post.section) not in keys:
            near = nearest(post.section, keys.values())
            findings.append(
                Finding(
                    Level.WARNING if near else Level.INFO,
                    "post.section",
                    f"The post asks for the section '{post.section}', which '{newsletter.slug}' does not have; "
                    "its categories decided.",
                    file=post.path,
                    fix=f"did you mean '{near}'?" if near else f"sections: {', '.join(keys.values())}",
                )
            )
    return tuple(findings)


def unused_categories(newsletter: Newsletter, posts: Iterable[Post]) -> tuple[Finding, ...]:
    """Return a finding for each configured category that no post has: a warning where a misspelt name is likely."""
    written = {fold(name): name for post in posts for name in post.categories}
    findings = []
    for section in newsletter.sections:
        unused = [name for name in section.categories if name != EVERYTHING_ELSE and fold(name) not in written]
        misspelt = {name: near for name in unused if (near := nearest(name, written.values()))}
        others = [name for name in unused if name not in misspelt]
        for name, near in misspelt.items():
            findings.append(_unused(newsletter, section.key, [name], Level.WARNING, f"did you mean '{near}'?"))
        if others:
            known = f"the blog has: {_some(written.values())}"
            findings.append(_unused(newsletter, section.key, others, Level.INFO, known))
    return tuple(findings)


def _unused(newsletter: Newsletter, section: str, names: list[str], level: Level, fix: str) -> Finding:
    what = "category" if len(names) == 1 else "categories"
    asked = ", ".join(f"'{name}'" for name in names)
    message = f"Section '{section}' asks for the {what} {asked}, which no post has."
    return Finding(level, "config.unused-category", message, file=newsletter.file, fix=fix)


def _some(names: Iterable[str]) -> str:
    ordered = sorted(set(names))
    return ", ".join(ordered[:12]) + (f" and {len(ordered) - 12} more" if len(ordered) > 12 else "") or "no category"
