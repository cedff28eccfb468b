"""A year of the unattended run, drawn from a seed: its newsletters, its blog, and everything that goes wrong."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from digest.errors import SourceError, TemplateError
from digest.models import READER_TOKEN, Collection, Finding, Level, Newsletter, Recipient, Selection
from digest.models import Post as BlogPost
from digest.pipeline import Press
from digest.pipeline.asking import Asker
from digest.pipeline.reporting import Channels, Teller
from digest.render import Links, Rendered, Renderer
from digest.schedule import Watch
from digest.send.audience import Audience
from digest.send.edge import Edge
from digest.send.ownership import Owner
from digest.store import Store
from tests.factories import TOKYO, make_email, make_newsletter
from tests.pipeline.reviewing_world import sound_post
from tests.schedule.year_calendar import Rule
from tests.schedule.year_people import Post, Staff

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
START, END = datetime(2026, 1, 3, 12, tzinfo=UTC), datetime(2027, 1, 3, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONGEST_PAUSE = HOUR + MINUTE
READERS = tuple(f"reader{number}@example.com" for number in range(5))
REVIEW_MINUTES = 90
MAX_DELAY = 48 * HOUR
CALM_AT_THE_END = 12 * DAY
"""In the last days nothing goes wrong any more, so that what is left then is left for good."""
FREQUENT = "tuesday"
"""What is due so often that it is moved, taken away and brought back during the year."""


BROKEN, BLOCKED = "{nobody}", "http://localhost/"
"""What makes a template unusable, and what makes a mail of it one that must not leave."""


class Killed(BaseException):
    """The process is gone: nothing catches it, and nothing that it still tries has any effect."""


@dataclass
class Setting:
    """How a newsletter is configured from one moment on; `rule` is None while it is not."""

    since: datetime
    rule: Rule | None
    review: str


@dataclass
class Entry:
    """A post of the blog: `dated_at` is what it says, `seen_from` when it really appeared."""

    post: BlogPost
    dated_at: datetime
    seen_from: datetime


@dataclass
class Trouble:
    """A span in which something of a newsletter (or of all: empty) need not go well, in true time."""

    start: datetime
    end: datetime
    what: str
    slug: str = ""


@dataclass
class Begun:
    """An issue that began to leave, as the world saw it."""

    at: datetime
    setting: Setting


@dataclass
class Version:
    """What one version of an issue was made from."""

    seen: frozenset[str]
    """Names of the posts that the blog showed."""
    at: datetime


class Year:
    """The world; `clock` is what its machine shows, `true` what is so."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)
        self.true, self.skew = START, timedelta(0)
        self.store = Store("sqlite:///year.sqlite3", folder)
        self.settings: dict[str, list[Setting]] = {
            "sunday": [Setting(START, Rule("weekly", 6, time(2, 30), BERLIN), "none")],
            FREQUENT: [Setting(START, Rule("weekly", 1, time(8), TOKYO, build_days=1), "window")],
            "tenth": [Setting(START, Rule("days", 10, time(9), NEW_YORK, build_days=2), "required")],
            "monthly": [Setting(START, Rule("monthly", 15, time(7), TOKYO), "none")],
        }
        self.posts = {
            slug: Post(self.chance, self.clock, lambda: self.meanwhile(), knows_keys=slug == "monthly")
            for slug in self.settings
        }
        self.staff = Staff(self.chance, self.store, self.clock)
        self.entries = list(_blog(self.chance))
        self.troubles: list[Trouble] = []
        self.looks: dict[str, list[tuple[datetime, datetime]]] = {slug: [] for slug in self.settings}
        """True time and what the clock showed, of each look that came to its end."""
        self.begun: dict[str, Begun] = {}
        self.versions: dict[tuple[str, str], Version] = {}
        self.unheard: set[str] = set()
        """Issues of which a process died while it was about to tell somebody."""
        self.stuck: list[str] = []
        self.source_down = self.off = False
        self.greetings = dict.fromkeys(self.settings, "やあ")
        self.hosts = [Host(self, number) for number in range(2)]
        self.hosts_up = 1
        self.inside: Host | None = None
        self.template = folder / "templates/letter.txt"
        for name in ("templates", "config"):
            (folder / name).mkdir()
        self.template.write_text("{greeting}\n", encoding="utf-8")

    def clock(self) -> datetime:
        return self.true + self.skew

    def setting(self, slug: str, at: datetime | None = None) -> Setting:
        """Return how a newsletter is configured at a true moment; now if none is given."""
        return [each for each in self.settings[slug] if each.since <= (at or self.true)][-1]

    def newsletters(self) -> dict[str, Newsletter]:
        found = {}
        for slug in self.settings:
            setting = self.setting(slug)
            if setting.rule:
                found[slug] = make_newsletter(
                    slug=slug,
                    language="ja",
                    schedule=setting.rule.schedule,
                    review=setting.review,
                    review_minutes=REVIEW_MINUTES,
                    greeting=self.greetings[slug],
                    group_stories=False,
                    max_posts=60,
                    sections=tuple(replace(each, maximum=50) for each in make_newsletter().sections),
                )
        return found

    async def sleep(self, seconds: float) -> None:
        """Let time pass while a look waits for the provider."""
        self.true += timedelta(seconds=seconds)
        self.meanwhile()

    def meanwhile(self) -> None:
        """Let happen what happens between two steps of a look: nothing, mostly."""
        if self.inside:
            stormy = self.true < END - CALM_AT_THE_END
            self.inside.dead |= stormy and self.chance.random() < 0.03  # with an answer on its way, death matters most
            self.inside.step()

    def trouble(self, what: str, lasts: timedelta = timedelta(0), slug: str = "") -> None:
        self.troubles.append(Trouble(self.true, self.true + lasts, what, slug))

    def is_calm(self, slug: str, start: datetime, end: datetime) -> bool:
        """Tell whether nothing was wrong in a span of true time."""
        return not any(each.start <= end and each.end >= start and each.slug in {"", slug} for each in self.troubles)

    def touch(self) -> None:
        file = self.folder / "config/touched.toml"
        file.write_text(f"{self.true} {self.greetings}", encoding="utf-8")
        os.utime(file, ns=(int(self.true.timestamp() * 1e9),) * 2)


