"""How a report looks: text for people, JSON for programs, and never both on the same stream."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from digest.models import DeliveryState, Finding, Level

_STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_BROKEN = 3
_ENDLESS = 10_000
"""Columns of a table that is not written to a terminal: one line a row, for programs that look for words in it."""


class Report:
    """Where a command writes: text to standard output, or to standard error when `as_json`."""

    def __init__(self, as_json: bool = False, *, silent: bool = False) -> None:
        self._as_json = as_json
        self._console = Console(stderr=as_json, highlight=False, soft_wrap=True, quiet=silent)

    def line(self, text: str = "", style: str = "") -> None:
        """Write one line; its text is never read as markup."""
        self._console.print(Text(text, style))

    def data(self, value: Any) -> None:
        """Write JSON, if that is what was asked for."""
        if self._as_json:
            json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
            sys.stdout.write("\n")

    def findings(self, findings: Sequence[Finding], heading: str, at_most: int | None = None) -> None:
        """Write findings below a heading, worst first; every error, and `at_most` so many others."""
        if not findings:
            return
        self.line(_counted(heading, findings), "bold")
        ordered = sorted(findings, key=lambda each: list(Level).index(each.level))
        errors = sum(finding.level is Level.ERROR for finding in findings)
        shown = len(ordered) if at_most is None else errors + at_most
        self.listed(ordered[:shown])
        if len(ordered) > shown:
            self.line(
                f"  … and {len(ordered) - shown} more; `digest collect --all --problems` tells those of the blog", "dim"
            )

    def listed(self, findings: Iterable[Finding]) -> None:
        """Write findings, one a line."""
        for finding in findings:
            place = f"{finding.place}: " if finding.place else ""
            text = Text(f"  {finding.level:<8}", _STYLES[finding.level])
            text.append(f"{place}{finding.message}", "default")
            if finding.times > 1:
                text.append(f" ({finding.times} times)", "default")
            if finding.fix:
                text.append(f" — {finding.fix}", "dim")
            self._console.print(text)

    def problems(self, findings: Sequence[Finding]) -> None:
        """Write what is wrong with posts as a table, worst first."""
        if not findings:
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("Level", no_wrap=True)
        table.add_column("Code", no_wrap=True)
        table.add_column("Where", overflow="fold")
        table.add_column("What, and what to do", overflow="fold")
        for finding in sorted(findings, key=lambda each: list(Level).index(each.level)):
            said = Text(finding.message)
            if finding.fix:
                said.append(f" — {finding.fix}", "dim")
            level = Text(finding.level, _STYLES[finding.level])
            table.add_row(level, Text(finding.code), Text(finding.place), said)
        self.line(_counted("Problems", findings), "bold")
        self.table(table)

    def table(self, table: Table) -> None:
        """Write a table: within the terminal's width, else one line a row."""
        if self._console.is_terminal:
            self._console.print(table, soft_wrap=False)
            return
        paper = Console(width=_ENDLESS)
        with paper.capture() as written:
            paper.print(table, soft_wrap=False)
        for row in written.get().splitlines():
            self.line(row.rstrip())

    def tally(self, tally: Mapping[DeliveryState, int]) -> None:
        """Write how many readers are in each state."""
        if tally:
            total = sum(tally.values())
            parts = ", ".join(f"{tally[state]} {state}" for state in DeliveryState if tally.get(state))
            self.line(f"Readers: {total} ({parts})", "bold")


def counted(number: int, what: str) -> str:
    """Write a number with what it counts: `1 post`, `2 posts`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _counted(heading: str, findings: Sequence[Finding]) -> str:
    counts = Counter(finding.level for finding in findings)
    parts = (f"{counts[level]} {level}{'s' if counts[level] > 1 else ''}" for level in Level if counts[level])
    return f"{heading}: {', '.join(parts)}"


def finish(*groups: Iterable[Finding]) -> None:
    """End the command: with exit code 3 when any finding is an error."""
    if any(finding.level is Level.ERROR for group in groups for finding in group):
        raise typer.Exit(_BROKEN)


def warn(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Write findings to standard error, one a line, and return them."""
    for each in findings:
        complain(f"{each.message} — {each.fix}")
    return findings


class _Voice:
    """Whether the command writes a log; what it says on standard error is a line of that then."""

    logs = False


def speak_by_log() -> None:
    """Write into the log, from now on, what would be a bare line of standard error."""
    _Voice.logs = True


def complain(text: str, level: int = logging.WARNING) -> None:
    """Write one line to standard error: into the log where a command has begun one."""
    if _Voice.logs:
        logging.getLogger("digest").log(level, "%s", text)
    else:
        print(f"digest: {text}", file=sys.stderr)


def findings_json(findings: Iterable[Finding]) -> list[dict[str, str | int]]:
    """Return findings as `{level, code, message, file, line, fix, times}`."""
    return [finding.plain() for finding in findings]


def shown(path: Path, project: Path) -> str:
    """Return a path as a person at the project's folder would type it."""
    return str(path.relative_to(project)) if path.is_relative_to(project) else str(path)
