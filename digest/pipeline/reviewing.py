"""How an issue goes that people look at before it leaves: made early, shown, made again when something changes.

With `review = "window"` it leaves by itself when people had their time and nobody held it; with `required`, nothing
leaves that a person did not approve as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from digest.models import Finding, Issue, IssueState, Slot
from digest.pipeline.departing import (
    GIVE_UP_A_THIN_WEEK,
    depart,
    given_up_when_late,
    is_thin,
    skip_thin,
    thin_reason,
    where_it_stands,
)
from digest.pipeline.drafting import draft
from digest.pipeline.noticing import Noticing, Sight
from digest.pipeline.press import Draft, Outcome, Press, Question
from digest.pipeline.review_times import leaves_at, reminder_at
from digest.pipeline.steps import BY_ITSELF, UNOPPOSED, approve, build, said_since_built
from digest.send.edge import Edge

_WAITING = {IssueState.DRAFT, IssueState.FROZEN, IssueState.APPROVED}


class _Again(Enum):
    """Whether a run makes an issue (again)."""

    NO = auto()
    WHEN_CHANGED = auto()
    YES = auto()


async def review(
    press: Press, issue: Issue, slot: Slot, edge: Edge, max_delay: timedelta | None, noticing: Noticing | None
) -> Outcome:
    """Bring an issue whose build moment is past as far as it can go without a person."""
    now = edge.clock().astimezone(UTC)
    issue = _without_a_void_approval(press, issue, now)
    made: Draft | None = None
    wanted, sight = _wanted(press, issue, slot, now, noticing)
    if wanted:
        if is_thin(issue) and (reason := thin_reason(press, made := draft(press, slot, now))):
            _remember(noticing, sight)  # not built: each time would be a line of the history
            return Outcome(issue, f"skipped: {reason}", made)
        issue, made = build(press, slot, now)
        _remember(noticing, sight)
        if made.blocked:
            return Outcome(issue, "a finding keeps it from leaving", made)
        reason = thin_reason(press, made) if issue.state is IssueState.FROZEN else ""
        if reason and not _taken_up(press, issue):
            return skip_thin(press, issue, made, reason, now)
    issue = given_up_when_late(press, issue, slot, now, _limit(press, max_delay), _why_late(press, issue, now))
    untold: tuple[Finding, ...] = ()
    if issue.state is IssueState.FROZEN:
        untold = await _show(press, issue, slot, now, made, max_delay)
        if _had_their_time(press, issue, slot, edge.clock()):
            issue = approve(press.store, issue, UNOPPOSED, now)
    is_due = now >= slot.due_at
    if issue.state is IssueState.SENDING or (issue.state is IssueState.APPROVED and is_due):
        return await depart(press, issue, edge, made)
    says, tally = _where_it_waits(press, issue, slot, now), press.store.outbox.tally(issue)
    return Outcome(issue, says, made, tally=tally, untold=untold)


def _without_a_void_approval(press: Press, issue: Issue, now: datetime) -> Issue:
    """Return the issue without an approval that another `review` gave by itself: people were not asked then."""
    ours = {"window": UNOPPOSED}.get(press.newsletter.review)
    if issue.state is not IssueState.APPROVED or issue.approved_by not in BY_ITSELF or issue.approved_by == ours:
        return issue
    reason = f"it was let go by “{issue.approved_by}”, which counts no more"
    return press.store.issues.move(issue, IssueState.FROZEN, allowed=(IssueState.APPROVED,), now=now, reason=reason)


def _wanted(
    press: Press, issue: Issue, slot: Slot, now: datetime, noticing: Noticing | None
) -> tuple[bool, Sight | None]:
    """Tell whether to build, and from what."""
    again = _again(press, issue, slot, now, asked=noticing is None)
    if again is _Again.NO or noticing is None:
        return again is not _Again.NO, None
    sight = noticing.news(press, slot, now)
    if sight is None and again is _Again.YES:
        return True, None
    return sight is not None, sight


def _again(press: Press, issue: Issue, slot: Slot, now: datetime, *, asked: bool) -> _Again:
    """Tell whether a run makes the issue again; `asked`: a person, or cron, typed `digest run`.

    What a person holds or skips is theirs. From the due moment on what waits in its window is left alone, so that
    changes cannot put it off for ever, and what was approved leaves.
    """
    is_due = now >= slot.due_at
    if issue.state is IssueState.PLANNED:
        return _Again.YES
    if is_thin(issue):
        return _Again.WHEN_CHANGED if now - slot.due_at < GIVE_UP_A_THIN_WEEK else _Again.NO
    if issue.state not in _WAITING:
        return _Again.NO
    if said_since_built(press.store, issue):
        return _Again.YES
    built_at = issue.updated_at or now
    if is_due and issue.state is IssueState.APPROVED:
        return _Again.NO
    if built_at < slot.build_at:  # frozen by hand, when posts may have been missing
        return _Again.YES
    if is_due and issue.state is IssueState.FROZEN and press.newsletter.review == "window":
        # Who comes by only now and then looks once more, at first; whoever comes every minute has looked.
        return _Again.YES if asked and built_at < slot.due_at else _Again.NO
    return _Again.WHEN_CHANGED


def _remember(noticing: Noticing | None, sight: Sight | None) -> None:
    if noticing and sight:
        noticing.built(sight)


def _taken_up(press: Press, issue: Issue) -> bool:
    """Tell whether an issue was skipped before: since then, somebody wants it however thin."""
    return any(each.what == IssueState.SKIPPED for each in press.store.issues.events(issue))


def _limit(press: Press, max_delay: timedelta | None) -> timedelta | None:
    """Return how late an issue may be that nobody approved; None for as late as whoever asks for it wants."""
    if press.newsletter.review == "window":
        return max_delay
    return max_delay or timedelta(hours=press.newsletter.max_delay_hours)


def _why_late(press: Press, issue: Issue, now: datetime) -> str:
    newsletter = press.newsletter
    if newsletter.review == "window":
        return f"it would leave more than {newsletter.max_delay_hours} hours late"
    if press.store.reviews.last(issue, now) is None:
        return f"it could not be shown to anybody within {newsletter.max_delay_hours} hours of its time"
    return f"nobody approved it within {newsletter.max_delay_hours} hours of its time"


async def _show(
    press: Press, issue: Issue, slot: Slot, now: datetime, made: Draft | None, max_delay: timedelta | None
) -> tuple[Finding, ...]:
    """Show people the version that waits, or remind them of it, once; return what could not be told."""
    newsletter, reviews = press.newsletter, press.store.reviews
    before = reviews.last(issue, now)
    is_reminder = False
    if not reviews.claim_ask(issue, now):
        moment = reminder_at(newsletter, slot, now) if newsletter.review == "required" else None
        is_reminder = moment is not None and reviews.claim_reminder(issue, moment, now)
        if not is_reminder:
            return ()
    if press.asker is None:
        return ()
    limit = _limit(press, max_delay)
    ends_at = slot.due_at.astimezone(UTC) + limit if limit else None
    question = Question(issue, slot, now, made, before, ends_at, is_reminder=is_reminder)
    return await press.asker().ask(press, question)


def _had_their_time(press: Press, issue: Issue, slot: Slot, now: datetime) -> bool:
    """Tell whether people had their time for this very version, so that it leaves by itself."""
    if press.newsletter.review != "window":
        return False
    asked = press.store.reviews.last(issue, now)
    return asked is not None and asked.is_about(issue) and now >= leaves_at(press.newsletter, slot.due_at, asked.at)


def _where_it_waits(press: Press, issue: Issue, slot: Slot, now: datetime) -> str:
    zone = slot.due_at.tzinfo
    if issue.state is IssueState.APPROVED:
        return f"approved; it leaves when it is due, {slot.due_at:%Y-%m-%d %H:%M}"
    asked = press.store.reviews.last(issue, now) if issue.state is IssueState.FROZEN else None
    if asked and press.newsletter.review == "window":
        leaves = leaves_at(press.newsletter, slot.due_at, asked.at).astimezone(zone)
        return f"leaves by itself at {leaves:%Y-%m-%d %H:%M}, unless somebody holds it"
    return where_it_stands(issue)
