"""What was looked at, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import DigestError
from digest.models import Finding, Level


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that a run needs."""

    subject: str
    """`source blog`, `store`, `newsletter weekly`."""
    said: str
    """One line: what it is and how it is doing; empty when nothing could be found out."""
    findings: tuple[Finding, ...] = ()


def failed(subject: str, error: DigestError) -> Examined:
    """Tell an error of ours as what was found."""
    finding = Finding(Level.ERROR, "doctor.failed", error.message, error.file or "", error.line or 0, error.fix)
    return Examined(subject, "", (finding,))
