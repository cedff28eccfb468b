"""A post that may be in an issue, with what was found out about it on the way."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Origin, Post, SectionRule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that nothing keeps out of the issue so far."""

    post: Post
    origin: Origin
    section: SectionRule
    others: tuple[Candidate, ...] = ()
    """The other candidates that tell the same story, the most complete first."""
    remarks: tuple[str, ...] = ()
    """What a person should know about how it came here."""
    place: int = 0
    """Among the posts that a person pinned to this issue, from 1; 0 for all others."""
    moved: bool = False
    """Whether a person put it into its section."""
    read: bool = False
    """Whether its text was looked at, and those of the others."""

    @property
    def also(self) -> tuple[Post, ...]:
        """The other posts that tell the same story, the most complete first."""
        return tuple(other.post for other in self.others)
