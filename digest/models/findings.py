"""What people are told: findings about posts, templates and e-mails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Level(StrEnum):
    """How bad a finding is. An `error` about an e-mail keeps it from leaving; one about a post keeps that post out."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Spot:
    """What in an e-mail a finding is about; whoever rendered the e-mail can tell which file and line wrote it."""

    part: Literal["html", "text", "subject", "preheader"] = "html"
    tag: int = -1
    """Which tag of the HTML, counted in its order from 0 without style blocks; -1 for none in particular."""
    quote: str = ""
    """Words of the part: an address, a line of text, or a declaration (`color: #999`) that made the tag's style."""


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
    times: int = 1
    """How many like it the same line makes; the message is about the first."""
    spot: Spot | None = None
    """For a finding about an e-mail; `file` and `line` follow from it."""

    @property
    def place(self) -> str:
        """`file:line`, `file`, or nothing."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def plain(self) -> dict[str, str | int]:
        """Return `{level, code, message, file, line, fix, times}`, as JSON can hold it."""
        names = ("level", "code", "message", "file", "line", "fix", "times")
        return {name: getattr(self, name) for name in names}
