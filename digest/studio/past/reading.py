"""What is shown of issues that were: their numbers side by side, and everything about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from digest.models import DeliveryState, Email, EventKind, Finding, Issue, IssueState, Newsletter
from digest.pipeline import Outcome
from digest.pipeline.run_report import Known, report
from digest.select import slot_of_period
from digest.store import Store
from digest.store.issues import Event

ISSUES = 26
"""On one page: half a year of weeks."""
READERS = 100
"""On one page."""
_ALL = 1_000
"""Issues of one newsletter: twenty years of weeks."""
TROUBLED = (DeliveryState.REJECTED, DeliveryState.UNKNOWN)
_RATED = (EventKind.OPENED, EventKind.CLICKED)


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of several."""

    number: int
    """From 1; within what there is."""
    size: int
    total: int
    """Of everything, not of pages."""

    @classmethod
    def of(cls, wanted: str, size: int, total: int) -> Page:
        """Return the page that an address asks for, or the nearest that there is."""
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
        return cls(min(max(number, 1), max(ceil(total / size), 1)), size, total)

    @property
    def first(self) -> int:
        """The place of the first one, from 0."""
        return (self.number - 1) * self.size

    @property
    def end(self) -> int:
        """The place after the last one."""
        return min(self.first + self.size, self.total)

    @property
    def last(self) -> int:
        """How many pages there are."""
        return max(ceil(self.total / self.size), 1)


@dataclass(frozen=True, slots=True)
class Past:
    """An issue with its numbers."""

    issue: Issue
    tally: Mapping[DeliveryState, int]
    told: Mapping[EventKind, int]
    left_at: datetime | None
    """When its first copy could leave; None when none did."""

    @property
    def readers(self) -> int:
        """All whom it was for, also those who had to get nothing."""
        return sum(self.tally.values())

    @property
    def others(self) -> int:
        """Those whose copies are neither taken, nor refused, nor unclear, nor unwanted: they wait, or were given up."""
        settled = (DeliveryState.ACCEPTED, DeliveryState.SUPPRESSED, DeliveryState.UNKNOWN, DeliveryState.REJECTED)
        return self.readers - sum(self.tally.get(state, 0) for state in settled)

    def rate(self, kind: EventKind) -> float | None:
        """Return the share of the accepted copies of which something was told; None when nothing is known.

        A provider that never tells of opens looks like a mail that nobody opened: then nothing is known.
        """
        accepted = self.tally.get(DeliveryState.ACCEPTED, 0)
        heard = any(self.told.get(each) for each in _RATED)
        return min(self.told.get(kind, 0) / accepted, 1.0) if accepted and heard else None


@dataclass(frozen=True, slots=True)
class Overview:
    """The issues of a newsletter, newest first."""

    issues: tuple[Past, ...]
    page: Page


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything about one issue."""

    past: Past
    events: Sequence[Event]
    """Oldest first."""
    domains: Sequence[tuple[str, Mapping[str, int]]]
    """Those with most readers first; of each how many copies are in a state, and of how many something was told."""
    email: Email | None
    """As it was frozen."""
    findings: Sequence[Finding]
    report: str
    """What people are told about it, in the newsletter's language; without addresses."""
    readers: Sequence[Mapping[str, Any]]
    """Of `TROUBLED`, one page of them."""
    page: Page
    in_calendar: bool
    """Whether the newsletter's schedule still has its period, so that its page can be opened."""


def overview(store: Store, slug: str, wanted: str) -> Overview:
    """Return a page of a newsletter's issues with their numbers."""
    issues = store.issues.latest(slug, _ALL)
    page = Page.of(wanted, ISSUES, len(issues))
    return Overview(tuple(past(store, each) for each in issues[page.first : page.end]), page)


def past(store: Store, issue: Issue, events: Sequence[Event] | None = None) -> Past:
    """Return an issue with its numbers."""
    happened = store.issues.events(issue) if events is None else events
    # An issue that was paused and let go on has begun to leave more than once.
    left_at = next((each.at for each in happened if each.what == IssueState.SENDING), None)
    return Past(issue, store.outbox.tally(issue), store.events.counts(issue), left_at)


def whole(store: Store, newsletter: Newsletter, period: str, wanted: str, now: datetime) -> Whole | None:
    """Return everything about an issue, with a page of the readers that made trouble; None when there is none."""
    issue = store.issues.find(newsletter.slug, period)
    if issue is None:
        return None
    events = store.issues.events(issue)
    mine = past(store, issue, events)
    frozen = store.issues.frozen(issue)
    page = Page.of(wanted, READERS, sum(mine.tally.get(state, 0) for state in TROUBLED))
    counted = store.events.domains(issue).items()
    told = report(Outcome(issue, issue.reason, tally=mine.tally), newsletter, Known(frozen, events), now)
    return Whole(
        mine,
        events,
        sorted(counted, key=lambda each: (-_copies(each[1]), each[0])),
        frozen.email if frozen else None,
        frozen.findings if frozen else (),
        told.text,
        store.events.copies_in(issue, TROUBLED, page.first, page.size),
        page,
        _in_calendar(newsletter, period),
    )


def _copies(counts: Mapping[str, int]) -> int:
    return sum(counts.get(state, 0) for state in DeliveryState)


def _in_calendar(newsletter: Newsletter, period: str) -> bool:
    try:
        slot_of_period(newsletter.schedule, period)
    except (ValueError, OverflowError):
        return False
    return True
