"""A newsletter that people look at before it leaves, on one or several hosts, with a clock that a test moves."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from digest import pipeline
from digest.models import (
    READER_TOKEN,
    Collection,
    DaysBefore,
    Finding,
    Issue,
    IssueState,
    LastWeekday,
    Newsletter,
    Post,
    Recipient,
    Schedule,
    Slot,
    Weekly,
)
from digest.pipeline import Outcome, Press
from digest.pipeline.asking import Asker
from digest.pipeline.noticing import Noticing
from digest.pipeline.reporting import Channels, Teller
from digest.render import Links, Renderer
from digest.select import slot_of_period
from digest.send.audience import Audience
from digest.send.edge import Edge
from digest.send.ownership import Owner
from digest.send.providers import Provider
from digest.send.providers.file import Provider as Writer
from digest.store import Store
from digest.store.issues import Event
from tests.conftest import ROOT
from tests.factories import TOKYO, make_newsletter, make_post

WEEK = "2026-W04"
DUE = datetime(2026, 1, 19, 8, tzinfo=TOKYO)
BUILD = datetime(2026, 1, 16, 18, tzinfo=TOKYO)
"""Friday evening, which is the cut-off, too."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EDITOR = "editor@example.com"
READERS = ("reader1@example.com", "reader2@example.com")
RENDERER = Renderer(ROOT / "templates", ROOT / "config/copy")


def friday(zone: ZoneInfo = TOKYO, at: time = time(8)) -> Schedule:
    """Return Mondays, with posts up to Friday evening, when the issue is made."""
    return Schedule(Weekly(0), at, zone, LastWeekday(4, time(18)), LastWeekday(4, time(18)))


def at_due(zone: ZoneInfo = TOKYO) -> Schedule:
    """Return Mondays, with an issue that is made in the morning."""
    return Schedule(Weekly(0), time(8), zone, DaysBefore(0, time(0)), DaysBefore(0, time(7)))


def sound_post(name: str, when: datetime) -> Post:
    """Return a post with words of its own, as a sound one has."""
    words = "".join(chr(0x30A2 + (ord(letter) * 7 + place * 5) % 80) for place, letter in enumerate(name * 4))
    body = f"{words}の話です。{words}について、よく調べました。"
    return replace(make_post(name, body=body), title=f"{words}について", published_at=when)


@dataclass
class World:
    """The newsletter's house, and all that happened in it."""

    folder: Path
    store: Store
    newsletter: Newsletter
    now: datetime = BUILD - HOUR
    posts: tuple[Post, ...] = ()
    hosts: dict[int, Noticing] = field(default_factory=dict)
    provider: Provider | None = None
    """Instead of files."""
    ways: Channels | None = None
    untold: list[Finding] = field(default_factory=list)
    builds: int = 0
    """How often the posts were read."""

    def press(self, **changes: Any) -> Press:
        def read(moment: datetime) -> Collection:
            self.builds += 1
            return Collection(tuple(each for each in self.posts if each.published_at < moment))

        writer = self.provider or Writer(self.folder / "outbox")
        teller = Teller(self.ways or Channels(file=self.folder / "reports"), lambda: self.store, lambda: writer)
        press = Press(
            newsletter=self.newsletter,
            read_posts=read,
            read_audience=lambda: Audience(tuple(map(Recipient, READERS)), ()),
            renderer=RENDERER,
            links=lambda _: Links(f"https://news.example.com/u/{READER_TOKEN}"),
            store=self.store,
            provider=writer,
            owner=Owner(self.folder / "senders"),
            watched=lambda: (self.folder / "config",),
            asker=lambda: Asker(lambda: teller, (EDITOR,), "https://studio.example.com"),
        )
        return replace(press, **changes)

    def tick(self, host: int | None = 0) -> Sequence[Outcome]:
        """Come by as a scheduler does; as `digest run` from cron for None."""
        limits: dict[str, Any] = {}
        if host is not None:
            noticing = self.hosts.setdefault(host, Noticing())
            limits = {"max_delay": timedelta(hours=self.newsletter.max_delay_hours), "noticing": noticing}
        outcomes = asyncio.run(pipeline.run(self.press(), Edge(lambda: self.now), **limits))
        self.untold += [each for outcome in outcomes for each in outcome.untold]
        return outcomes

    def go(self, until: datetime, *, every: timedelta = 10 * MINUTE, hosts: Sequence[int] = (0,)) -> None:
        """Come by from now on up to a moment."""
        while self.now.astimezone(UTC) < until.astimezone(UTC):
            self.now = min((self.now.astimezone(UTC) + every), until.astimezone(UTC))
            for host in hosts:
                self.tick(host)

    def change(self, greeting: str) -> None:
        """Write a setting, and the file that it stands in."""
        self.newsletter = replace(self.newsletter, greeting=greeting)
        self.touch()

    def touch(self) -> None:
        file = self.folder / "config/weekly.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(self.newsletter.greeting, encoding="utf-8")
        os.utime(file, ns=(int(self.now.timestamp() * 1e9),) * 2)

    @property
    def slot(self) -> Slot:
        return slot_of_period(self.newsletter.schedule, WEEK)

    def issue(self, period: str = WEEK) -> Issue:
        found = self.store.issues.find("weekly", period)
        assert found
        return found

    @property
    def state(self) -> IssueState:
        return self.issue().state

    def decide(self, what: Callable[..., Issue], *more: str) -> Issue:
        """Approve, hold or skip as a person does."""
        return what(self.store, self.issue(), "kay", *more, self.now)

    def events(self, *kinds: str) -> list[Event]:
        return [each for each in self.store.issues.events(self.issue()) if not kinds or each.what in kinds]

    def left_at(self) -> datetime:
        """Return when the issue began to leave."""
        (sending,) = self.events("sending")
        return sending.at

    @property
    def messages(self) -> list[str]:
        """What staff were told, oldest first."""
        files = sorted((self.folder / "reports").glob("*.md"), key=lambda file: file.name)
        return [file.read_text(encoding="utf-8") for file in files]

    @property
    def subjects(self) -> list[str]:
        return [text.splitlines()[0].partition("】")[0].removeprefix("# 【") for text in self.messages]

    def mail(self, address: str, *, proof: bool = False) -> EmailMessage | None:
        folder = self.folder / "outbox/weekly" / WEEK / ("proofs" if proof else ".")
        file = folder / f"{address}.eml"
        if not file.exists():
            return None
        return cast("EmailMessage", email.message_from_bytes(file.read_bytes(), policy=email.policy.default))


def make_world(folder: Path, store: Store, review: str, **changes: Any) -> World:
    """Return a house with posts of this week and of the next."""
    changes = {"schedule": friday(), "language": "ja"} | changes
    newsletter = make_newsletter(review=review, greeting="やあ", **changes)
    world = World(folder, store, newsletter)
    zone = newsletter.schedule.time_zone
    slot = slot_of_period(newsletter.schedule, WEEK)
    start = slot.window.end.astimezone(zone)
    world.posts = tuple(sound_post(name, start - timedelta(hours=20 + 5 * place)) for place, name in enumerate("abc"))
    world.touch()
    return world
