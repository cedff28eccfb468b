"""The e-mail: one object is previewed, approved and sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from digest.models.newsletters import Mailbox

READER_TOKEN = "__READER_TOKEN__"  # noqa: S105 - a placeholder, not a secret
"""Stands in a frozen e-mail where each reader's own token goes when it leaves. ASCII letters and underscores
only, so that inliners and URL encoders leave it alone."""


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
