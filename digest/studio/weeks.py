"""Which weeks can be looked at, and which one first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.models import Issue, IssueState, Schedule, Slot
from digest.select import latest_slot, next_slot

COMING, PAST = 4, 26
_OVER = {IssueState.SENT, IssueState.SKIPPED, IssueState.EXPIRED, IssueState.CANCELLED}
_MOMENT = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """A slot, and the issue that the store has for it."""

    slot: Slot
    issue: Issue | None
    due: bool
    """Whether its time has come."""

    @property
    def state(self) -> str:
        """The issue's state; without an issue `missed` when it is due, else `coming`."""
        return str(self.issue.state) if self.issue else "missed" if self.due else "coming"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weeks around the one that is shown."""

    weeks: tuple[Week, ...]
    """Newest first; the shown one is among them."""
    shown: Week
    before: str
    """The period before the shown one."""
    after: str


def first_shown(schedule: Schedule, issues: Mapping[str, Issue], now: datetime) -> Slot:
    """Return the newest due slot, or the coming one when its issue is over for a day: by then people look ahead."""
    newest = latest_slot(schedule, now)
    issue = issues.get(newest.period)
    over = issue is not None and issue.state in _OVER and now - newest.due_at > _DAY
    return next_slot(schedule, now) if over else newest


def calendar_around(schedule: Schedule, shown: Slot, issues: Mapping[str, Issue], now: datetime) -> Calendar:
    """Return the weeks to choose from: some that were, a few that come, and the shown one wherever it is."""
    slots = {slot.period: slot for slot in (shown, *_around(schedule, now))}
    ordered = sorted(slots.values(), key=lambda slot: slot.due_at, reverse=True)
    weeks = tuple(Week(slot, issues.get(slot.period), slot.due_at <= now) for slot in ordered)
    return Calendar(
        weeks,
        next(week for week in weeks if week.slot.period == shown.period),
        _previous(schedule, shown).period,
        next_slot(schedule, shown.due_at).period,
    )


def _around(schedule: Schedule, now: datetime) -> Sequence[Slot]:
    newest = latest_slot(schedule, now)
    coming, past = [newest], [newest]
    for _ in range(COMING):
        coming.append(next_slot(schedule, coming[-1].due_at))
    for _ in range(PAST):
        past.append(_previous(schedule, past[-1]))
    return [*coming, *past]


def _previous(schedule: Schedule, slot: Slot) -> Slot:
    # In UTC: a moment before a due time may be one that the local clocks skip.
    return latest_slot(schedule, slot.due_at.astimezone(UTC) - _MOMENT)
