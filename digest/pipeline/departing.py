"""How a run lets an issue go, gives it up when it is too late, and says where it stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.models import TOO_FEW, Issue, IssueState, Slot
from digest.pipeline.press import Draft, Outcome, Press
from digest.pipeline.steps import AUTOMATIC, BY_ITSELF, hold, send, skip
from digest.select import too_thin
from digest.send.edge import Edge

GIVE_UP_A_THIN_WEEK = timedelta(days=1)


async def depart(press: Press, issue: Issue, edge: Edge, made: Draft | None) -> Outcome:
    """Send an issue, or go on with it, and say how it ended."""
    delivered, refused = await send(press, issue, edge)
    ended = press.store.issues.find(issue.newsletter, issue.period) or issue
    says = delivered.stopped_because or ("sent" if ended.state is IssueState.SENT else where_it_stands(ended))
    return Outcome(ended, says, made, delivered, press.store.outbox.tally(ended), refused)


def thin_reason(press: Press, made: Draft) -> str:
    """Return why there is too little for an issue; empty when there is enough."""
    reason = too_thin(press.newsletter, made.selection)
    if reason and any(each.code == "blog.empty" for each in made.problems):
        reason += " (a blog has no posts at all)"
    return reason


def skip_thin(press: Press, issue: Issue, made: Draft, reason: str, now: datetime) -> Outcome:
    """Send no issue for want of posts."""
    return Outcome(skip(press.store, issue, AUTOMATIC, reason, now), f"skipped: {reason}", made)


def is_thin(issue: Issue) -> bool:
    """Tell whether an issue was skipped for having too few posts, and not by a person."""
    return issue.state is IssueState.SKIPPED and issue.reason.startswith(TOO_FEW)


def given_up_when_late(
    press: Press, issue: Issue, slot: Slot, now: datetime, limit: timedelta | None, reason: str
) -> Issue:
    """Hold or drop, as `late` says, an issue that nobody approved and that would leave later than `limit`.

    What a person approved leaves however late, and what has begun to leave is finished.
    """
    nobody_approved = issue.state is IssueState.APPROVED and issue.approved_by in BY_ITSELF
    nobody_approved = nobody_approved or issue.state is IssueState.FROZEN
    if nobody_approved and limit and now - slot.due_at > limit:
        if press.newsletter.late == "drop":
            return skip(press.store, issue, AUTOMATIC, f"dropped: {reason}", now)
        if press.newsletter.late == "hold":
            return hold(press.store, issue, AUTOMATIC, reason, now)
    return issue


def where_it_stands(issue: Issue) -> str:
    """Return one sentence about an issue that goes no further in this run."""
    because = f": {issue.reason}" if issue.reason else ""
    return {
        IssueState.SENT: "already sent; nothing is sent again",
        IssueState.FROZEN: "waits for an approval",
        IssueState.NEEDS_REVIEW: f"needs a look{because}",
    }.get(issue.state, f"{issue.state}{because}")
