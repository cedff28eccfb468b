"""What an issue waits for that has not left: its time, its window, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from digest.models import Issue, IssueState, Newsletter, Slot
from digest.pipeline.review_times import leaves_at
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Waiting:
    """What it waits for, and until when."""

    what: Literal["window", "required", "approved"]
    """`window`: it leaves by itself then; `required`: it is due then; `approved`: it leaves then."""
    at: datetime


def waiting_for(store: Store, newsletter: Newsletter, issue: Issue, now: datetime) -> Waiting | None:
    """Return what an issue waits for; None when nothing but a person's look at what is wrong brings it on."""
    zone = newsletter.schedule.time_zone
    if issue.state is IssueState.APPROVED and now < issue.due_at:
        return Waiting("approved", issue.due_at.astimezone(zone))
    if issue.state is not IssueState.FROZEN or not newsletter.is_reviewed:
        return None
    if newsletter.review == "required":
        return Waiting("required", issue.due_at.astimezone(zone))
    asked = store.reviews.last(issue, now)
    # Nobody was asked about this version yet: that is done within the minute.
    since = asked.at if asked and asked.is_about(issue) else now
    return Waiting("window", leaves_at(newsletter, issue.due_at, since).astimezone(zone))


def expected_to_leave(newsletter: Newsletter, slot: Slot, zone: tzinfo) -> datetime:
    """Return when an issue that is still to be made leaves at the earliest."""
    if newsletter.review != "window":
        return slot.due_at
    return leaves_at(newsletter, slot.due_at, slot.build_at).astimezone(zone)
