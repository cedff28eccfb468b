"""What is known about posts from one issue to the next, and what people said about those of one issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.models.schedules import Window


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post that was seen before, and what the readers of one newsletter have of it."""

    id: str
    url: str
    title: str
    published_at: datetime
    first_seen_at: datetime
    """When the issue was due that was the first to know of it, whenever that was built."""
    history: bool
    """It was there before the newsletter began, so it is never offered."""
    issue: str
    """The issue that brought it, `weekly/2026-W46`; empty when none did."""
    role: str
    """`pick`, `more` or `also` in that issue; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one newsletter knows when an issue is made."""

    known: Mapping[str, KnownPost] = field(default_factory=dict)
    """Id of a post -> what is known of it; in the order of the ids."""
    begun_at: datetime | None = None
    """Start of the window of the newsletter's first issue; None before there is one."""
    open_windows: tuple[Window, ...] = ()
    """Windows of the directly preceding issues that were skipped for having too few posts, oldest first; in UTC."""


class OverrideKind(StrEnum):
    """What a person can say about a post of one issue."""

    PIN = "pin"
    EXCLUDE = "exclude"
    MOVE = "move"
    ORDER = "order"
    TITLE = "title"
    EXCERPT = "excerpt"


@dataclass(frozen=True, slots=True)
class Override:
    """A person's say about one post of one issue: it is applied last, whenever the issue is built."""

    id: int
    post_id: str
    kind: OverrideKind
    value: str
    """`move`: key of the section; `order`: place, from 1; `title` and `excerpt`: the words; else empty."""
    who: str
    at: datetime
    undone_at: datetime | None = None
    """None while it stands."""
    undone_by: str = ""
