"""What the story of a week needs for one newsletter, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digest.check import Demands
from digest.models import (
    NO_LIMITS,
    Collection,
    DeliveryState,
    Email,
    Finding,
    Issue,
    Level,
    Limits,
    Newsletter,
    Post,
    Selection,
    Slot,
)
from digest.render import Links, Part, Renderer
from digest.send.audience import Audience
from digest.send.outbox import Delivered
from digest.send.ownership import Owner
from digest.send.providers import Provider
from digest.send.waves import AT_ONCE, Waves
from digest.store import Store
from digest.store.reviews import Asked

if TYPE_CHECKING:  # it tells of what stands here
    from digest.pipeline.asking import Asker


@dataclass(frozen=True, slots=True)
class Press:
    """All that the story needs for one newsletter; `digest.app` puts it together."""

    newsletter: Newsletter
    read_posts: Callable[[datetime], Collection]
    read_audience: Callable[[], Audience]
    renderer: Renderer
    links: Callable[[Slot], Links]
    store: Store
    provider: Provider
    owner: Owner
    concurrency: int = 1
    patience_seconds: float = 300
    limits: Limits = NO_LIMITS
    """How fast mail may leave, and when refusals stop it."""
    waves: Waves = AT_ONCE
    """Who gets an issue before the others."""
    demands: Demands = field(default_factory=Demands)
    """What the checks measure the mail by."""
    warnings: tuple[Finding, ...] = ()
    """About the configuration as a whole; told with every draft."""
    root: Path | None = None
    """The project's folder: findings name its files relative to it."""
    watched: Callable[[], Sequence[Path]] = tuple
    """The files and folders whose change changes an issue."""
    asker: Callable[[], Asker] | None = None
    """Who shows people an issue before it leaves; without it, nobody is told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue as it would be if it were frozen now."""

    slot: Slot
    number: int
    posts: tuple[Post, ...]
    """All that the sources show."""
    selection: Selection
    email: Email
    findings: tuple[Finding, ...]
    """About the e-mail: an error keeps it from leaving."""
    problems: tuple[Finding, ...]
    """About posts, readers and configuration: told to people, but no reason to keep the others waiting."""
    parts: tuple[Part, ...] = ()
    """Where the bytes of the e-mail's HTML are, from top to bottom."""
    compact: tuple[str, ...] = ()
    """Ids of the posts that are as brief as can be, so that the e-mail fits."""

    @property
    def blocked(self) -> bool:
        """Whether a finding keeps the e-mail from leaving."""
        return any(finding.level is Level.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Question:
    """What people are asked about an issue before it leaves."""

    issue: Issue
    """In the version that is shown."""
    slot: Slot
    now: datetime
    draft: Draft | None
    """Set when it was built in this run."""
    before: Asked | None
    """What they were asked last."""
    ends_at: datetime | None
    """From when on it is too late to leave without an approval; None when this run lets it leave however late."""
    is_reminder: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, for whoever reports it."""

    issue: Issue
    says: str
    """One sentence for a person."""
    # asyncio.run puts its result into words (and throws them away) when it gives SIGINT back: that of a thousand posts
    # would take ten seconds.
    draft: Draft | None = field(default=None, repr=False)
    """Set when the issue was built in this run."""
    delivered: Delivered | None = None
    """Set when mail was sent in this run."""
    tally: Mapping[DeliveryState, int] | None = None
    audience_problems: tuple[Finding, ...] = ()
    untold: tuple[Finding, ...] = ()
    """What could not be told to those who are to look at the issue."""
