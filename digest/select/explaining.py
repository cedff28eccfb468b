"""Decides how it is told why a post is out, and what would have brought it in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from digest.models import LeftOut, Newsletter, Out
from digest.select.choosing import Judged
from digest.select.limits import limits, takers_of_kept_places

_PIN = "pin it"
_REMEDIES = {
    Out.AFTER_WINDOW: "wait for the next issue, or choose a later cut-off",
    Out.HISTORY: _PIN,
    Out.TOO_OLD: "pin it, or raise max_age_days",
    Out.COVERED: "nothing: readers have it",
    Out.HELD: "change hold_until in its front matter, or pin it",
    Out.EXPIRED: "change expires in its front matter, or pin it",
    Out.WITHHELD: "publish it on the blog",
    Out.OPTED_OUT: "change newsletter in its front matter, or pin it",
    Out.UNSOUND: "mend the post, or pin it",
    Out.EXCLUDED: "undo the exclusion",
    Out.COPY: "delete one of the two, or pin it",
    Out.RETOLD: "pin it to bring both",
    Out.NO_SECTION: 'give it a category that a section takes, add a section that takes "*", or pin it',
    Out.SECTION_THIN: "lower the section's minimum, or pin it",
}


def remedy(why: Out) -> str:
    """Return what would have brought a post in that was no candidate."""
    return _REMEDIES.get(why, _PIN)


def explained(newsletter: Newsletter, judged: Sequence[Judged]) -> Mapping[str, LeftOut]:
    """Return, by the post's id, why each candidate that found no place is out, and what would have brought it in."""
    last = _last_scores(judged)
    told = {}
    for each, higher in zip(judged, limits(newsletter, judged), strict=True):
        if each.out is None:
            continue
        key = {Out.SECTION_FULL: each.candidate.section.key, Out.ISSUE_FULL: ""}.get(each.out)
        missing = f"{_more_than(last[key] - each.score):.2f} more points" if key in last else ""
        change = ", ".join(filter(None, (missing, _PIN))) + (f", or {higher}" if higher else "")
        found = f"{each.reason}; its text was not read" if each.unread else each.reason
        reason = f"{_full(newsletter, each)} ({found})"
        post = each.candidate.post
        told[post.id] = LeftOut(post, each.out, reason, each.score, each.parts, each.rank, change)
    return told


def retold(judged: Judged) -> Iterator[LeftOut]:
    """Yield the other posts that tell the story of a candidate which found no place."""
    said = f"tells the same story as “{judged.candidate.post.title}”, which found no place"
    for post in judged.candidate.also:
        yield LeftOut(post, Out.RETOLD, said, remedy=_PIN)


def _last_scores(judged: Sequence[Judged]) -> dict[str | None, float]:
    """Return the score of each section's last pick, and below "" of the last one in a place that no section keeps.

    What a person pinned does not count: no score comes before it.
    """
    kept = takers_of_kept_places(judged)
    last: dict[str | None, float] = {}
    for each in judged:
        if each.out is None and not each.candidate.place:
            last[each.candidate.section.key] = each.score
            if each.rank not in kept:
                last[""] = each.score
    return last


def _full(newsletter: Newsletter, judged: Judged) -> str:
    section = judged.candidate.section
    if judged.out is Out.AUTHOR_FULL:
        return f"{judged.candidate.post.author} already has {newsletter.max_per_author} posts in the issue"
    if judged.out is Out.SECTION_FULL:
        return f"section '{section.heading}' already has its {section.maximum} best posts"
    return f"the issue already has its {newsletter.max_posts} best posts"


def _more_than(points: float) -> float:
    """Return what is more than so many points, in hundredths."""
    return (math.floor(max(0.0, points) * 100 + 1e-6) + 1) / 100
