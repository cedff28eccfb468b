"""Decides what is told when an address that was read well before cannot be read now, and its last good reading is used.

It is used whatever goes wrong. What passes is a warning, until most of a week would be missing; what the server
refuses, or has no longer, is an error at once, since only a person can mend it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from digest.models import Finding, Level

STALE = timedelta(days=3)
"""After that even passing trouble is an error: most of a week would be missing from a weekly digest."""


def unreachable(
    what: str, said: str, fix: str, *, read_at: datetime, now: datetime, refused: bool, zone: tzinfo | None, more: str
) -> Finding:
    """Say that `what` cannot be read, what the server said, and from when the posts are that stand in.

    `zone` is that of the blog, None where nobody named one; `more` are further sentences.
    """
    return Finding(
        Level.ERROR if refused or now - read_at > STALE else Level.WARNING,
        "blog.unreachable",
        f"{what} cannot be read: {said}. Its posts are those of the last good reading, of {told(read_at, zone, now)}."
        f"{more and f' {more}'}",
        fix=fix,
    )


def told(moment: datetime, zone: tzinfo | None, now: datetime) -> str:
    """Return a moment as `2026-11-22 19:00 +0900`: in the zone of the blog, or where none is named that of `now`."""
    return f"{moment.astimezone(zone or now.tzinfo):%Y-%m-%d %H:%M %z}"
