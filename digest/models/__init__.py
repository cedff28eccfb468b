"""The nouns of the digest: frozen values without I/O.

Every `*_at` is an aware `datetime`; a `Window` is half open. Sequences are tuples, so that a value that was
previewed cannot change before it is approved.
"""

from digest.models.findings import Finding, Level
from digest.models.issues import Claim, Delivery, DeliveryState, Issue, IssueState, Recipient
from digest.models.mail import READER_TOKEN, Email
from digest.models.newsletters import Mailbox, Newsletter, Publisher, Ranking, SectionRule, Slot, WeeklySchedule, Window
from digest.models.posts import Collection, Post, Text
from digest.models.secrets import Secret
from digest.models.selection import LeftOut, Pick, Section, Selection

__all__ = [
    "READER_TOKEN",
    "Claim",
    "Collection",
    "Delivery",
    "DeliveryState",
    "Email",
    "Finding",
    "Issue",
    "IssueState",
    "LeftOut",
    "Level",
    "Mailbox",
    "Newsletter",
    "Pick",
    "Post",
    "Publisher",
    "Ranking",
    "Recipient",
    "Secret",
    "Section",
    "SectionRule",
    "Selection",
    "Slot",
    "Text",
    "WeeklySchedule",
    "Window",
]
