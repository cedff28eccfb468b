"""What marketing configures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from digest.models.schedules import Schedule


@dataclass(frozen=True, slots=True)
class SectionRule:
    """What marketing configured for one section.

    Of the five kinds of names, those that are given must all fit a post. They are compared after NFKC and case folding.
    """

    key: str
    heading: str
    categories: tuple[str, ...] = ()
    """`*` takes what no other section takes."""
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Names of blogs."""
    languages: tuple[str, ...] = ()
    """BCP 47; `en` takes `en-GB`, too."""
    weight: float = 1.0
    """In 0..1: how much a post of this section is worth beside those of others."""
    minimum: int = 0
    """So many places are kept for the section."""
    maximum: int = 4
    order: str = "score"
    """`score` (best first), `newest` or `oldest`."""
    when_thin: str = "keep"
    """With fewer posts than the minimum: `keep` shows them, `drop` leaves them out, else the key of another section."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """How much each rule counts (rule name -> weight), and what the rules measure by."""

    weights: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "category": 1.0,
                "recency": 0.6,
                "pinned": 2.0,
                "featured": 0.4,
                "author_weight": 0.5,
                "retold": 0.4,
                "soundness": 0.4,
                "reading_time": 0.1,
                "author_variety": 0.1,
                "category_variety": 0.1,
            }
        )
    )
    half_life_days: float = 3.5
    reading_minutes: int = 5
    """What a reader of the newsletter likes to spend on one post."""


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


IN_STORE = "store"
"""The audience of a newsletter whose list the digest keeps itself."""

LIST = "list:"
"""Begins the audience of a newsletter whose list the provider keeps, such as `list:abc123`; and the address of the one
recipient that stands for that list."""


@dataclass(frozen=True, slots=True)
class Newsletter:
    """What marketing configures: one file in `config/newsletters/`."""

    slug: str
    title: str
    language: str
    schedule: Schedule
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
    link_parameters: Mapping[str, str] = field(default_factory=dict)
    """Name -> Jinja2 template of its value: what is added to the addresses of posts, in this order."""
    ranking: Ranking = field(default_factory=Ranking)
    max_posts: int = 12
    max_per_author: int = 0
    """Posts of one author at most; 0 for as many as there are."""
    max_more: int = 0
    """Posts that did not fit and are told by their title, at most."""
    max_age_days: int = 28
    """So long a post that no issue brought is offered again."""
    min_posts: int = 1
    thin: str = "skip"
    """What happens with fewer posts than `min_posts`: `skip` (the reason is recorded), `merge_next` (the next issue is
    about both periods), `fill_from_uncovered` (posts that earlier issues did not bring count, too) or `send_anyway`."""
    group_stories: bool = True
    """Of posts that tell the same story one is picked."""
    max_also: int = 2
    """Other posts of the same story that are named below a pick, at most."""
    excerpt_columns: int = 160
    """Display columns of an excerpt: a full-width character counts two."""
    audience: str = "config/audience.csv"
    """A CSV file of readers, relative to the project, `IN_STORE`, or `LIST` and the name of a list at the provider."""
    subscribe: bool = False
    """Whether `digest serve` has a form for new readers; only for a list in the store."""
    consent: str = ""
    """What one agrees to in that form; empty for the usual words."""
    review: str = "none"
    """`none`: a clean issue approves itself; `window`: people are shown it, and it leaves by itself unless somebody
    holds it; `required`: a person must approve."""
    review_minutes: int = 60
    """With `window`: how long people have a version before it leaves by itself."""
    remind_hours: int = 24
    """With `required`: how far reminders are apart; 0 for none."""
    reviewers: tuple[str, ...] = ()
    """Who is shown an issue before it leaves; without any, those who get the reports by mail."""
    max_delay_hours: int = 48
    late: str = "hold"
    """What the scheduler does with an issue that would leave later than that after its time and that nobody approved:
    `hold` it for a person, `run` it all the same, or `drop` it."""
    unused: tuple[str, ...] = ()
    """Keys of its file that mean nothing with its `review`."""
    file: str = ""
    """Where it is configured, for messages."""

    @property
    def is_reviewed(self) -> bool:
        """Whether people are shown an issue before it leaves."""
        return self.review != "none"
