"""A run: every unfinished issue as far as it can go without a person.

What the store says decides where a run goes on, so one that was missed, doubled or killed changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.errors import IssueStateError
from digest.models import TOO_FEW, Issue, IssueState, Slot
from digest.pipeline.press import Draft, Outcome, Press
from digest.pipeline.steps import AUTOMATIC, approve, build, hold, send, skip
from digest.select import latest_slot, too_thin
from digest.send.edge import Edge

_LEAVES = (IssueState.APPROVED, IssueState.SENDING)
_LOOK_AGAIN = timedelta(hours=1)
_GIVE_UP_A_THIN_WEEK = timedelta(days=1)


async def run(
    press: Press, edge: Edge, *, not_before: datetime | None = None, max_delay: timedelta | None = None
) -> tuple[Outcome, ...]:
    """Bring every unfinished issue as far as it can go without a person: older ones first, the newest due one last.

    The scheduler passes `not_before` (no slot from before it knew the newsletter) and `max_delay` (an issue that nobody
    approved is held for a person when it would leave later than that).
    """
    now = edge.clock()
    newsletter, issues = press.newsletter, press.store.issues
    slot = latest_slot(newsletter.schedule, now)
    outcomes = [
        await _finish_older(press, issue, edge, now) for issue in issues.unfinished(newsletter.slug, slot.due_at)
    ]
    if not_before and slot.due_at < not_before:
        says = f"nothing is due yet; {slot.due_at:%Y-%m-%d %H:%M} was before this newsletter was known"
        return (*outcomes, Outcome(_unborn(press, slot), says))
    for _ in range(3):
        issue = issues.plan(newsletter.slug, slot, now)
        try:
            return (*outcomes, await _advance(press, issue, slot, edge, max_delay))
        except IssueStateError:
            # Another run, or a person, was faster: go on from where they brought it.
            if issues.plan(newsletter.slug, slot, now).state is issue.state:
                raise
    return (*outcomes, Outcome(issue, "it changes faster than it can be followed; run again"))


async def _advance(press: Press, issue: Issue, slot: Slot, edge: Edge, max_delay: timedelta | None) -> Outcome:
    """Bring the newest due issue as far as it can go without a person."""
    now = edge.clock()
    made = None
    if _wants_building(press, issue, slot, now, asked=max_delay is None):
        issue, made = build(press, slot, now)
        if made.blocked:
            return Outcome(issue, "a finding keeps it from leaving", made)
        if reason := too_thin(press.newsletter, made.selection):
            if any(each.code == "blog.empty" for each in made.problems):
                reason += " (a blog has no posts at all)"
            return Outcome(skip(press.store, issue, AUTOMATIC, reason, now), f"skipped: {reason}", made)
    # What a person approved leaves however late, and what has begun to leave is finished.
    nobody_approved = issue.state is IssueState.APPROVED and issue.approved_by == AUTOMATIC
    nobody_approved = nobody_approved or issue.state is IssueState.FROZEN
    if nobody_approved and max_delay and now - slot.due_at > max_delay:
        reason = f"it would leave more than {max_delay.total_seconds() / 3600:g} hours late"
        if press.newsletter.late == "drop":
            issue = skip(press.store, issue, AUTOMATIC, f"dropped: {reason}", now)
        elif press.newsletter.late == "hold":
            issue = hold(press.store, issue, AUTOMATIC, reason, now)
    if issue.state is IssueState.FROZEN and press.newsletter.review == "none":
        issue = approve(press.store, issue, AUTOMATIC, now)
    if issue.state not in _LEAVES:
        return Outcome(issue, _where_it_stands(issue), made, tally=press.store.outbox.tally(issue))
    return await _send(press, issue, edge, made)


async def _finish_older(press: Press, issue: Issue, edge: Edge, now: datetime) -> Outcome:
    """Look after an issue whose successor is due: what was begun or approved goes out, what nobody wanted expires."""
    try:
        if issue.state is IssueState.SENDING or (issue.state is IssueState.APPROVED and issue.approved_by != AUTOMATIC):
            return await _send(press, issue, edge, None)
        issue = _expire(press, issue, now)
    except IssueStateError:  # another run was faster
        issue = press.store.issues.find(issue.newsletter, issue.period) or issue
    return Outcome(issue, _where_it_stands(issue), tally=press.store.outbox.tally(issue))


def _expire(press: Press, issue: Issue, now: datetime) -> Issue:
    """End an issue that nobody approved in its time; one that is held or needs a look keeps waiting for a person."""
    if issue.state not in {IssueState.PLANNED, IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED}:
        return issue
    reason = f"it was still {issue.state} when the next issue was due"
    return press.store.issues.move(issue, IssueState.EXPIRED, allowed=(issue.state,), now=now, reason=reason)


async def _send(press: Press, issue: Issue, edge: Edge, made: Draft | None) -> Outcome:
    delivered, refused = await send(press, issue, edge)
    ended = press.store.issues.find(issue.newsletter, issue.period) or issue
    says = delivered.stopped_because or ("sent" if ended.state is IssueState.SENT else _where_it_stands(ended))
    return Outcome(ended, says, made, delivered, press.store.outbox.tally(ended), refused)


def _wants_building(press: Press, issue: Issue, slot: Slot, now: datetime, *, asked: bool) -> bool:
    """Tell whether a run makes the issue (again): what a person approved, held or skipped is theirs.

    `asked`: a person, or cron, typed `digest run`; the scheduler comes by every minute instead.
    """
    if issue.state in {IssueState.PLANNED, IssueState.DRAFT}:
        return True
    since = now - (issue.updated_at or now)
    if issue.state is IssueState.SKIPPED and issue.reason.startswith(TOO_FEW):
        return asked or (since >= _LOOK_AGAIN and now - slot.due_at < _GIVE_UP_A_THIN_WEEK)
    if issue.state is IssueState.FROZEN:
        # Frozen before the week was over, posts are missing; and unreviewed, the newest state is the one to send.
        return press.newsletter.review == "none" or (issue.updated_at or now) < slot.window.end
    return False


def _unborn(press: Press, slot: Slot) -> Issue:
    return Issue(press.newsletter.slug, slot.period, 0, IssueState.PLANNED, slot.due_at)


def _where_it_stands(issue: Issue) -> str:
    because = f": {issue.reason}" if issue.reason else ""
    return {
        IssueState.SENT: "already sent; nothing is sent again",
        IssueState.FROZEN: "waits for an approval",
        IssueState.NEEDS_REVIEW: f"needs a look{because}",
    }.get(issue.state, f"{issue.state}{because}")
