"""Decides what a WordPress site says as a blog, over its REST API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.collect.collection import check_time_zone
from digest.collect.fetching import Fetcher
from digest.collect.json_api import wordpress_asking, wordpress_posts
from digest.collect.json_api.last_good import Snapshot
from digest.collect.json_api.visit import check_address, read_blog
from digest.collect.memory import FORGETFUL, Memory
from digest.models import Collection

_LIMIT = 50_000_000
"""Bytes of one answer: a hundred posts with all their words."""


@dataclass(frozen=True)
class Source:
    """A site that runs WordPress, 4.7 or newer, with its REST API open to everybody."""

    name: str
    """First part of every post's id."""
    url: str
    """The address of the blog's front page."""
    time_zone: str = ""
    """Of the blog; by default as the site itself says."""
    language: str = ""
    author: str = ""
    """For posts of which the site does not tell the author."""
    allow_private: bool = False
    """Whether the site may lie in a private network."""

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone, self.name)
        check_address(self.name, self.url)

    def read(self, now: datetime, since: datetime | None = None, memory: Memory = FORGETFUL) -> Collection:
        """Ask the site for its published posts; when that fails in any way, use its last good answers and say so."""
        return read_blog(
            mark=f"wordpress 1 {self.url}",
            address=self.url,
            ask=self._ask,
            read=partial(
                wordpress_posts.read,
                name=self.name,
                time_zone=self.time_zone,
                language=self.language,
                author=self.author,
            ),
            dated=lambda post: wordpress_posts.published_at(post, None),
            zone=lambda site: wordpress_posts.zone_of(site, self.time_zone),
            now=now,
            since=since,
            memory=memory,
        )

    def watched(self) -> Sequence[Path]:
        """Return nothing: there is no file."""
        return ()

    def _ask(self, since: datetime | None) -> Snapshot:
        with Fetcher(allow_private=self.allow_private, limit_bytes=_LIMIT) as fetcher:
            return wordpress_asking.ask(fetcher, self.url, since)
