"""What a page says about an issue that leaves, or is about to: how far it is, how runs ended, what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.app import Project
from digest.errors import DigestError
from digest.models import DeliveryState, Issue, IssueState
from digest.pipeline.since import Since, changed_since_approval
from digest.studio.notices import Notice
from digest.studio.sending import Sendings
from digest.studio.waiting import Waiting, waiting_for

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_APPROVABLE = (IssueState.DRAFT, IssueState.FROZEN, IssueState.HELD)
_SHOWN = (
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.UNKNOWN,
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.SUPPRESSED,
    DeliveryState.ABANDONED,
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """How far an issue is on its way to its readers."""

    issue: Issue
    tally: Mapping[DeliveryState, int]
    running: bool
    """Whether this studio sends it, or asks about it, or workers send it, right now."""
    ended: Notice | None
    """How the last run of this studio ended."""
    since: Since | None
    """What changed since the last approval, where one may approve again."""
    waits: Waiting | None = None
    """What it waits for, before it leaves."""
    can_ask: bool = False
    """Whether the provider can tell what became of unclear copies."""

    @property
    def total(self) -> int:
        """How many readers it has."""
        return sum(self.tally.values())

    @property
    def done(self) -> int:
        """For how many readers nothing is left to do by itself."""
        return self.total - sum(self.tally.get(state, 0) for state in _OPEN)

    @property
    def left(self) -> int:
        """How many readers still wait."""
        return self.total - self.done

    @property
    def counts(self) -> Mapping[str, int]:
        """All states with their readers, the happiest first."""
        return {str(state): self.tally.get(state, 0) for state in _SHOWN}

    def progress(self) -> Mapping[str, object]:
        """Return how far it is, for the page's script."""
        return {
            "state": str(self.issue.state),
            "counts": self.counts,
            "reason": self.issue.reason,
            "sending": self.running,
        }


def leaving_of(project: Project, issue: Issue, sendings: Sendings, now: datetime) -> Leaving:
    """Return how far an issue is."""
    tally, newsletter = project.store.outbox.tally(issue), project.newsletters.get(issue.newsletter)
    return Leaving(
        issue,
        tally,
        sendings.is_running(issue.name) or (issue.state is IssueState.SENDING and project.store.outbox.has_workers),
        sendings.ended(issue.name),
        changed_since_approval(project.store, issue) if issue.state in _APPROVABLE and issue.fingerprint else None,
        waiting_for(project.store, newsletter, issue, now) if newsletter else None,
        bool(tally.get(DeliveryState.UNKNOWN)) and _can_ask(project),
    )


def _can_ask(project: Project) -> bool:
    try:
        return project.provider.settles_after is not None
    except DigestError:
        return False  # the page's trouble says so
