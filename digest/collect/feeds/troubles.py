"""Decides what a person is told of a feed that moved, breaks off, or does not say enough."""

from __future__ import annotations

from collections.abc import Sequence

from digest.collect.fetching import shown
from digest.models import Finding, Level


def moved(address: str) -> Finding:
    """Say that the feed has another address for good."""
    return Finding(
        Level.INFO,
        "blog.moved",
        f"The feed has moved for good, to {shown(address)}; it is read there.",
        fix="write the new address into the source's configuration",
    )


def cut_short(whole_at: str) -> Finding:
    """Say that the feed breaks off, and when (as text; nothing for never) it was last read to its end."""
    last = f"it was last read to its end at {whole_at}" if whole_at else "it was never read to its end"
    return Finding(
        Level.WARNING,
        "blog.feed-broken",
        f"The feed breaks off before its end; posts after that point are as they were known before, and {last}.",
        fix="open the feed in a browser; the blog's own log tells why it breaks off",
    )


def short(complete_since: str) -> Finding:
    """Say that posts may have been pushed out of the feed before anybody read it."""
    return Finding(
        Level.WARNING,
        "blog.feed-short",
        f"The feed reaches back only to {complete_since}, so older posts of this issue may be missing.",
        fix="let the blog put more posts into its feed, or run “digest collect” every day: what was read is kept",
    )


def undated(said: Sequence[str]) -> Finding:
    """Say that posts are held back because they were there before anybody read the feed, with no date or this one."""
    unread = next(filter(None, said), "")
    example = f" (“{unread[:100]}” is none)" if unread else ""
    return Finding(
        Level.WARNING,
        "blog.undated",
        f"{_posts(len(said))} had no date that can be relied on{example} when the feed was first read, so nobody knows"
        " how old; held back.",
        fix="let the blog write dates into its feed, such as 2026-01-31T09:00:00+09:00",
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
