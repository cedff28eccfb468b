"""Which two versions of an issue are compared: the approved one and today's, or what was sent and what is made now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.app import Project
from digest.models import Issue
from digest.pipeline.since import Since, between
from digest.store import Frozen
from digest.store.frozen import post_ids
from digest.studio.comparing.blocks import Change, changed_blocks
from digest.studio.desk import View
from digest.studio.sheets import Sheet

APPROVED, REBUILT = "approved", "rebuilt"


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two."""

    kind: str
    """`approved`, `frozen`, `sent` or `draft`; the pages have words for it."""
    number: int
    """0 where nobody knows it any more."""
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions, the older one first."""

    what: str
    """`approved` or `rebuilt`."""
    before: Version
    after: Version
    since: Since
    """Words, posts and bytes."""
    changes: tuple[Change, ...] | None
    """Blocks; None when the mails are too long to be compared."""

    @property
    def same(self) -> bool:
        """Whether both are the very same mail."""
        return self.before.frozen.email == self.after.frozen.email


def offered(project: Project, view: View) -> tuple[str, ...]:
    """Return which pairs an issue has now, the likelier first."""
    issue = view.calendar.shown.issue if view.calendar else None
    found = []
    if issue and view.frozen and not _is_gone(issue):
        approval = project.store.approvals.last(issue)
        if approval and approval.frozen.email != view.frozen.email:
            found.append(APPROVED)
    if view.frozen and view.draft:
        found.append(REBUILT)
    return tuple(found)


def pair_of(project: Project, view: View, what: str) -> Pair | None:
    """Return the two versions with all that differs; None when there are no two."""
    issue = view.calendar.shown.issue if view.calendar else None
    if issue is None or view.frozen is None:
        return None
    if what == APPROVED:
        approval = project.store.approvals.last(issue)
        if approval is None:
            return None
        now = Version("frozen", view.frozen.number, _frozen(view.frozen))
        return _compared(what, Version("approved", 0, approval.frozen), now, approval.at, approval.who)
    if view.draft is None:
        return None
    stored = Version("sent" if _is_gone(issue) else "frozen", view.frozen.number, _frozen(view.frozen))
    return _compared(what, stored, Version("draft", view.draft.number, _frozen(view.draft)), view.now, "")


def _compared(what: str, before: Version, after: Version, at: datetime, who: str) -> Pair:
    since = between(at, who, before.frozen, after.frozen)
    changes = changed_blocks(before.frozen.email.html, after.frozen.email.html)
    return Pair(what, before, after, since, changes)


def _frozen(sheet: Sheet) -> Frozen:
    return Frozen(sheet.email, sheet.selection, sheet.findings, post_ids(sheet.selection))


def _is_gone(issue: Issue) -> bool:
    return str(issue.state) in {"sent", "settling", "sending", "paused", "needs_review"}
