"""What people said about the posts of an issue, and what more its page lets them say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.models import Collection, Issue, IssueState, Newsletter, Out, Override, OverrideKind, SectionRule
from digest.pipeline import Draft
from digest.store.issues import MAY_BE_BUILT

NO_PIN_HELPS = frozenset({Out.COVERED, Out.WITHHELD, Out.AFTER_WINDOW})
"""Posts that readers have, or must not get yet: no page offers to bring them in."""
_WAITING = (IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED, IssueState.HELD)


@dataclass(frozen=True, slots=True)
class Sayings:
    """All that was said about one issue, in the order of saying it."""

    history: tuple[Override, ...]
    may_be_said: bool
    """Whether the issue may still be changed."""
    waiting: str
    """State of the version that will be built anew by whatever is said; empty when none is."""
    sections: tuple[SectionRule, ...]
    titles: Mapping[str, str]
    """Of the posts that were spoken about, as the blog has them: id -> title."""
    excerpts: Mapping[str, str]
    """What readers see below the titles now: id -> words."""

    def standing(self, post_id: str, kind: str) -> Override | None:
        """Return what holds about a post."""
        found = (each for each in self.history if each.undone_at is None)
        return next((each for each in found if (each.post_id, each.kind) == (post_id, kind)), None)

    def heading(self, key: str) -> str:
        """Return the heading of a section; its key when there is none of that key any more."""
        return next((each.heading for each in self.sections if each.key == key), key)

    def brings(self, code: str) -> bool:
        """Tell whether a pin brings in what is out for a reason."""
        return code not in NO_PIN_HELPS


def sayings(
    history: tuple[Override, ...],
    issue: Issue | None,
    newsletter: Newsletter,
    posts: Collection | None,
    made: Draft | None,
) -> Sayings:
    """Return what the page of an issue shows; `made` is its draft, if there is one."""
    spoken_of = {each.post_id for each in history}
    picks = made.selection.picks if made else ()
    return Sayings(
        history,
        may_be_said=issue is None or issue.state in MAY_BE_BUILT,
        waiting=str(issue.state) if issue and issue.state in _WAITING else "",
        sections=tuple(newsletter.sections),
        titles={post.id: post.title for post in (posts.posts if posts else ()) if post.id in spoken_of},
        excerpts={pick.post.id: pick.excerpt for pick in picks},
    )


def anchor(post_id: str) -> str:
    """Return a name for a post that can stand in an `id` of a page: a post's own may hold anything."""
    return hashlib.sha256(post_id.encode(errors="surrogatepass")).hexdigest()[:12]


def places_to_say(shown: Sequence[str], said: Mapping[str, int], post_id: str, place: int) -> Sequence[tuple[str, int]]:
    """Return the places to say, the post's own last, so that it comes to `place` (from 1) and the others keep order.

    `shown` are the ids of a section as it is, `said` the places that people gave to some, in the order of saying.
    """
    others = [each for each in shown if each != post_id]
    wanted = [*others[: place - 1], post_id, *others[place - 1 :]]
    before = {each: at for each, at in said.items() if each != post_id and each in others}
    if _ordered(wanted, {**before, post_id: place}) == wanted:
        return [(post_id, place)]
    # What was said before would push it aside: everything that has a place gets the one that it is to have.
    anew = {each: wanted.index(each) + 1 for each in before}
    return [*((each, at) for each, at in anew.items() if at != before[each]), (post_id, wanted.index(post_id) + 1)]


def _ordered(section: Sequence[str], said: Mapping[str, int]) -> list[str]:
    """Return a section as `digest.select` puts it; of two in one place, the last said comes first."""
    ids = [each for each in section if each not in said]
    for each, place in sorted(said.items(), key=lambda pair: pair[1]):
        ids.insert(place - 1, each)
    return ids


def places_said(history: Iterable[Override]) -> Mapping[str, int]:
    """Return the places that hold, in the order of saying them: id -> place from 1."""
    return {each.post_id: int(each.value) for each in history if each.kind is OverrideKind.ORDER}
