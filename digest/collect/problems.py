"""Decides how a post that cannot be read is told to a person: one finding with file, line and remedy."""

from __future__ import annotations

from digest.models import Finding, Level


class BrokenPostError(ValueError):
    """One post cannot be read as its author meant it; never leaves this room."""

    def __init__(self, code: str, message: str, *, line: int = 0, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.fix = fix

    def finding(self, file: str, level: Level = Level.ERROR) -> Finding:
        """Tell it as a finding about `file`."""
        return Finding(level, self.code, self.message, file, self.line, self.fix)
