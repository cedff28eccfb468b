"""What people are told: findings about posts, templates and e-mails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is. An `error` about an e-mail keeps it from leaving; one about a post keeps that post out."""

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
