"""Decides what a Ghost site says as a blog, over its Content API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.collect.collection import check_time_zone
from digest.collect.fetching import Fetcher
from digest.collect.json_api import ghost_asking, ghost_posts
from digest.collect.json_api.last_good import Snapshot
from digest.collect.json_api.visit import check_address, read_blog
from digest.collect.memory import FORGETFUL, Memory
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Secret

_LIMIT = 50_000_000
"""Bytes of one answer: a hundred posts with all their words."""


@dataclass(frozen=True)
class Source:
    """A site that runs Ghost, 5.0 or newer."""

    name: str
    """First part of every post's id."""
    url: str
    """The address of the site; where its editors log in, should that be another one."""
    key: Secret
    """A Content API key, from the environment: it is no password, but it opens a private site."""
    time_zone: str = ""
    """Of the blog; by default as the site itself says."""
    language: str = ""
    """By default as the site itself says."""
    author: str = ""
    """For posts without one."""
    allow_private: bool = False
    """Whether the site may lie in a private network."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        check_address(self.name, self.url)
        if ":" in self.key.value:
            raise ConfigError(
                f"the key of the source “{self.name}” is one of the Admin API, which may change the site",
                fix="give the Content API key that stands above it, and make a new Admin API key",
            )

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Ask the site for its published posts; when that fails in any way, use its last good answers and say so."""
        if not self.key.value:
            raise SourceError(
                f"the environment has no {self.key.variable}, the key of the source “{self.name}”",
                fix=f"make a custom integration in Ghost, and set {self.key.variable} to its Content API key",
            )
        return read_blog(
            mark=f"ghost 1 {self.url}",
            address=self.url,
            ask=self._ask,
            read=partial(
                ghost_posts.read, name=self.name, time_zone=self.time_zone, language=self.language, author=self.author
            ),
            dated=ghost_posts.published_at,
            zone=lambda site: ghost_posts.zone_of(site, self.time_zone),
            now=now,
            since=since,
            memory=memory,
        )

    def watched(self) -> Sequence[Path]:
        """Return nothing: there is no file."""
        return ()

    def _ask(self, since: datetime | None) -> Snapshot:
        with Fetcher(allow_private=self.allow_private, limit_bytes=_LIMIT) as fetcher:
            return ghost_asking.ask(fetcher, self.url, self.key.value, since)
