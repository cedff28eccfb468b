"""Decides how a person's say for one issue changes it: it is applied last and wins over every rule.

What the law of the digest forbids stays forbidden: a post that readers have got already, or that the blog does not
show, is not brought by a pin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from digest.models import LeftOut, Out, Override, OverrideKind, Pick, Post, Section, SectionRule

_NO_PIN_HELPS = (Out.COVERED, Out.WITHHELD, Out.AFTER_WINDOW)


class Say:
    """The standing overrides of one issue, by post."""

    def __init__(self, overrides: Sequence[Override], sections: Sequence[SectionRule] = ()) -> None:
        keys = {section.key for section in sections}
        self._all = tuple(each for each in overrides if each.kind is not OverrideKind.MOVE or each.value in keys)
        self._nowhere = tuple(each for each in overrides if each not in self._all)
        self._by_post = {(each.post_id, each.kind): each for each in self._all}
        self._pinned = [each.post_id for each in overrides if each.kind is OverrideKind.PIN]

    def place(self, post: Post) -> int:
        """Return the place of a post among those that were pinned, from 1; 0 when it was not."""
        return self._pinned.index(post.id) + 1 if post.id in self._pinned else 0

    def excluded(self, post: Post) -> str:
        """Return why a person keeps a post out; empty when nobody does."""
        override = self._by_post.get((post.id, OverrideKind.EXCLUDE))
        return f"excluded {_by(override)}" if override else ""

    def section(self, post: Post) -> str:
        """Return the key of the section to which a person moved the post, or nothing."""
        override = self._by_post.get((post.id, OverrideKind.MOVE))
        return override.value if override else ""

    def may_return(self, out: LeftOut) -> bool:
        """Tell whether a post that is out is brought in by a pin."""
        return self.place(out.post) > 0 and out.code not in _NO_PIN_HELPS and not self.excluded(out.post)

    def remarks(self, post: Post) -> tuple[str, ...]:
        """Return in words what people decided about a post."""
        said = {
            OverrideKind.PIN: "pinned to this issue",
            OverrideKind.MOVE: "moved to this section",
            OverrideKind.ORDER: "put in this place",
            OverrideKind.TITLE: "title reworded",
            OverrideKind.EXCERPT: "excerpt reworded",
        }
        mine = [each for each in self._all if each.post_id == post.id and each.kind in said]
        return tuple(f"{said[each.kind]} {_by(each)}" for each in mine)

    def ordered(self, section: Section) -> Section:
        """Return the section with picks in the places to which people put them; of two in one, the last said wins."""
        there = {pick.post.id: pick for pick in section.picks}
        said = [each for each in self._all if each.kind is OverrideKind.ORDER and each.post_id in there]
        put = {each.post_id for each in said}
        picks = [pick for pick in section.picks if pick.post.id not in put]
        for each in sorted(said, key=lambda each: int(each.value)):
            picks.insert(max(0, int(each.value) - 1), there[each.post_id])
        return replace(section, picks=tuple(picks))

    def reworded(self, pick: Pick) -> Pick:
        """Return the pick with the title and the words that a person gave it."""
        excerpt = self._by_post.get((pick.post.id, OverrideKind.EXCERPT))
        post = self._titled(pick.post)
        post = replace(post, blurb=excerpt.value) if excerpt else post
        return replace(pick, post=post, also=tuple(map(self._titled, pick.also)))

    def without_effect(self, shown: Mapping[str, str]) -> tuple[str, ...]:
        """Return a sentence for each override that changes nothing; `shown` is what `Selection.shown` is."""
        return (
            *(f"{_said(each)} has no effect: there is no section '{each.value}'" for each in self._nowhere),
            *(
                f"{_said(each)} has no effect: the post is {'only named by its title' if role else 'not in the issue'}"
                for each in self._all
                if each.kind is not OverrideKind.EXCLUDE
                and (role := shown.get(each.post_id)) != "pick"
                and not (role and each.kind is OverrideKind.TITLE)
            ),
        )

    def _titled(self, post: Post) -> Post:
        title = self._by_post.get((post.id, OverrideKind.TITLE))
        return replace(post, title=title.value) if title else post


def _said(override: Override) -> str:
    return f"{override.kind} of {override.post_id} {_by(override)}"


def _by(override: Override) -> str:
    return f"by {override.who} on {override.at:%Y-%m-%d}"
