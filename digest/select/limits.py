"""Decides which limit would have to be higher, and by how much, for a post that found no place to be in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.models import Newsletter, Out
from digest.select.choosing import Judged


@dataclass(slots=True)
class _Ahead:
    """Posts that had their turns before."""

    posts: int = 0
    sections: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Judged) -> None:
        self.posts += 1
        self.sections[judged.candidate.section.key] += 1
        self.authors[judged.candidate.post.author] += 1


def limits(newsletter: Newsletter, judged: Sequence[Judged]) -> Iterator[str]:
    """Yield, for each candidate in the order of turns, what limits would have made room: `max_posts = 14`.

    Empty for one that is in, and where others would have come in first all the same.
    """
    to_come = len(takers_of_kept_places(judged))
    kept = takers_of_kept_places(judged)
    ahead: dict[Out | None, _Ahead] = {out: _Ahead() for out in (None, *Out)}
    for each in judged:
        ahead[each.out].add(each)
        to_come -= each.rank in kept
        yield _higher(newsletter, each, each.out, ahead, to_come) if each.out else ""


def takers_of_kept_places(judged: Sequence[Judged]) -> set[int]:
    """Return the ranks of the picks that stand in places which their sections keep by their minimum."""
    taken: Counter[str] = Counter()
    ranks = set()
    for each in judged:
        section = each.candidate.section
        if each.out is None:
            taken[section.key] += 1
            if taken[section.key] <= section.minimum:
                ranks.add(each.rank)
    return ranks


def _higher(
    newsletter: Newsletter, judged: Judged, why: Out, ahead: dict[Out | None, _Ahead], kept_to_come: int
) -> str:
    section, author = judged.candidate.section, judged.candidate.post.author
    chosen, alike, crowd = ahead[None], ahead[why], ahead[Out.ISSUE_FULL]
    # A higher limit also brings those that it kept out before; but that of a section only those of the section.
    posts = chosen.posts + kept_to_come + (alike.sections[section.key] if why is Out.SECTION_FULL else alike.posts)
    here = chosen.sections[section.key] + alike.sections[section.key]
    theirs = chosen.authors[author] + alike.authors[author]
    if posts > newsletter.max_posts and why is not Out.ISSUE_FULL:
        posts, here = posts + crowd.posts, here + crowd.sections[section.key]
        theirs += crowd.authors[author]
    higher = []
    if why is Out.AUTHOR_FULL:
        higher.append(f"max_per_author = {theirs}")
    elif newsletter.max_per_author and author and theirs > newsletter.max_per_author:
        return ""
    if here > section.maximum:
        higher.append(f"maximum = {here} in section '{section.key}'")
    if posts > newsletter.max_posts:
        higher.append(f"max_posts = {posts}")
    return " and ".join(higher)
