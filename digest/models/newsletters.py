"""What marketing configures, and the calendar that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time whose posts an issue is about: `start <= offered_at < end`, both aware."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class WeeklySchedule:
    """The moment of a week, in the newsletter's own zone, when an issue is due."""

    weekday: int
    """Monday is 0, as in `datetime.weekday()`."""
    hour: int
    minute: int
    time_zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """One due moment of a newsletter, and the period that it stands for."""

    period: str
    """ISO week of the local date on which the issue is due: `2026-W47`."""
    due_at: datetime
    window: Window


@dataclass(frozen=True, slots=True)
class SectionRule:
    """What marketing configured for one section."""

    key: str
    heading: str
    categories: tuple[str, ...]
    """Compared after NFKC and case folding; `*` takes what no other section takes."""
    weight: float = 1.0
    """In 0..1: how much a post of this section is worth beside those of others."""
    maximum: int = 4


@dataclass(frozen=True, slots=True)
class Ranking:
    """How much each rule counts (rule name -> weight) and how fast news grow old."""

    weights: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"category": 1.0, "recency": 0.6, "pinned": 2.0, "author_weight": 0.5})
    )
    half_life_days: float = 3.5


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address, as in a From header."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for the mail: what the law wants to see at the foot of every issue."""

    name: str
    postal_address: str
    contact: str
    """An e-mail address, phone number or URL for complaints."""


@dataclass(frozen=True, slots=True)
class Newsletter:
    """What marketing configures: one file in `config/newsletters/`."""

    slug: str
    title: str
    language: str
    schedule: WeeklySchedule
    sections: tuple[SectionRule, ...]
    sender: Mailbox
    publisher: Publisher
    subject: str
    """A Jinja2 template; its variables are those of the mail."""
    preheader: str
    """Likewise."""
    greeting: str = ""
    """Likewise; shown above the first section."""
    reply_to: Mailbox | None = None
    template: str = "weekly"
    design: Mapping[str, object] = field(default_factory=dict)
    """Values for the tokens that the template declares in `tokens.toml`."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Overrides of the template's built-in words (`config/copy/<language>.toml`)."""
    ranking: Ranking = field(default_factory=Ranking)
    max_posts: int = 12
    min_posts: int = 1
    """With fewer posts the week is skipped, and the reason recorded."""
    excerpt_columns: int = 160
    """Display columns of an excerpt: a full-width character counts two."""
    audience: str = "config/audience.csv"
    """A CSV file of readers, relative to the project."""
    review: str = "none"
    """`none`: a clean issue approves itself; `required`: a person must approve."""
    max_delay_hours: int = 48
    """The scheduler holds an issue for a person when it would leave later than this after its time."""
    file: str = ""
    """Where it is configured, for messages."""
