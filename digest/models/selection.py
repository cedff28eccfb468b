"""What was decided about the posts of one period, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from digest.models.posts import Post
from digest.models.schedules import Slot


class Origin(StrEnum):
    """How a post comes to be offered to an issue."""

    NEW = "new"
    """It appeared in the issue's window."""
    LATE = "late"
    """It is dated before the window, but the blog did not show it then."""
    AGAIN = "again"
    """An earlier issue did not bring it."""


class Coverage(StrEnum):
    """What became of a post for the readers of one newsletter; every post is in exactly one of these states."""

    SENT = "sent"
    HELD = "held"
    EXCLUDED = "excluded"
    EXPIRED = "expired"
    OPEN = "not yet covered"


@dataclass(frozen=True, slots=True)
class Pick:
    """A post that is in, and why."""

    post: Post
    score: float
    parts: Mapping[str, float]
    """Rule name -> the part of the score it gave (already weighted); they add up to `score`."""
    reason: str
    excerpt: str = ""
    """Plain text for the reader; set once the selection is final."""
    also: tuple[Post, ...] = ()
    """Other posts that tell the same story, the most complete first."""
    origin: Origin = Origin.NEW
    rank: int = 0
    """Its place among all candidates, from 1."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its picks, in the order in which they are shown."""

    key: str
    heading: str
    picks: tuple[Pick, ...]


class Out(StrEnum):
    """Why a post is not in."""

    AFTER_WINDOW = "after-window"
    HISTORY = "history"
    TOO_OLD = "too-old"
    COVERED = "covered"
    HELD = "held"
    EXPIRED = "expired"
    WITHHELD = "withheld"
    OPTED_OUT = "opted-out"
    UNSOUND = "unsound"
    EXCLUDED = "excluded"
    COPY = "copy"
    RETOLD = "retold"
    """It tells the story of another post that is in, or that comes before it."""
    NO_SECTION = "no-section"
    SECTION_FULL = "section-full"
    SECTION_THIN = "section-thin"
    AUTHOR_FULL = "author-full"
    ISSUE_FULL = "issue-full"

    @property
    def coverage(self) -> Coverage:
        """What the readers of the newsletter have of such a post."""
        return _COVERAGE.get(self, Coverage.OPEN)


_COVERAGE = {
    Out.COVERED: Coverage.SENT,
    Out.HELD: Coverage.HELD,
    Out.UNSOUND: Coverage.HELD,
    Out.HISTORY: Coverage.EXCLUDED,
    Out.WITHHELD: Coverage.EXCLUDED,
    Out.OPTED_OUT: Coverage.EXCLUDED,
    Out.EXCLUDED: Coverage.EXCLUDED,
    Out.COPY: Coverage.EXCLUDED,
    Out.EXPIRED: Coverage.EXPIRED,
    Out.TOO_OLD: Coverage.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that is not in, and why."""

    post: Post
    code: Out
    reason: str
    score: float | None = None
    """None for a post that was no candidate."""
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    rank: int = 0
    """Its place among all candidates, from 1; 0 for a post that was none."""
    remedy: str = ""
    """What would have brought it in."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that was decided about the posts of one period: each is picked, told as another's `also`, or left out.

    A post that is in twice over does not exist: `sections`, `more`, their `also` and `left_out` do not overlap.
    """

    slot: Slot
    sections: tuple[Section, ...]
    left_out: tuple[LeftOut, ...]
    more: tuple[Pick, ...] = ()
    """What did not fit and is told by its title, best first."""
    lead: str = ""
    """Id of the pick that opens the issue; empty when none does."""
    notes: tuple[str, ...] = ()
    """What staff should know about the choice as a whole."""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in the order in which a reader meets them: the lead, then section by section."""
        picks = [pick for section in self.sections for pick in section.picks]
        return tuple(sorted(picks, key=lambda pick: pick.post.id != self.lead))

    @property
    def fresh(self) -> int:
        """How many picks no earlier issue could have brought."""
        return sum(pick.origin is not Origin.AGAIN for pick in self.picks)

    @property
    def shown(self) -> Mapping[str, str]:
        """What readers see of the issue: id -> `pick`, `more` or `also`."""
        roles = {pick.post.id: "pick" for pick in self.picks} | {pick.post.id: "more" for pick in self.more}
        also = {post.id: "also" for pick in (*self.picks, *self.more) for post in pick.also}
        return also | roles
