"""Decides what is kept of a blog for the day on which it cannot be read, whatever the reason, and what is said then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from digest.collect.collection import Reading, assemble, examined, seen_at
from digest.collect.fetching import FetchError
from digest.collect.json_api.answers import PassingError
from digest.collect.json_api.last_good import Kept, LastGood, Snapshot
from digest.collect.json_api.values import Record
from digest.collect.last_reading import told, unreachable
from digest.collect.memory import Memory
from digest.collect.problems import BrokenPostError, empty
from digest.errors import ConfigError, SourceError
from digest.models import Collection, Finding

_WIDENED = timedelta(days=2)
"""How far back of `since` is asked: an older server takes the moment for one in the blog's own zone."""


def read_blog(
    *,
    mark: str,
    address: str,
    ask: Callable[[datetime | None], Snapshot],
    read: Callable[[Record, Record], Reading],
    dated: Callable[[Record], datetime | None],
    zone: Callable[[Record], tzinfo | None],
    now: datetime,
    since: datetime | None,
    memory: Memory,
) -> Collection:
    """Ask a blog for its posts from `since` on, or use its last good answers when nobody is there or it says no.

    `mark` names the kind and the blog, `address` is what a person knows it by. `ask` fetches what the blog says,
    `read` makes a post of it (given the site's record and the post's; it may raise `BrokenPostError`), `dated` tells
    when a post was published, `zone` in which zone the blog counts. Raise `SourceError` when there is no last answer.
    """
    shelf = LastGood(memory, mark)
    horizon = (since - _WIDENED).astimezone(UTC) if since else None
    notes: list[Finding] = []
    try:
        snapshot = _whole(ask(horizon), horizon, shelf)
    except SourceError as error:
        kept = shelf.kept()
        if kept is None:
            raise
        snapshot = kept.snapshot
        notes.append(_unreachable(address, error, kept, since, zone(snapshot.site), now))
    else:
        shelf.keep(snapshot, horizon, now, dated)
    readings = []
    for key in sorted(snapshot.posts):
        try:
            readings.append(seen_at(read(snapshot.site, snapshot.posts[key]), now))
        except BrokenPostError as error:
            if not since or (moment := dated(snapshot.posts[key])) is None or moment >= since:
                notes.append(error.finding(f"{address} (post {key})"))
    if not snapshot.posts and since is None:
        notes.append(replace(empty(), file=address, fix="check that the address is the right one"))
    return assemble([examined(reading) for reading in readings], notes, since)


def _whole(snapshot: Snapshot, horizon: datetime | None, shelf: LastGood) -> Snapshot:
    """Return the snapshot; raise `PassingError` when a blog that had posts has none at all any more."""
    if not snapshot.posts and horizon is None and (kept := shelf.kept()) and kept.snapshot.posts:
        raise PassingError(
            f"it has no posts any more, and had {len(kept.snapshot.posts)}", fix="look whether the blog shows its posts"
        )
    return snapshot


def _unreachable(
    address: str, error: SourceError, kept: Kept, since: datetime | None, zone: tzinfo | None, now: datetime
) -> Finding:
    cut = ""
    if kept.reaches_back_to and (since is None or since < kept.reaches_back_to):
        cut = f"Posts from before {told(kept.reaches_back_to, zone, now)} are missing in them."
    return unreachable(
        f"The blog {address}",
        error.message,
        error.fix,
        read_at=kept.taken_at,
        now=now,
        refused=not isinstance(error, FetchError | PassingError),
        zone=zone,
        more=cut,
    )


def check_address(source: str, url: str) -> None:
    """Raise `ConfigError` unless this can be the address of a blog."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query
    except ValueError:
        fits = False
    if not fits:
        raise ConfigError(f"the url of the source “{source}” is no web address", fix="write it as https://example.com")
    if "@" in parts.netloc:
        raise ConfigError(
            f"the url of the source “{source}” holds a user name or a password", fix="delete what stands before the @"
        )
