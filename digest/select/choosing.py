"""The choice: from all posts to sections of picks, with a reason for every post in and out.

The order is total: score, then the newer post, then the id. The same posts, coverage and slot give the same
selection on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from digest.models import LeftOut, Newsletter, Pick, Post, Section, SectionRule, Selection, Slot
from digest.select.rules import Facts, all_rules
from digest.select.vocabulary import EVERYTHING_ELSE, fold


def select(newsletter: Newsletter, slot: Slot, posts: Iterable[Post], covered: Mapping[str, str]) -> Selection:
    """Choose the posts of one issue.

    `covered` maps the id of each post that an earlier issue brought to that issue's name.
    """
    left_out: list[LeftOut] = []
    candidates: list[tuple[SectionRule, Pick]] = []
    for post in posts:
        section = _section_for(post, newsletter.sections)
        reason = _why_not(post, slot, covered, section)
        if reason:
            left_out.append(LeftOut(post, *reason))
        elif section:
            candidates.append((section, _score(post, Facts(section, slot, newsletter.ranking))))
    candidates.sort(key=lambda candidate: _rank(candidate[1]))

    chosen: dict[str, list[Pick]] = {section.key: [] for section in newsletter.sections}
    total = 0
    for section, pick in candidates:
        mates = chosen[section.key]
        if len(mates) >= section.maximum:
            reason_out = f"section '{section.heading}' already has its {section.maximum} best posts"
            left_out.append(LeftOut(pick.post, "section-full", reason_out, pick.score))
        elif total >= newsletter.max_posts:
            reason_out = f"the issue already has its {newsletter.max_posts} best posts"
            left_out.append(LeftOut(pick.post, "issue-full", reason_out, pick.score))
        else:
            mates.append(pick)
            total += 1

    sections = (Section(rule.key, rule.heading, tuple(chosen[rule.key])) for rule in newsletter.sections)
    left_out.sort(key=lambda out: (-out.post.published_at.timestamp(), out.post.id))
    return Selection(slot, tuple(section for section in sections if section.picks), tuple(left_out))


def _rank(pick: Pick) -> tuple[float, float, str]:
    return (-round(pick.score, 9), -pick.post.published_at.timestamp(), pick.post.id)


def _section_for(post: Post, sections: tuple[SectionRule, ...]) -> SectionRule | None:
    """Return the section of the post's first category that any section takes, else the one that takes the rest."""
    by_category = {fold(name): section for section in reversed(sections) for name in section.categories}
    for category in post.categories:
        if fold(category) in by_category:
            return by_category[fold(category)]
    return by_category.get(EVERYTHING_ELSE)


def _why_not(post: Post, slot: Slot, covered: Mapping[str, str], section: SectionRule | None) -> tuple[str, str] | None:
    window = slot.window
    local = post.published_at.astimezone(window.start.tzinfo)
    if post.published_at < window.start:
        return "before-window", f"published {local:%Y-%m-%d %H:%M}, before {window.start:%Y-%m-%d %H:%M}"
    if post.published_at >= window.end:
        return "after-window", f"published {local:%Y-%m-%d %H:%M}, not before the cut-off {window.end:%Y-%m-%d %H:%M}"
    if post.opt_out:
        return "opted-out", "its front matter says `digest: false`"
    if post.withheld:
        return "withheld", f"the blog does not show it: {post.withheld}"
    if post.id in covered:
        return "covered", f"already in {covered[post.id]}"
    if section is None:
        return "no-section", f"no section takes {', '.join(post.categories) or 'a post without a category'}"
    return None


def _score(post: Post, facts: Facts) -> Pick:
    parts: dict[str, float] = {}
    reasons: list[str] = []
    for name, rule in all_rules().items():
        part = facts.ranking.weights.get(name, 0.0) * rule.score(post, facts)
        if part:
            parts[name] = round(part, 6)
            reasons.append(rule.sentence(post, facts))
    return Pick(post, round(sum(parts.values()), 6), MappingProxyType(parts), "; ".join(reasons))
