"""One version of an issue as people look at it: a draft, or what the store has frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.app import Project
from digest.models import Email, Finding, Issue, IssueState, Level
from digest.pipeline import Draft
from digest.render import Part
from digest.render.stored_sizes import parts_of_stored
from digest.select import as_json

NOT_FROZEN = {IssueState.PLANNED, IssueState.DRAFT}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One version of an issue."""

    email: Email
    number: int
    selection: Mapping[str, Any]
    """As `digest select --json` prints it."""
    findings: tuple[Finding, ...]
    problems: tuple[Finding, ...]
    parts: tuple[Part, ...] = ()
    """Where the bytes of its HTML are; empty when nobody knows any more."""
    from_stored: bool = False
    """Whether that was found out from the stored mail, since today's files make another."""

    def count(self, level: Level) -> int:
        """Return how many findings and problems there are of a level."""
        return sum(each.level == level for each in (*self.findings, *self.problems))


def draft_sheet(made: Draft) -> Sheet:
    """Return what there is to see of a draft."""
    return Sheet(made.email, made.number, as_json(made.selection), made.findings, made.problems, made.parts)


def frozen_sheet(project: Project, issue: Issue | None, made: Draft | None) -> Sheet | None:
    """Return the version that the store has, once it is frozen; the problems of posts are today's."""
    stored = project.store.issues.frozen(issue) if issue and issue.state not in NOT_FROZEN else None
    if issue is None or stored is None:
        return None
    known = made is not None and made.email.html == stored.email.html
    parts = made.parts if made and known else parts_of_stored(stored.email, stored.selection)
    problems = made.problems if made else ()
    return Sheet(stored.email, issue.number, stored.selection, stored.findings, problems, parts, from_stored=not known)
