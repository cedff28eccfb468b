"""A run: every unfinished issue as far as it can go without a person.

What the store says decides where a run goes on, so one that was missed, doubled or killed changes nothing.
An issue that people look at first goes by `reviewing.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.errors import IssueStateError
from digest.models import Issue, IssueState, Slot
from digest.pipeline.departing import (
    GIVE_UP_A_THIN_WEEK,
    depart,
    given_up_when_late,
    is_thin,
    skip_thin,
    thin_reason,
    where_it_stands,
)
from digest.pipeline.noticing import Noticing
from digest.pipeline.press import Draft, Outcome, Press
from digest.pipeline.reviewing import review
from digest.pipeline.steps import AUTOMATIC, BY_ITSELF, approve, build
from digest.select import latest_slot, next_slot
from digest.send.edge import Edge

_LEAVES = (IssueState.APPROVED, IssueState.SENDING)
_LOOK_AGAIN = timedelta(hours=1)


async def run(
    press: Press,
    edge: Edge,
    *,
    not_before: datetime | None = None,
    max_delay: timedelta | None = None,
    noticing: Noticing | None = None,
) -> tuple[Outcome, ...]:
    """Bring every unfinished issue as far as it can go without a person: older ones first, then the newest due one.

    The last one is the coming issue, when people look at issues first and its build moment is past.

    The scheduler passes `not_before` (no slot from before it knew the newsletter), `max_delay` (an issue that nobody
    approved is held for a person when it would leave later than that) and `noticing` (an issue that waits is built
    again when something has changed; without it, always).
    """
    now = edge.clock()
    newsletter = press.newsletter
    slot, coming = latest_slot(newsletter.schedule, now), next_slot(newsletter.schedule, now)
    outcomes = [
        await _finish_older(press, issue, edge, now)
        for issue in press.store.issues.unfinished(newsletter.slug, slot.due_at)
    ]
    if not_before and slot.due_at < not_before:
        says = f"nothing is due yet; {slot.due_at:%Y-%m-%d %H:%M} was before this newsletter was known"
        outcomes.append(Outcome(_unborn(press, slot), says))
    else:
        outcomes.append(await _bring_on(press, slot, edge, max_delay, noticing))
    if newsletter.is_reviewed and coming.build_at <= now:
        outcomes.append(await _bring_on(press, coming, edge, max_delay, noticing))
    return tuple(outcomes)


async def _bring_on(
    press: Press, slot: Slot, edge: Edge, max_delay: timedelta | None, noticing: Noticing | None
) -> Outcome:
    """Bring the issue of a slot as far as it can go, whoever else is at it."""
    plan, slug, now = press.store.issues.plan, press.newsletter.slug, edge.clock()
    drafts: list[Draft] = []
    for _ in range(3):
        issue = plan(slug, slot, now)
        try:
            if press.newsletter.is_reviewed:
                return await review(press, issue, slot, edge, max_delay, noticing)
            outcome = await _advance(press, issue, slot, edge, max_delay, drafts)
            # What was found when it was built is told, although another one went on with it.
            return outcome if outcome.draft or not drafts else replace(outcome, draft=drafts[-1])
        except IssueStateError as error:
            # Another run, or a person, was faster: go on from where they brought it.
            found = _given_back(press, issue, error, now)
            if (found.state, found.fingerprint) == (issue.state, issue.fingerprint):
                raise
    return Outcome(issue, "it changes faster than it can be followed; run again")


async def _advance(
    press: Press, issue: Issue, slot: Slot, edge: Edge, max_delay: timedelta | None, drafts: list[Draft]
) -> Outcome:
    """Bring an issue that nobody has to look at as far as it can go without a person; what it builds is in `drafts`."""
    now = edge.clock()
    made = None
    if _wants_building(issue, slot, now, asked=max_delay is None):
        issue, made = build(press, slot, now)
        drafts.append(made)
        if made.blocked:
            return Outcome(issue, "a finding keeps it from leaving", made)
        if reason := thin_reason(press, made):
            return skip_thin(press, issue, made, reason, now)
    late = f"it would leave more than {max_delay.total_seconds() / 3600:g} hours late" if max_delay else ""
    issue = given_up_when_late(press, issue, slot, now, max_delay, late)
    if issue.state is IssueState.FROZEN:
        issue = approve(press.store, issue, AUTOMATIC, now)
    if issue.state not in _LEAVES:
        return Outcome(issue, where_it_stands(issue), made, tally=press.store.outbox.tally(issue))
    return await depart(press, issue, edge, made)


async def _finish_older(press: Press, issue: Issue, edge: Edge, now: datetime) -> Outcome:
    """Look after an issue whose successor is due: what was begun or approved goes out, what nobody wanted expires."""
    try:
        approved = issue.state is IssueState.APPROVED and issue.approved_by not in BY_ITSELF
        if approved or issue.state is IssueState.SENDING:
            return await depart(press, issue, edge, None)
        issue = _expire(press, issue, now)
    except IssueStateError as error:
        issue = _given_back(press, issue, error, now)
    return Outcome(issue, where_it_stands(issue), tally=press.store.outbox.tally(issue))


def _given_back(press: Press, issue: Issue, error: IssueStateError, now: datetime) -> Issue:
    """Return the issue as another run, that was faster, left it; else hold what cannot leave as approved.

    Its number, or one of its posts, may have left with another one: it would wait for ever. Where nobody has to look
    at it, it is made again instead.
    """
    found = press.store.issues.find(issue.newsletter, issue.period) or issue
    same = (found.state, found.fingerprint) == (issue.state, issue.fingerprint)
    if found.state is not IssueState.APPROVED or not same:
        return found
    reason = f"{error.message}; {error.fix}" if error.fix else error.message
    to = IssueState.HELD if press.newsletter.is_reviewed else IssueState.FROZEN
    allowed = (IssueState.APPROVED,)
    return press.store.issues.move(found, to, allowed=allowed, now=now, reason=reason)


def _expire(press: Press, issue: Issue, now: datetime) -> Issue:
    """End an issue that nobody approved in its time; one that is held or needs a look keeps waiting for a person."""
    if issue.state not in {IssueState.PLANNED, IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED}:
        return issue
    reason = f"it was still {issue.state} when the next issue was due"
    return press.store.issues.move(issue, IssueState.EXPIRED, allowed=(issue.state,), now=now, reason=reason)


def _wants_building(issue: Issue, slot: Slot, now: datetime, *, asked: bool) -> bool:
    """Tell whether a run makes the issue (again): what a person approved, held or skipped is theirs.

    `asked`: a person, or cron, typed `digest run`; the scheduler comes by every minute instead.
    """
    if is_thin(issue):
        since = now - (issue.updated_at or now)
        return asked or (since >= _LOOK_AGAIN and now - slot.due_at < GIVE_UP_A_THIN_WEEK)
    # Of what nobody looks at, the newest state is the one to send.
    return issue.state in {IssueState.PLANNED, IssueState.DRAFT, IssueState.FROZEN}


def _unborn(press: Press, slot: Slot) -> Issue:
    return Issue(press.newsletter.slug, slot.period, 0, IssueState.PLANNED, slot.due_at)
