"""The nouns of the digest: frozen values without I/O.

Every `*_at` is an aware `datetime`; a `Window` is half open. Sequences are tuples, so that a value that was
previewed cannot change before it is approved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

READER_TOKEN = "__READER_TOKEN__"  # noqa: S105 - a placeholder, not a secret
"""Stands in a frozen e-mail where each reader's own token goes when it leaves. ASCII letters and underscores
only, so that inliners and URL encoders leave it alone."""


# ---------------------------------------------------------------- what is found


class Level(StrEnum):
    """How bad a finding is: an `error` keeps an issue from leaving, a `warning` asks for a look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about a post, a template or an e-mail."""

    level: Level
    code: str
    """Stable and dotted, `area.what`: `post.front-matter`, `mail.too-large`."""
    message: str
    """One sentence a marketer understands."""
    file: str = ""
    line: int = 0
    """Counts from 1; 0 when the place has no line."""
    fix: str = ""

    @property
    def place(self) -> str:
        """`file:line`, `file`, or nothing."""
        return f"{self.file}:{self.line}" if self.line else self.file


# ---------------------------------------------------------------- posts


@dataclass(frozen=True, slots=True)
class Post:
    """One post as the blog itself shows it."""

    id: str
    """`<source>:<stable identity>`; never made from the title."""
    path: str
    """Relative to the blog's source folder, with `/`; empty for a post that came from a feed."""
    url: str
    """Absolute, percent-encoded."""
    title: str
    """Plain text."""
    published_at: datetime
    """In the blog's own time zone."""
    body: str = ""
    """Markdown as written, without the front matter."""
    summary: str = ""
    """The author's own words for the post, as written; may be empty or a copy of the title."""
    updated_at: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    """The first is the primary one."""
    tags: tuple[str, ...] = ()
    language: str = ""
    """BCP 47, from the post or else from the blog."""
    image: str = ""
    """Absolute URL."""
    weight: float = 0.0
    """Front matter `digest.weight` in -1..1: an author's nudge."""
    pinned: bool = False
    opt_out: bool = False
    """Front matter `digest: false`: never in a digest."""
    withheld: str = ""
    """Why the blog itself does not show it ("draft", "published: false", "dated in the future"); empty when shown."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of what a reader of the post sees; changes when the post is edited."""
        return hashlib.sha256("\0".join((self.title, self.url, self.summary, self.body)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Collection:
    """All posts of all sources, newest first, and what was wrong with the rest."""

    posts: tuple[Post, ...]
    problems: tuple[Finding, ...] = ()

    @property
    def shown(self) -> tuple[Post, ...]:
        """The posts that the blog itself shows."""
        return tuple(post for post in self.posts if not post.withheld)


# ---------------------------------------------------------------- newsletters


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time whose posts an issue is about: `start <= published_at < end`, both aware."""

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


# ---------------------------------------------------------------- the selection


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
    """`before-window`, `after-window`, `covered`, `withheld`, `opted-out`, `no-section`, `section-full` or
    `issue-full`."""
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


# ---------------------------------------------------------------- the e-mail


@dataclass(frozen=True, slots=True)
class Email:
    """The very object that is previewed, approved and sent. `READER_TOKEN` stands for each reader's token."""

    sender: Mailbox
    reply_to: Mailbox | None
    subject: str
    preheader: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]
    """Besides From, Reply-To, To, Subject, Date and Message-ID; in the order in which they are written.
    List-Unsubscribe is among them, with `READER_TOKEN` in its address."""
    language: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every field in a canonical form: what a person approves."""
        fields = {
            "sender": [self.sender.name, self.sender.address],
            "reply_to": [self.reply_to.name, self.reply_to.address] if self.reply_to else None,
            "subject": self.subject,
            "preheader": self.preheader,
            "html": self.html,
            "text": self.text,
            "headers": [list(pair) for pair in self.headers],
            "language": self.language,
        }
        return hashlib.sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


# ---------------------------------------------------------------- issues and deliveries


class IssueState(StrEnum):
    """Where an issue is on its road; the second group stands beside the road."""

    PLANNED = "planned"
    DRAFT = "draft"
    FROZEN = "frozen"
    APPROVED = "approved"
    SENDING = "sending"
    SETTLING = "settling"
    SENT = "sent"

    SKIPPED = "skipped"
    HELD = "held"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "needs_review"


class DeliveryState(StrEnum):
    """What became of the issue for one reader (and of the batch that carries it)."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a newsletter: `(newsletter, period)` is unique for ever."""

    newsletter: str
    period: str
    number: int
    """1 for the first issue of the newsletter; 0 until it is frozen for the first time."""
    state: IssueState
    due_at: datetime
    subject: str = ""
    fingerprint: str = ""
    reason: str = ""
    """Why it is skipped, held, expired or needs a look."""
    approved_by: str = ""
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people type: `weekly/2026-W47`."""
        return f"{self.newsletter}/{self.period}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader of one issue."""

    address: str
    name: str = ""
    token: str = field(default="", repr=False)
    """Opaque; names this reader and newsletter in unsubscribe links."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one reader's copy."""

    recipient: Recipient
    state: DeliveryState
    message_id: str = ""
    """The provider's."""
    error: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that its owner alone may send now: the intent is committed."""

    batch_id: int
    seq: int
    """Counts the batches of an issue from 1."""
    attempt: int
    """1 for the first; the record of an older attempt is ignored."""
    owner: str
    recipients: tuple[Recipient, ...]
    recipient_ids: tuple[int, ...]
    first_attempt_at: datetime
