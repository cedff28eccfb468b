"""Readers whose list the digest keeps itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """Whether a reader gets the newsletter."""

    SUBSCRIBED = "subscribed"
    UNCONFIRMED = "unconfirmed"
    """Has not agreed yet, and gets nothing."""
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    """Bounced, complained, or kept out by hand: no newsletter may write to the address."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader of one newsletter, as the list has it."""

    address: str
    """As mail is sent to it, in its normal form."""
    name: str = ""
    language: str = ""
    """BCP 47; empty for the newsletter's own."""
    sections: tuple[str, ...] = ()
    """Keys of the sections that the reader wants; empty for all."""
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    """None for a reader who has not agreed yet."""
    consent: str = ""
    """How and where the reader agreed."""
    token: str = field(default="", repr=False)
    suppressed_because: str = ""
    """`unsubscribed`, or why no newsletter may write to the address; empty for who gets it."""
    suppressed_at: datetime | None = None

    @property
    def standing(self) -> Standing:
        """Whether the reader gets the newsletter."""
        if self.suppressed_because:
            by_choice = self.suppressed_because == Standing.UNSUBSCRIBED
            return Standing.UNSUBSCRIBED if by_choice else Standing.SUPPRESSED
        return Standing.SUBSCRIBED if self.confirmed_at else Standing.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that no newsletter writes to."""

    address: str
    """In the form in which addresses are compared."""
    because: str
    """`bounced`, `complained` or `by hand`."""
    detail: str
    who: str
    at: datetime
