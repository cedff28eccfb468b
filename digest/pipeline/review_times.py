"""Decides the moments of a review: until when people may look, when they are reminded, and when it is over.

In UTC: a local clock that changes in between makes no hour longer or shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from digest.models import Finding, Level, Newsletter, Slot

_MEANINGLESS = {
    "build": "an issue that nobody looks at is made when it leaves",
    "review_minutes": "only an issue that leaves by itself has such a time",
    "remind_hours": "only who has to approve is reminded",
    "reviewers": "nobody is asked",
}


def leaves_at(newsletter: Newsletter, due_at: datetime, asked_at: datetime) -> datetime:
    """Return when a version leaves by itself that people were asked about: when due, and not before they had time."""
    return max(due_at.astimezone(UTC), asked_at.astimezone(UTC) + timedelta(minutes=newsletter.review_minutes))


def ends_at(newsletter: Newsletter, due_at: datetime) -> datetime:
    """Return the moment after which `late` says what becomes of an issue that nobody approved."""
    return due_at.astimezone(UTC) + timedelta(hours=newsletter.max_delay_hours)


def reminder_at(newsletter: Newsletter, slot: Slot, now: datetime) -> datetime | None:
    """Return the last moment up to `now` at which people are reminded; None when there was none yet, or none any more.

    One is the due moment; the others are whole steps from it, between the build and the end.
    """
    if not newsletter.remind_hours:
        return None
    step, due_at = timedelta(hours=newsletter.remind_hours), slot.due_at.astimezone(UTC)
    last = due_at + (now.astimezone(UTC) - due_at) // step * step
    return last if slot.build_at.astimezone(UTC) < last < ends_at(newsletter, due_at) else None


def cautions(newsletter: Newsletter, slot: Slot) -> Iterator[Finding]:
    """Yield what of a newsletter's settings does not do what whoever wrote it may expect."""
    for key in newsletter.unused:
        message = f"`{key}` counts for nothing with review = “{newsletter.review}”: {_MEANINGLESS[key]}."
        fix = "take it out, or see `review` in config/README.md"
        yield Finding(Level.WARNING, "config.key-unused", message, file=newsletter.file, fix=fix)
    between = slot.due_at.astimezone(UTC) - slot.build_at.astimezone(UTC)
    if newsletter.review == "window" and between < timedelta(minutes=newsletter.review_minutes):
        late = newsletter.review_minutes - between // timedelta(minutes=1)
        message = (
            f"The issue is made {between // timedelta(minutes=1)} minutes before it is due, and people have"
            f" {newsletter.review_minutes} minutes: it leaves {late} minutes late."
        )
        fix = "let `build` (or `cut_off`) be earlier, or write less `review_minutes`"
        yield Finding(Level.WARNING, "config.review-short", message, file=newsletter.file, fix=fix)
