"""Those around the digest in a simulated year, each with a log of their own: a provider with faults, and the staff."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import ClassVar

from digest import pipeline
from digest.errors import IssueStateError
from digest.models import Delivery, DeliveryState, Issue, IssueState
from digest.send.providers import ALWAYS, Answer, Connection, Mailing, Request, Verdict
from digest.store import Store


class Mood(Enum):
    """How a provider is at the moment."""

    WELL = auto()
    BUSY = auto()
    UNCLEAR = auto()
    KEY_REFUSED = auto()


@dataclass(frozen=True)
class Taken:
    """One copy that a provider took to bring it to a reader."""

    issue: str
    address: str
    at: datetime
    fingerprint: str
    text: str


@dataclass
class Post:
    """A provider that knows best what it took; one of them knows a repeated key again."""

    chance: random.Random
    clock: Callable[[], datetime]
    at_request: Callable[[], None]
    """What else happens while a request is on its way."""
    knows_keys: bool = False
    mood: Mood = Mood.WELL
    taken: list[Taken] = field(default_factory=list)
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    """Copies that an unclear answer, or none, was given for."""
    _keys: set[str] = field(default_factory=set)
    batch_limit: ClassVar[int] = 2
    keeps_list: ClassVar[bool] = False
    settles_after: ClassVar[timedelta | None] = None

    @property
    def repeatable_for(self) -> timedelta:
        return ALWAYS if self.knows_keys else timedelta(0)

    def problems(self) -> Sequence[str]:
        return ()

    def cautions(self) -> Sequence[str]:
        return ()

    def describe(self, mailing: Mailing) -> Request:
        return Request("POST", mailing.issue)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        yield self

    async def send(self, mailing: Mailing) -> Answer:
        names = {(mailing.issue, each.address) for each in mailing.recipients}
        self.at_request()
        if self.mood is Mood.BUSY:
            return Answer(Verdict.NOT_SENT, detail="429: too many requests", http_status=429)
        if self.mood is Mood.KEY_REFUSED:
            return Answer(Verdict.REFUSED, detail="401: this key is not valid", http_status=401)
        self.doubtful |= names
        unclear = self.mood is Mood.UNCLEAR and self.chance.random() < 0.7
        if not (unclear and self.chance.random() < 0.5):
            self._take(mailing)
        self.at_request()
        if unclear:
            return Answer(Verdict.AMBIGUOUS, detail="502: bad gateway", http_status=502)
        self.doubtful -= names
        return Answer(Verdict.ANSWERED, tuple(Delivery(each, DeliveryState.ACCEPTED) for each in mailing.recipients))

    def _take(self, mailing: Mailing) -> None:
        if self.knows_keys and mailing.key in self._keys:
            return
        self._keys.add(mailing.key)
        email, now = mailing.email, self.clock()
        for each in mailing.recipients:
            self.taken.append(Taken(mailing.issue, each.address, now, email.fingerprint, email.text))


@dataclass(frozen=True)
class Decision:
    """What a person said about an issue."""

    issue: str
    what: str
    fingerprint: str
    at: datetime


@dataclass
class Staff:
    """People who come by now and then, and sometimes do something."""

    chance: random.Random
    store: Store
    clock: Callable[[], datetime]
    decisions: list[Decision] = field(default_factory=list)

    def come_by(self, slug: str, eager: float = 0.5) -> None:
        """Look at the newest issues of a newsletter, and decide about some of them."""
        for issue in self.store.issues.latest(slug, 3):
            if self.chance.random() < eager:
                with suppress(IssueStateError):
                    self._decide(issue)

    def _decide(self, issue: Issue) -> None:
        now, drawn = self.clock(), self.chance.random()
        what = ""
        match issue.state:
            case IssueState.FROZEN if drawn < 0.7:
                pipeline.approve(self.store, issue, "kay", now)
                what = "approve"
            case IssueState.FROZEN | IssueState.APPROVED if drawn < 0.8:
                pipeline.hold(self.store, issue, "kay", "確認中", now)
                what = "hold"
            case IssueState.FROZEN | IssueState.APPROVED if drawn < 0.85:
                pipeline.skip(self.store, issue, "kay", "休刊", now)
                what = "skip"
            case IssueState.HELD if drawn < 0.4 and issue.fingerprint:
                pipeline.approve(self.store, issue, "kay", now)
                what = "approve"
            case IssueState.HELD if drawn < 0.5:
                pipeline.skip(self.store, issue, "kay", "休刊", now)
                what = "skip"
            case IssueState.SENDING if drawn < 0.2:
                pipeline.hold(self.store, issue, "kay", "待って", now)
                what = "pause"
            case IssueState.PAUSED if drawn < 0.6:
                pipeline.go_on(self.store, issue, "kay", now)
                what = "go on"
            case IssueState.NEEDS_REVIEW if drawn < 0.4:
                to = DeliveryState.ACCEPTED if drawn < 0.3 else DeliveryState.ABANDONED
                self.store.outbox.resolve(issue, DeliveryState.UNKNOWN, to, now, "kay")
                self.store.outbox.finish(issue, now)
                what = "resolve"
        if what:
            self.decisions.append(Decision(issue.name, what, issue.fingerprint, now))