class Host:
    """One scheduler on one machine: a process that may die at every step."""

    def __init__(self, year: Year, number: int) -> None:
        self.year, self.root = year, year.folder / f"host{number}"
        self.start_again()

    def start_again(self) -> None:
        """Begin as a new process, which remembers nothing."""
        self.dead = False
        self.dies_in = self.meets_in = 0
        self.slug = ""
        self.telling = ""
        self.seen: frozenset[str] = frozenset()
        self.owner = Owner(self.year.folder / "senders")
        self.watches: dict[str, Watch] = {}

    def look(self, slug: str, *, dies_in: int = 0, meets_in: int = 0) -> None:
        """Come by as an alarm does. It may die at a step, or meet the other host, or a person, at one."""
        year = self.year
        if slug not in self.watches:
            self.watches[slug] = Watch(self.root, slug, year.clock, lambda: False)
        self.dies_in, self.meets_in, self.slug, self.telling = dies_in, meets_in, slug, ""
        before, year.inside = year.inside, self
        shown, begun = year.clock(), year.true
        try:
            self.watches[slug].look()
        except BaseException as error:
            if not _is_death(error):
                raise
            year.trouble("killed", slug=slug)
            if self.telling:
                year.unheard.add(self.telling)
            self.start_again()
        else:
            assert not self.dead, "a death was swallowed"
            year.looks[slug].append((begun, shown))
            if year.true - begun > 2 * HOUR:
                year.stuck.append(f"{slug}: a look at {shown:%Y-%m-%d %H:%M} waited {year.true - begun}")
        finally:
            year.inside = before

    def step(self) -> None:
        """Count a step of this process."""
        if self.dies_in:
            self.dies_in -= 1
            self.dead = self.dead or not self.dies_in
        if self.dead:
            raise Killed
        if self.meets_in:
            self.meets_in -= 1
            if not self.meets_in:
                self._meet()

    def _meet(self) -> None:
        year, slug = self.year, self.slug
        if year.hosts_up > 1 and year.chance.random() < 0.7:
            other = next(each for each in year.hosts if each is not self)
            thread = Thread(target=other.look, args=(slug,))  # an event loop of its own
            thread.start()
            thread.join()
            year.inside = self
        else:
            year.staff.come_by(slug, eager=0.8)

    # What `digest.app.Project` is for the scheduler.

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def newsletters(self) -> Mapping[str, Newsletter]:
        return self.year.newsletters()

    @property
    def teller(self) -> Teller:
        ways = Channels(file=self.year.folder / "reports" / self.slug)
        return Teller(ways, lambda: self.store, lambda: self.year.posts[self.slug])

    @property
    def store(self) -> Any:
        return _Fragile(self, self.year.store)

    def press(self, slug: str) -> Press:
        year = self.year
        return Press(
            newsletter=self.newsletters[slug],
            read_posts=self._read,
            read_audience=lambda: Audience(tuple(map(Recipient, READERS))),
            renderer=Renderer(year.folder / "templates", year.folder / "config"),
            links=lambda _: Links(f"https://news.example.com/u/{READER_TOKEN}"),
            store=self.store,
            provider=year.posts[slug],
            owner=self.owner,
            patience_seconds=0,
            watched=lambda: (year.folder / "config", year.folder / "templates"),
            asker=lambda: Asker(lambda: self.teller, (), ""),
        )

    def _read(self, now: datetime) -> Collection:
        year = self.year
        self.step()
        if year.source_down:
            raise SourceError("the blog's server does not answer")
        there = [each.post for each in year.entries if each.seen_from <= year.true and each.dated_at <= now]
        self.seen = frozenset(each.id for each in there)
        return Collection(tuple(reversed(there)))


