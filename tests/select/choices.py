"""Choices in a few words: what is chosen, what is not and why, and what a newsletter knew before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from digest.models import KnownPost, Ledger, LeftOut, Override, OverrideKind, Pick, Post, Ranking, Selection, Slot
from digest.select import select
from tests.factories import make_newsletter, make_post, make_slot

SLOT = make_slot()
START, END = SLOT.window.start, SLOT.window.end
NOTHING_KNOWN = Ledger()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAIN = Ranking(weights={"category": 1.0, "recency": 0.6, "pinned": 2.0, "author_weight": 0.5})
"""Rules that neither read texts nor look at other posts."""
_HEAD = "blog:_posts/2026-01-14-"


def chosen(
    *posts: Post, ledger: Ledger = NOTHING_KNOWN, overrides: Sequence[Override] = (), slot: Slot = SLOT, **changes: Any
) -> Selection:
    """Choose without stories, unless they are asked for."""
    return select(make_newsletter(**{"group_stories": False, **changes}), slot, posts, ledger, overrides)


def id_of(name: str) -> str:
    return f"{_HEAD}{name}.md"


def short(id_: str) -> str:
    return id_.removeprefix(_HEAD).removesuffix(".md")


def names(selection: Selection) -> list[str]:
    return [short(pick.post.id) for section in selection.sections for pick in section.picks]


def by_section(selection: Selection) -> dict[str, list[str]]:
    return {section.key: [short(pick.post.id) for pick in section.picks] for section in selection.sections}


def why(selection: Selection) -> dict[str, str]:
    return {short(out.post.id): str(out.code) for out in selection.left_out}


def out_of(selection: Selection, name: str) -> LeftOut:
    (out,) = (out for out in selection.left_out if short(out.post.id) == name)
    return out


def pick_of(selection: Selection, name: str) -> Pick:
    (pick,) = (pick for pick in (*selection.picks, *selection.more) if short(pick.post.id) == name)
    return pick


def known(post: Post, issue: str = "", *, seen: datetime | None = None, history: bool = False) -> KnownPost:
    """Return what a ledger says of a post that was seen when it appeared."""
    role = "pick" if issue else ""
    return KnownPost(post.id, post.url, post.title, post.published_at, seen or post.offered_at, history, issue, role)


def ledger_of(*posts: KnownPost, begun_at: datetime | None = START - 30 * DAY) -> Ledger:
    return Ledger({each.id: each for each in posts}, begun_at)


def says(kind: str, name: str, value: str = "", number: int = 1, who: str = "kay") -> Override:
    return Override(number, id_of(name), OverrideKind(kind), value, who, SLOT.due_at)


def series(number: int, prefix: str = "p", **changes: Any) -> Iterable[Post]:
    """Return posts an hour apart, the first one newest and so the best."""
    for place in range(number):
        yield make_post(f"{prefix}{place}", **{"published_at": END - (place + 1) * HOUR, **changes})
