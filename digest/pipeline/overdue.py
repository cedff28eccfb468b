"""Decides whether an issue should have left by itself by now, and has not."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.models import IssueState, Newsletter
from digest.select import latest_slot
from digest.store import Store

_PATIENCE = timedelta(hours=1)
"""After the due moment: collecting, building and a first try with the provider take minutes, not an hour."""
_STILL_TO_LEAVE = {IssueState.PLANNED, IssueState.DRAFT, IssueState.APPROVED}


def overdue(newsletter: Newsletter, store: Store, now: datetime) -> str:
    """Return which issue is late, for a person; or nothing. What waits for a person is not late, and was told."""
    slot = latest_slot(newsletter.schedule, now)
    if now - slot.due_at < _PATIENCE or slot.due_at < store.issues.first_seen(newsletter.slug, now):
        return ""
    issue = store.issues.find(newsletter.slug, slot.period)
    state = issue.state if issue else IssueState.PLANNED
    by_itself = state is IssueState.FROZEN and newsletter.review == "none"
    if state not in _STILL_TO_LEAVE and not by_itself:
        return ""
    return f"{newsletter.slug}/{slot.period} was due {slot.due_at:%Y-%m-%d %H:%M %z} and is still {state}"
