"""Decides what a feed says as a blog: RSS, Atom or JSON Feed at one address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.collect.collection import assemble, check_time_zone, examined, seen_at
from digest.collect.feeds import troubles
from digest.collect.feeds.history import after
from digest.collect.feeds.posts import Blog
from digest.collect.feeds.state import State, recall, remember
from digest.collect.feeds.visit import visit
from digest.collect.fetching import Fetcher
from digest.collect.last_reading import told
from digest.collect.memory import FORGETFUL, Memory
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Finding, Secret


@dataclass(frozen=True)
class Source:
    """A feed. Several feeds are several sources, so that each has its name, its zone and its own troubles."""

    name: str
    """First part of every post's id."""
    url: str
    """Address of the feed, of http or https."""
    login: Secret | None = None
    """`env:NAME`, where the environment has `user:password`: opens a protected feed. No other server is told it."""
    allow_private: bool = False
    """Whether the address may lie in a private network, such as that of the house."""
    time_zone: str = ""
    """Of dates that do not say theirs, which are read as UTC otherwise; all others are told in it, too."""
    language: str = ""
    """Of posts that do not say it; else the feed's."""
    author: str = ""
    """Of posts that name nobody; else the feed's."""
    categories: tuple[str, ...] = ()
    """Of posts that have none; the first is the primary one."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        if not self.url.lower().startswith(("http://", "https://")):
            raise ConfigError(
                f"the url of the source “{self.name}” is no web address", fix="write it as https://example.com/feed.xml"
            )
        if self.login and self.login.value and ":" not in self.login.value:
            raise ConfigError(
                f"{self.login.variable}, the login of the source “{self.name}”, is no user name with a password",
                fix=f"set {self.login.variable} to user:password",
            )

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Ask for the feed; what it held in earlier weeks comes from memory, and all of it when it cannot be read."""
        if self.login and not self.login.value:
            raise SourceError(
                f"the environment has no {self.login.variable}, the login of the source “{self.name}”",
                fix=f"set {self.login.variable} to user:password",
            )
        before = recall(memory, self.url)
        with Fetcher(allow_private=self.allow_private) as fetcher:
            came = visit(fetcher, before, self.name, now, zone=self._zone, login=self.login)
        state = came.state
        if came.feed is not None:
            state = after(state, came.feed, self._blog(state), now, first=before.whole_at is None)
        remember(memory, state)
        blog = self._blog(state)
        problems = [*came.findings, *self._doubts(state, blog, now, since)]
        linked = sorted((each.rank, each.identity) for each in state.known.values() if each.item.link)
        readings = [seen_at(blog.reading(state.known[identity], now), now) for _, identity in linked]
        return assemble([examined(reading) for reading in readings], problems, since)

    def watched(self) -> Sequence[Path]:
        """Return nothing: an address cannot be watched."""
        return ()

    @property
    def _zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None

    def _blog(self, state: State) -> Blog:
        return Blog(
            self.name,
            self.time_zone,
            self.language or state.language,
            self.author or state.author,
            self.categories,
        )

    def _doubts(self, state: State, blog: Blog, now: datetime, since: datetime | None) -> Iterable[Finding]:
        """Say what the feed does not say."""
        there = [state.known[identity] for identity in state.there if identity in state.known]
        if state.cut:
            yield troubles.cut_short(told(state.whole_at, self._zone, now) if state.whole_at else "")
        if not there:
            yield troubles.empty()
        for known in there:
            if not known.item.link:
                yield troubles.no_address(known.item.title, known.item.guid)
        moments = [(known, blog.published(known, now)) for known in there]
        held = [known.item for known, moment in moments if moment is None and known.at_first]
        if undated := [item.published or item.updated for item in held]:
            yield troubles.undated(undated)
        if not self.time_zone and (unzoned := sum(moment is not None and not moment.zoned for _, moment in moments)):
            yield troubles.no_zone(unzoned)
        if since and state.complete_since and state.complete_since > since:
            yield troubles.short(told(state.complete_since, self._zone, now))
