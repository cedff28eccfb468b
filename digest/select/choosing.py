"""The choice: from all posts to sections of picks, with a reason for every post in and out.

The order is total: score, then the post that was offered later, then the id. The same posts, coverage and slot give
the same selection on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from digest.models import LeftOut, Newsletter, Pick, Post, Section, SectionRule, Selection, Slot
from digest.select.placing import Placing
from digest.select.rules import Facts, all_rules


def select(newsletter: Newsletter, slot: Slot, posts: Iterable[Post], covered: Mapping[str, str]) -> Selection:
    """Choose the posts of one issue.

    `covered` maps the id of each post that an earlier issue brought to that issue's name.
    """
    left_out: list[LeftOut] = []
    candidates: list[tuple[SectionRule, Pick]] = []
    placing = Placing(newsletter.sections)
    for post in posts:
        reason = _why_not(post, slot, covered)
        section, remarks = (None, ()) if reason else placing.of(post)
        if reason:
            left_out.append(LeftOut(post, *reason))
        elif section is None:
            left_out.append(LeftOut(post, "no-section", "; ".join(remarks)))
        else:
            candidates.append((section, _score(post, Facts(section, slot, newsletter.ranking), remarks)))
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
    return (-round(pick.score, 9), -pick.post.offered_at.timestamp(), pick.post.id)


def _why_not(post: Post, slot: Slot, covered: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the code and the reason why the post cannot be in this issue, whatever the section."""
    window = slot.window

    def local(moment: datetime) -> str:
        return f"{moment.astimezone(window.start.tzinfo):%Y-%m-%d %H:%M}"

    held = bool(post.hold_until and post.hold_until > post.published_at)
    offered = f"{'held until' if held else 'published'} {local(post.offered_at)}"
    if post.offered_at < window.start:
        return "before-window", f"{offered}, before {local(window.start)}"
    if post.published_at < window.end <= post.offered_at:
        return "held", f"its author holds it until {local(post.offered_at)}, after the cut-off {local(window.end)}"
    if post.offered_at >= window.end:
        return "after-window", f"{offered}, not before the cut-off {local(window.end)}"
    if post.opt_out:
        return "opted-out", "its front matter keeps it out: `newsletter` says so, or says what nobody can understand"
    if post.expires and post.expires <= slot.due_at:
        return "expired", f"expired {local(post.expires)}, and the issue leaves {local(slot.due_at)}"
    if post.withheld:
        return "withheld", f"the blog does not show it: {post.withheld}"
    if post.id in covered:
        return "covered", f"already in {covered[post.id]}"
    return None


def _score(post: Post, facts: Facts, remarks: Iterable[str]) -> Pick:
    parts: dict[str, float] = {}
    reasons: list[str] = []
    for name, rule in all_rules().items():
        part = facts.ranking.weights.get(name, 0.0) * rule.score(post, facts)
        if part:
            parts[name] = round(part, 6)
            reasons.append(rule.sentence(post, facts))
    return Pick(post, round(sum(parts.values()), 6), MappingProxyType(parts), "; ".join([*reasons, *remarks]))
