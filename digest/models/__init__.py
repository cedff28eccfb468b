"""The nouns of the digest: frozen values without I/O.

Every `*_at` is an aware `datetime`; a `Window` is half open. Sequences are tuples, so that a value that was
previewed cannot change before it is approved.
"""

from digest.models.events import EventKind, ProviderEvent
from digest.models.findings import Finding, Level, Spot
from digest.models.issues import TOO_FEW, Claim, Delivery, DeliveryState, Ended, Issue, IssueState, Recipient, Wave
from digest.models.ledger import KnownPost, Ledger, Override, OverrideKind
from digest.models.mail import READER_TOKEN, Email
from digest.models.newsletters import IN_STORE, LIST, Mailbox, Newsletter, Publisher, Ranking, SectionRule
from digest.models.pace import NO_LIMITS, Later, Limits
from digest.models.posts import Collection, Post, Text
from digest.models.schedules import (
    CutOff,
    DaysBefore,
    EveryDays,
    LastWeekday,
    MonthlyOnDay,
    MonthlyOnWeekday,
    Rhythm,
    Schedule,
    Slot,
    Weekly,
    Window,
)
from digest.models.secrets import Secret
from digest.models.selection import Coverage, LeftOut, Origin, Out, Pick, Section, Selection
from digest.models.subscribers import Standing, Subscriber, Suppression

__all__ = [
    "IN_STORE",
    "LIST",
    "NO_LIMITS",
    "READER_TOKEN",
    "TOO_FEW",
    "Claim",
    "Collection",
    "Coverage",
    "CutOff",
    "DaysBefore",
    "Delivery",
    "DeliveryState",
    "Email",
    "Ended",
    "EventKind",
    "EveryDays",
    "Finding",
    "Issue",
    "IssueState",
    "KnownPost",
    "LastWeekday",
    "Later",
    "Ledger",
    "LeftOut",
    "Level",
    "Limits",
    "Mailbox",
    "MonthlyOnDay",
    "MonthlyOnWeekday",
    "Newsletter",
    "Origin",
    "Out",
    "Override",
    "OverrideKind",
    "Pick",
    "Post",
    "ProviderEvent",
    "Publisher",
    "Ranking",
    "Recipient",
    "Rhythm",
    "Schedule",
    "Secret",
    "Section",
    "SectionRule",
    "Selection",
    "Slot",
    "Spot",
    "Standing",
    "Subscriber",
    "Suppression",
    "Text",
    "Wave",
    "Weekly",
    "Window",
]
