"""What rendering an issue gives besides the mail: where its bytes are, and what was done to make it fit."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Email, Finding


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the mail's HTML; the parts of a mail add up to all of it."""

    key: str
    """`head`, `masthead`, `lead`, `section:<key>`, `more` or `foot`."""
    label: str
    """What readers see above it; empty for parts without a heading."""
    size: int
    """Bytes in UTF-8, as the mail is sent."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail, and what people should know about its making."""

    email: Email
    parts: tuple[Part, ...]
    """From top to bottom."""
    notes: tuple[Finding, ...] = ()
    """What readers see less of, so that no mail client cuts the mail."""
    compact: tuple[str, ...] = ()
    """Ids of the posts that are as brief as can be, for the same reason."""
