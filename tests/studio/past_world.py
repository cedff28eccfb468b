"""Issues that were: sent in the store as a provider answered, and with what it told later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.app import Project
from digest.models import (
    Delivery,
    DeliveryState,
    Email,
    Ended,
    EventKind,
    Issue,
    IssueState,
    ProviderEvent,
    Recipient,
    Slot,
)
from digest.pipeline import approve, build, draft
from digest.select import latest_slot, slot_of_period
from digest.store import Frozen
from tests.projects import AS_OF

NOW = datetime.fromisoformat(AS_OF)
PERIOD = "2026-W04"
LONG = timedelta(minutes=5)
HOSTILE = '<img src=x onerror=alert(1)>"=1+1'


@dataclass
class World:
    """The store of a project."""

    project: Path
    opened: Project = field(init=False)
    mail: Email | None = None

    def __post_init__(self) -> None:
        self.opened = Project(self.project)

    def slot(self, period: str) -> Slot:
        return slot_of_period(self.opened.newsletter("weekly").schedule, period)

    def before(self, slot: Slot) -> Slot:
        return latest_slot(self.opened.newsletter("weekly").schedule, slot.due_at.astimezone(UTC) - LONG)

    def approved(self, slot: Slot, who: str = "花子") -> Issue:
        """Build and approve the issue of a week; every one has the mail of the newest, with a subject of its own."""
        store, press = self.opened.store, self.opened.press("weekly")
        if slot.period == PERIOD:
            return approve(store, build(press, slot, NOW)[0], who, NOW)
        if self.mail is None:
            self.mail = draft(press, self.slot(PERIOD), NOW).email
        planned = store.issues.plan("weekly", slot, slot.due_at)
        email = replace(self.mail, subject=f"{self.mail.subject}（{slot.period}）")
        window = {"start": slot.window.start.isoformat(), "end": slot.window.end.isoformat()}
        selection = {"window": window, "sections": [], "more": [], "left_out": []}  # a post goes out once
        frozen = Frozen(email, selection, (), ())
        number = store.issues.next_number("weekly", slot)
        planned = store.issues.save(planned, number, frozen, IssueState.FROZEN, slot.due_at)
        return approve(store, planned, who, slot.due_at)

    def sent(
        self,
        period: str,
        answers: Mapping[str, tuple[DeliveryState, str]],
        told: Mapping[EventKind, int] | None = None,
    ) -> Issue:
        """Send an issue: address -> what became of it and the error; then so many of the first are told of."""
        slot, store = self.slot(period), self.opened.store
        issue, now = self.approved(slot), slot.due_at
        tokens = store.readers.tokens("weekly", answers, now)
        dropped = [each for each, (state, _) in answers.items() if state is DeliveryState.SUPPRESSED]
        for each in dropped:
            store.readers.suppress(tokens[each], "unsubscribed", now)
        readers = [Recipient(each, "", tokens[each]) for each in answers]
        store.outbox.begin(issue, (f"post-{period}",), readers, max(len(readers), 1), now)
        claim = store.outbox.claim(issue, "me", now, now + LONG)
        assert claim
        got = [Delivery(each, answers[each.address][0], "m-1", answers[each.address][1]) for each in claim.recipients]
        store.outbox.record(Ended(claim, got, now, outcome="answered"))
        if not any(state is DeliveryState.PENDING for state, _ in answers.values()):
            store.outbox.finish(issue, now)
        accepted = [each for each, (state, _) in answers.items() if state is DeliveryState.ACCEPTED]
        events = [
            (each, ProviderEvent(f"{period} {kind} {each}", kind, each, now + LONG, issue.name))
            for kind, count in (told or {}).items()
            for each in accepted[:count]
        ]
        store.events.take("sendgrid", events, now + LONG)
        return issue

    def close(self) -> None:
        self.opened.close()


def answers(
    accepted: int, rejected: int = 0, unknown: int = 0, suppressed: int = 0, name: str = "r"
) -> dict[str, tuple[DeliveryState, str]]:
    """Return what became of so many readers, on three domains."""
    hosts = ("example.jp", "example.com", "docomo.example")
    wanted = [
        *[(DeliveryState.ACCEPTED, "")] * accepted,
        *[(DeliveryState.REJECTED, f"550 no such user {HOSTILE}")] * rejected,
        *[(DeliveryState.UNKNOWN, "the connection broke after the data")] * unknown,
        *[(DeliveryState.SUPPRESSED, "")] * suppressed,
    ]
    return {f"{name}{place}@{hosts[place % 3]}": each for place, each in enumerate(wanted)}


def half_a_year(world: World, weeks: int = 20) -> None:
    """Send so many issues, the oldest first; opens are told of the last few."""
    slots = [world.slot(PERIOD)]
    while len(slots) < weeks:
        slots.append(world.before(slots[-1]))
    for place, slot in enumerate(reversed(slots)):
        told = {}
        if place > weeks // 3:
            told = {
                EventKind.DELIVERED: 70,
                EventKind.BOUNCED: place % 3,
                EventKind.OPENED: 30 + place % 5 * 3,
                EventKind.CLICKED: 6 + place % 4,
            }
        some = answers(80 + place * 2, place % 4, 2 * (place % 7 == 3), 1 + place % 2, f"week{place}-")
        world.sent(slot.period, some, told)
