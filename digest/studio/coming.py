"""The coming issues of all newsletters: when their content ends, and when they are built, reviewed and sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.app import Project
from digest.models import Issue, IssueState, Newsletter, Slot
from digest.select import latest_slot, next_slot
from digest.store.issues import OVER
from digest.studio.waiting import expected_to_leave, waiting_for
from digest.studio.weeks import Week

_EACH = 4
"""Coming issues of a newsletter."""
_BUILT = {IssueState.FROZEN, IssueState.APPROVED, IssueState.HELD}


@dataclass(frozen=True, slots=True)
class ComingIssue:
    """One issue that is still to leave."""

    newsletter: Newsletter
    week: Week
    builds_at: datetime
    """When the scheduler builds it; when it was built, for one that is."""
    is_built: bool
    leaves_at: datetime
    """When it leaves at the earliest: by itself, or, where somebody has to approve it, once that is done."""

    @property
    def slot(self) -> Slot:
        """When it is due, and which days it is about."""
        return self.week.slot

    @property
    def issue(self) -> Issue | None:
        """As the store has it."""
        return self.week.issue

    @property
    def cut_off(self) -> datetime:
        """Up to when posts belong to it."""
        return self.slot.window.end

    @property
    def is_reviewed(self) -> bool:
        """Whether people look at it before it leaves."""
        return self.newsletter.is_reviewed

    @property
    def leaves_by_itself(self) -> bool:
        """Whether it leaves although nobody approved it."""
        return self.newsletter.review == "window" and not (self.issue and self.issue.state is IssueState.HELD)

    @property
    def review_ends(self) -> datetime:
        """When an approval is too late for the scheduler: what happens then says `late`."""
        return self.slot.due_at + timedelta(hours=self.newsletter.max_delay_hours)

    @property
    def late(self) -> str:
        """`hold`, `drop` or `run`."""
        return self.newsletter.late

    @property
    def is_approved(self) -> bool:
        """Whether it leaves by itself when it is due."""
        return self.issue is not None and self.issue.state is IssueState.APPROVED


def coming_issues(project: Project, now: datetime) -> tuple[ComingIssue, ...]:
    """Return what is to come, the earliest first: of each newsletter what is due and not over, and the next few."""
    found = [each for letter in project.newsletters.values() for each in _of(project, letter, now)]
    return tuple(sorted(found, key=lambda each: (each.slot.due_at.astimezone(UTC), each.newsletter.slug)))


def _of(project: Project, newsletter: Newsletter, now: datetime) -> Iterator[ComingIssue]:
    schedule, find = newsletter.schedule, project.store.issues.find
    slot = latest_slot(schedule, now)
    issue = find(newsletter.slug, slot.period)
    if issue is not None and issue.state not in OVER:
        yield _coming(project, newsletter, slot, issue, now)
    for _ in range(_EACH):
        slot = next_slot(schedule, slot.due_at)
        yield _coming(project, newsletter, slot, find(newsletter.slug, slot.period), now)


def _coming(project: Project, newsletter: Newsletter, slot: Slot, issue: Issue | None, now: datetime) -> ComingIssue:
    built = issue is not None and issue.number > 0 and issue.updated_at is not None
    builds_at = slot.build_at
    if built and issue is not None and issue.updated_at is not None and issue.state in _BUILT:
        builds_at = issue.updated_at.astimezone(slot.due_at.tzinfo)
    waits = waiting_for(project.store, newsletter, issue, now) if issue else None
    zone = newsletter.schedule.time_zone
    leaves_at = waits.at if waits else expected_to_leave(newsletter, slot, zone)
    return ComingIssue(newsletter, Week(slot, issue, slot.due_at <= now), builds_at, built, leaves_at)
