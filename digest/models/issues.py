"""Issues, their readers, and what became of each copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

TOO_FEW = "too few posts"
"""Begins the reason of an issue that was skipped for having fewer posts than its newsletter wants."""


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
    PAUSED = "paused"
    """Stopped while it was being sent, by a person or because too many readers were refused; a person lets it go on."""


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


# These two are tuples: a run makes millions of them, and a frozen dataclass takes three times as long to make.
class Recipient(NamedTuple):
    """One reader of one issue."""

    address: str
    name: str = ""
    token: str = ""
    """Opaque; names this reader and newsletter in unsubscribe links."""

    def __repr__(self) -> str:
        """Leave out the token: who has it can unsubscribe the reader."""
        return f"Recipient(address={self.address!r}, name={self.name!r})"


class Delivery(NamedTuple):
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
    draft_id: str = ""
    """What lies ready for this batch at a provider that keeps the list."""
    repeat: bool = False
    """Whether an earlier request for the very same may have arrived: a refusal of this one does not take that back."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the request for a claim ended."""

    claim: Claim
    deliveries: Sequence[Delivery]
    """One a recipient, in the claim's order."""
    at: datetime
    outcome: str
    """The verdict on the answer, such as `answered` or `ambiguous`."""
    detail: str = ""
    """The provider's words, fit for a report."""
    http_status: int | None = None
    not_before: datetime | None = None
    """When those who are pending may be tried again."""
    may_be_sent: bool = True
    """False when the provider certainly has nothing of this request."""
    draft_id: str = ""
    """What lies ready there to be sent."""
    hold_back: datetime | None = None
    """Before it nothing more of anything may leave through this provider."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A part of an issue's readers who get it before the others, once all of them were tried."""

    number: int
    """Counts from 0."""
    ended_at: datetime
    readers: int
    refused: int
    """Rejected by the provider, or bounced or complained since."""
    unclear: int
