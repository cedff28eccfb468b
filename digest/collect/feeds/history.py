"""Decides which posts a feed has, had and took back, when it only ever holds its newest ones.

What was there before and is missing now has either been pushed out by newer posts or been taken back. It was pushed
out when it is older than where the feed ends: than its last item, not its oldest, so that an old post which is pinned
to the top or was edited does not pass for the feed's reach. A feed that breaks off says nothing of what is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from digest.collect.feeds.identity import identify
from digest.collect.feeds.items import Feed
from digest.collect.feeds.posts import Blog
from digest.collect.feeds.state import Known, State

KEPT = timedelta(days=120)
"""How long a post is remembered after it left the feed."""
_MOST = 2_000


def after(state: State, feed: Feed, blog: Blog, now: datetime, *, first: bool) -> State:
    """Return what is known once the feed was read: for the `first` time, or again."""
    before = {identity: each.item for identity, each in state.known.items()}
    there: dict[str, Known] = {}
    for rank, (identity, item) in enumerate(identify(feed.items, before.items())):
        known = state.known.get(identity) or Known(identity, item, now, rank, first, item.updated)
        there[identity] = replace(known, item=item, gone=False)
    age = _Age(blog, now)
    last = age.last([*there.values()])
    past = [
        replace(each, gone=each.gone or not (feed.cut or (last and age.pushed_out(each, last))))
        for identity, each in state.known.items()
        if identity not in there and (feed.cut or age.moment(each) > now - KEPT)
    ]
    past.sort(key=age.key, reverse=True)
    return replace(
        state,
        whole_at=state.whole_at if feed.cut else now,
        cut=feed.cut,
        complete_since=_complete_since(state, there, last, age),
        language=feed.language or (state.language if feed.cut else ""),
        author=feed.author or (state.author if feed.cut else ""),
        there=tuple(dict.fromkeys((*there, *state.there))) if feed.cut else tuple(there),
        known=there | {each.identity: each for each in past[:_MOST]},
    )


@dataclass(frozen=True, slots=True)
class _Age:
    """How old items are, for one reading."""

    blog: Blog
    now: datetime

    def moment(self, known: Known) -> datetime:
        """Return when an item was published or, without a date, first seen."""
        dated = self.blog.published(known, self.now)
        return dated.at if dated else known.first_seen

    def key(self, known: Known) -> tuple[datetime, int]:
        """Return what is smaller for what is older."""
        return self.moment(known), -known.rank

    def is_dated(self, known: Known) -> bool:
        """Tell whether an item has a date."""
        return self.blog.published(known, self.now) is not None

    def last(self, there: Sequence[Known]) -> Known | None:
        """Return the item with which the feed ends: its first when it begins with the oldest; None without any."""
        ordered = [each for each in there if self.is_dated(each)] or there
        steps = [later - earlier for earlier, later in pairwise(map(self.moment, ordered))]
        rises = sum(step > timedelta() for step in steps) > sum(step < timedelta() for step in steps)
        return ordered[0 if rises else -1] if ordered else None

    def pushed_out(self, known: Known, last: Known) -> bool:
        """Tell whether a missing item is older than the last one, which an edit may have brought to the top before."""
        changed = self.blog.changed(last, self.now)
        moment, rank = self.key(last)
        return self.key(known) < (max(moment, changed.at) if changed else moment, rank)


def _complete_since(state: State, there: dict[str, Known], last: Known | None, age: _Age) -> datetime | None:
    """Return since when no post can have been overlooked: as before, when the feed reaches back to what was seen then.

    A feed without dates reaches back when it still holds anything that it held before.
    """
    if last is None:
        return state.complete_since
    reach = age.moment(last)
    seen = [state.known[identity] for identity in state.there if identity in state.known]
    if age.is_dated(last):
        joined = any(reach <= age.moment(each) for each in seen if age.is_dated(each))
    else:
        joined = any(each.identity in there for each in seen)
    return min(state.complete_since, reach) if joined and state.complete_since else reach
