"""Decides which posts may be in an issue at all: those of its window, and older ones that no issue brought yet.

What readers have of a post is asked of the ledger, never of a date: a post that came late, did not fit, or belongs to
a week that failed is offered again until it is too old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import KnownPost, Ledger, LeftOut, Newsletter, Origin, Out, Post, Slot
from digest.select.identity import Identities


@dataclass(frozen=True, slots=True)
class Offered:
    """What becomes of all posts before anything is ranked."""

    posts: tuple[tuple[Post, Origin], ...]
    left_out: tuple[LeftOut, ...]
    told: tuple[tuple[Post, str], ...]
    """Posts that readers have got lately, with the issue that brought them: their stories are not told again."""


def offered(newsletter: Newsletter, slot: Slot, posts: Iterable[Post], ledger: Ledger) -> Offered:
    """Sort out which posts may be in the issue of a slot."""
    everything = sorted(posts, key=lambda post: post.id)
    question = _Question(newsletter, slot, ledger, everything)
    candidates: list[tuple[Post, Origin]] = []
    left_out: list[LeftOut] = []
    told: list[tuple[Post, str]] = []
    for post in everything:
        known, moment = question.identities.of(post), post.offered_at.timestamp()
        if out := question.out(post, moment, known):
            left_out.append(LeftOut(post, *out))
            if out[0] is Out.COVERED and known and question.is_recent(moment):
                told.append((post, known.issue))
        else:
            candidates.append((post, question.origin(moment, known)))
    return Offered(tuple(candidates), tuple(left_out), tuple(told))


class _Question:
    """Whether a post may be in the issue of one slot."""

    def __init__(self, newsletter: Newsletter, slot: Slot, ledger: Ledger, posts: Sequence[Post]) -> None:
        self.identities = Identities(ledger, {post.id for post in posts})
        self._slot = slot
        self._max_age_days = newsletter.max_age_days
        # Moments are compared as timestamps: of two times in one zone, Python compares what the clock shows, and when
        # clocks are put back an hour shows twice.
        self._start, self._end = slot.window.start.timestamp(), slot.window.end.timestamp()
        self._oldest = (slot.window.end - timedelta(days=newsletter.max_age_days)).timestamp()
        self._begun_at = min(ledger.begun_at.timestamp() if ledger.begun_at else self._start, self._start)
        self._sources = {source_of(id_) for id_ in ledger.known}

    def is_recent(self, moment: float) -> bool:
        """Tell whether a post would still be offered if no issue had brought it."""
        return moment >= min(self._oldest, self._start)

    def origin(self, moment: float, known: KnownPost | None) -> Origin:
        """Say how a post that may be in the issue comes to be offered."""
        if moment >= self._start:
            return Origin.NEW
        due_at = self._slot.due_at.timestamp()
        return Origin.AGAIN if known and known.first_seen_at.timestamp() < due_at else Origin.LATE

    def out(self, post: Post, moment: float, known: KnownPost | None) -> tuple[Out, str] | None:
        """Return why a post that is offered at a moment, a timestamp, cannot be in the issue, however good it is."""
        if known and known.issue:
            moved = f" (then known as {known.id})" if known.id != post.id else ""
            return Out.COVERED, f"already in {known.issue}{moved}"
        if moment >= self._end:
            end = self._local(self._slot.window.end)
            if post.published_at.timestamp() < self._end:
                return Out.HELD, f"its author holds it until {self._local(post.offered_at)}, after the cut-off {end}"
            return Out.AFTER_WINDOW, f"{self._appeared(post)}, not before the cut-off {end}"
        if known.history if known else self._is_history(post, moment):
            return Out.HISTORY, f"{self._appeared(post)}, before the newsletter began to look at the blog"
        if post.opt_out:
            text = "its front matter keeps it out: `newsletter` says so, or says what nobody can understand"
            return Out.OPTED_OUT, text
        if post.withheld:
            return Out.WITHHELD, f"the blog does not show it: {post.withheld}"
        if post.expires and post.expires.timestamp() <= self._slot.due_at.timestamp():
            text = f"expired {self._local(post.expires)}, and the issue leaves {self._local(self._slot.due_at)}"
            return Out.EXPIRED, text
        if not self.is_recent(moment):
            return Out.TOO_OLD, f"{self._appeared(post)}, more than {self._max_age_days} days before the cut-off"
        return None

    def _is_history(self, post: Post, moment: float) -> bool:
        """Tell whether a post that was never seen was there before the newsletter, or its use of the blog, began."""
        if source_of(post.id) in self._sources:
            return False
        return moment < (self._start if self._sources else self._begun_at)

    def _appeared(self, post: Post) -> str:
        held = post.hold_until and post.hold_until.timestamp() > post.published_at.timestamp()
        return f"{'held until' if held else 'published'} {self._local(post.offered_at)}"

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._slot.window.start.tzinfo):%Y-%m-%d %H:%M}"


def source_of(id_: str) -> str:
    """Return the blog's name in a post's id."""
    return id_.partition(":")[0]
