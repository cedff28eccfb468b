"""Decides what a person is told of a feed that moved, ended, did not answer, or does not say enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.collect.fetching import shown
from digest.models import Finding, Level

STALE = timedelta(days=3)
"""After that an answer from memory is an error: most of a week would be missing from a weekly digest."""


def unreachable(said: str, fix: str, read_at: datetime, now: datetime) -> Finding:
    """Say that the feed could not be read now, and from when its posts are."""
    return Finding(
        Level.ERROR if now - read_at > STALE else Level.WARNING,
        "blog.unreachable",
        f"The feed cannot be read: {said}. Its posts are those of {read_at:%Y-%m-%d %H:%M}; newer ones are missing.",
        fix=fix,
    )


def moved(address: str) -> Finding:
    """Say that the feed has another address for good."""
    return Finding(
        Level.INFO,
        "blog.moved",
        f"The feed has moved for good, to {shown(address)}; it is read there.",
        fix="write the new address into the source's configuration",
    )


def gone(address: str) -> Finding:
    """Say that the feed has ended."""
    return Finding(
        Level.ERROR,
        "blog.gone",
        f"{shown(address)} says that the feed is gone for good (status 410), so it gives no posts.",
        fix="drop the source from the configuration, or write the address of the blog's new feed",
    )


def short(complete_since: datetime) -> Finding:
    """Say that posts may have been pushed out of the feed before anybody read it."""
    return Finding(
        Level.WARNING,
        "blog.feed-short",
        f"The feed reaches back only to {complete_since:%Y-%m-%d %H:%M}, so older posts of this issue may be missing.",
        fix="let the blog put more posts into its feed, or run “digest collect” every day: what was read is kept",
    )


def undated(count: int) -> Finding:
    """Say that posts without a date are held back because they were there before anybody read the feed."""
    return Finding(
        Level.WARNING,
        "blog.undated",
        f"{_posts(count)} had no date when the feed was first read, so nobody knows how old; held back. "
        "What comes from now on counts from the day it is first seen.",
        fix="let the blog write dates into its feed",
    )


def no_zone(count: int) -> Finding:
    """Say that dates without a zone were read as UTC."""
    return Finding(
        Level.WARNING,
        "blog.time-zone",
        f"The dates of {_posts(count)} do not say their time zone; they are read as UTC.",
        fix="give the source a time_zone such as Asia/Tokyo",
    )


def empty() -> Finding:
    """Say that the feed holds nothing."""
    return Finding(
        Level.WARNING, "blog.empty", "The feed has no posts at all.", fix="check that it is the right feed of the blog"
    )


def no_address(title: str, guid: str) -> Finding:
    """Say that an item has no page to link to."""
    return Finding(
        Level.ERROR,
        "post.url",
        f"“{title or guid}” has no address on the web, so it is left out.",
        guid,
        fix="let the blog give it a link that begins with https://",
    )


def no_date(said: str, url: str) -> Finding:
    """Say that what should be a date is none."""
    return Finding(
        Level.WARNING,
        "post.date",
        f"“{said}” is no date that can be relied on; the post counts from the day on which it was first seen.",
        url,
        fix="let the blog write it as 2026-01-31T09:00:00+09:00",
    )


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"
