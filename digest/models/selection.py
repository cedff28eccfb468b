"""What was decided about the posts of one period, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from digest.models.newsletters import Slot
from digest.models.posts import Post


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


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its picks, best first."""

    key: str
    heading: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that is not in, and why."""

    post: Post
    code: str
    """`before-window`, `after-window`, `held`, `expired`, `covered`, `withheld`, `opted-out`, `no-section`,
    `section-full` or `issue-full`."""
    reason: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that was decided about the posts of one period."""

    slot: Slot
    sections: tuple[Section, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in the order in which a reader meets them."""
        return tuple(pick for section in self.sections for pick in section.picks)
