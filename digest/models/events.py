"""What providers tell later about mail that they took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened to a copy after the provider took it."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    """The mailbox said "later", or was full: the provider tries again, or gives up this time."""
    BOUNCED = "bounced"
    """For ever: there is no such mailbox. The address gets nothing more."""
    COMPLAINED = "complained"
    """The reader called it spam. The address gets nothing more."""
    UNSUBSCRIBED = "unsubscribed"
    OPENED = "opened"
    CLICKED = "clicked"


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One thing that a provider told; told twice, it counts once."""

    id: str
    """Unique with the provider."""
    kind: EventKind
    address: str
    at: datetime | None = None
    issue: str = ""
    """`weekly/2026-W47`, where the provider says it."""
    message_id: str = ""
    detail: str = ""
    """The provider's words, such as the mailbox's reply; for a person."""