@dataclass(frozen=True)
class _Fragile:
    """The store, as a process that may die at every call of it sees it."""

    host: Host
    store: Store

    def __getattr__(self, subject: str) -> Any:
        return _Subject(self.host, subject, getattr(self.store, subject))


@dataclass(frozen=True)
class _Subject:
    host: Host
    name: str
    real: Any

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found

        def called(*args: Any, **more: Any) -> Any:
            self.host.step()
            answer = found(*args, **more)
            self._note(name, args, answer)
            self.host.step()
            return answer

        return called

    def _note(self, name: str, args: tuple[Any, ...], answer: Any) -> None:
        host, year = self.host, self.host.year
        match self.name, name:
            case "issues", "save":
                key = (answer.name, answer.fingerprint)
                year.versions.setdefault(key, Version(host.seen, year.clock()))
            case "outbox", "begin":
                assert args[0].name not in year.begun, f"{args[0].name} began twice"
                year.begun[args[0].name] = Begun(year.clock(), year.setting(args[0].newsletter))
            case ("reported", "claim") | ("reviews", "claim_ask" | "claim_reminder") if answer:
                host.telling = args[0].name
            case _:
                pass


def _is_death(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(map(_is_death, error.exceptions))
    return isinstance(error, Killed)


def _blog(chance: random.Random) -> Iterator[Entry]:
    """Yield the posts of a year and of the weeks before it: some late, some backdated, and weeks without any."""
    number, day = 0, START - 30 * DAY
    while day < END:
        lively = chance.random() > 0.15
        for _ in range(chance.randrange(1, 5) if lively else 0):
            number += 1
            dated_at = day + timedelta(minutes=chance.randrange(7 * 24 * 60))
            drawn = chance.random()
            late = timedelta(hours=chance.randrange(1, 300)) if drawn < 0.2 else timedelta(0)
            name = f"p{number:03}x{chance.randrange(10**6):06}"
            yield Entry(sound_post(name, dated_at.astimezone(TOKYO)), dated_at, dated_at + late)
        day += 7 * DAY


def typeset(year: Year, newsletter: Newsletter, number: int, selection: Selection) -> Rendered:
    """Make a mail of a line a post: how real ones look costs most of a year's time, and is not what it is about."""
    text = year.template.read_text(encoding="utf-8")
    if BROKEN in text:
        raise TemplateError("'nobody' is undefined", file=year.template, line=1)
    urls = "\n".join(pick.post.url for pick in selection.picks)
    body = f"{text.format(greeting=newsletter.greeting)}{urls}\n"
    email = make_email(subject=f"No. {number}", html=f"<p>{body}</p>", text=body)
    return Rendered(email, (), ())


def found_about(year: Year, *_: object) -> tuple[Finding, ...]:
    """Find what keeps every mail from leaving, while it stands in the template."""
    if BLOCKED in year.template.read_text(encoding="utf-8"):
        return (Finding(Level.ERROR, "link.local", "A link leads to this machine.", file="letter.txt"),)
    return ()


@contextmanager
def at_home_in(year: Year) -> Iterator[None]:
    """Let schedulers find the world where they look for a project's folder."""
    hosts = {host.root: host for host in year.hosts}
    with (
        mock.patch("digest.schedule.due.Project", hosts.__getitem__),
        mock.patch("digest.schedule.due.Edge", partial(Edge, sleep=year.sleep)),
        mock.patch("digest.pipeline.drafting.typeset", lambda _, *more: typeset(year, *more[:3])),
        mock.patch("digest.pipeline.drafting.found_about", partial(found_about, year)),
    ):
        yield
    year.store.close()
