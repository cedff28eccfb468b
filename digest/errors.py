"""Every error that the digest raises on purpose.

    DigestError                 a person can read it: what, where, what to do
    ├── ConfigError             a configuration file is missing, misspelt or contradicts itself
    ├── SourceError             a blog as a whole cannot be read (one bad post is a Finding, not an error)
    ├── TemplateError           a template or style cannot be rendered; has file and line
    ├── AudienceError           there is nobody to send to, or the list cannot be read
    ├── ProviderError           the provider cannot be used as configured (a refused reader is a state, not an error)
    ├── StoreError              what happened cannot be read or recorded, so nothing may be sent
    └── IssueStateError         the issue is not in a state that allows this step

They are raised at the seam (`raise … from cause`) and caught at the edges: the command line prints them and
exits with 1, the scheduler logs them and goes on, the studio shows them beside the last good page.
"""

from __future__ import annotations

from pathlib import Path


class DigestError(Exception):
    """A message for a person: what went wrong, where (`file`, `line`), and how to fix it (`fix`).

    `line` counts from 1. `str()` gives all of it in one readable line.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        fix: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}" + (f" — {self.fix}" if self.fix else "")


class ConfigError(DigestError):
    """A configuration file is missing, misspelt or contradicts itself."""


class SourceError(DigestError):
    """A blog as a whole cannot be read."""


class TemplateError(DigestError):
    """A template, its style or its words cannot be rendered."""


class AudienceError(DigestError):
    """There is nobody to send to, or the list of readers cannot be read."""


class ProviderError(DigestError):
    """The provider cannot be used as it is configured."""


class StoreError(DigestError):
    """What happened cannot be read or recorded."""


class IssueStateError(DigestError):
    """The issue is not in a state that allows this step."""
