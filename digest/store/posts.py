"""What is known of posts: when each was first seen, and which issue brought it.

Of a post, every issue can say whether it is history, covered, or not yet covered; no date of a last run decides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from digest.models import TOO_FEW, IssueState, KnownPost, Ledger, Post, Window
from digest.store.connecting import telling_people
from digest.store.issues import insert_or_ignore, know_newsletter, lock_newsletter
from digest.store.schema import covered_post, issue, post_seen

_WEEK = timedelta(days=7)
# What both databases and Python can show in any time zone.
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


class Posts:
    """The `post_seen` table, and what `covered_post` and `issue` add to it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, slug: str, posts: Iterable[Post], begun_at: datetime, seen_at: datetime) -> None:
        """Remember posts that a newsletter has not seen before, and what has changed about those that it has.

        A post that comes with the first reading of its source, and was offered before `begun_at`, is history for ever.
        One that the blog does not show yet is not: it may still become news. `seen_at` is when the issue is due for
        which they were read. Writes nothing when nothing is new.
        """
        read: dict[str, Post] = {}
        for post in posts:
            read.setdefault(post.id, post)
        facts = {post.id: (post.url, post.title, _storable(post.published_at)) for post in read.values()}
        with telling_people(), self._engine.begin() as connection:
            if facts.items() <= _seen(connection, slug).items():
                return
            know_newsletter(connection, slug, seen_at)
            lock_newsletter(connection, slug)
            seen = _seen(connection, slug)  # again: somebody else may have written meanwhile
            sources = {_source(post_id) for post_id in seen}
            new, changed = [], []
            for post_id, (url, title, published_at) in facts.items():
                fact = {"url": url, "title": title, "published_at": published_at}
                if post_id not in seen:
                    history = _source(post_id) not in sources and _is_old(read[post_id], begun_at)
                    key = {"newsletter": slug, "post_id": post_id}
                    new.append({**key, **fact, "first_seen_at": seen_at, "history": history})
                elif seen[post_id] != (url, title, published_at):
                    changed.append({**fact, "of_post": post_id})
            if new:
                connection.execute(insert_or_ignore(connection, post_seen), new)
            if changed:
                same = (post_seen.c.newsletter == slug) & (post_seen.c.post_id == bindparam("of_post"))
                connection.execute(update(post_seen).where(same), changed)

    def ledger(self, slug: str, before: datetime, except_issue: str = "") -> Ledger:
        """Return what a newsletter knows when the issue due at `before` is made.

        What `except_issue` (`weekly/2026-W47`) brought counts as brought by none, and its window not as open: it is
        the very issue that is being made. A post that went out before posts were recorded has neither address nor
        title, and the moment of its issue for its dates.
        """
        with telling_people(), self._engine.begin() as connection:
            issues = connection.execute(
                select(issue).where(issue.c.newsletter == slug).order_by(issue.c.due_at.desc(), issue.c.id.desc())
            ).all()
            covered = connection.execute(select(covered_post).where(covered_post.c.newsletter == slug)).all()
            seen = connection.execute(select(post_seen).where(post_seen.c.newsletter == slug)).all()
        by_id = {row.id: row for row in issues}
        others = [row for row in issues if f"{slug}/{row.period}" != except_issue]
        brought = {
            row.post_id: (f"{slug}/{by_id[row.issue_id].period}", row.role, by_id[row.issue_id].due_at)
            for row in covered
            if f"{slug}/{by_id[row.issue_id].period}" != except_issue
        }
        known = {post_id: KnownPost(post_id, "", "", at, at, False, *by) for post_id, (*by, at) in brought.items()}
        for row in seen:
            by, role, _ = brought.get(row.post_id, ("", "", None))
            facts = (row.url, row.title, row.published_at, row.first_seen_at, row.history)
            known[row.post_id] = KnownPost(row.post_id, *facts, by, role)
        windows = tuple(_open_windows(row for row in others if row.due_at < before))
        return Ledger(dict(sorted(known.items())), _begun_at(issues), windows[::-1])


def _seen(connection: Connection, slug: str) -> dict[str, tuple[str, str, datetime]]:
    columns = (post_seen.c.post_id, post_seen.c.url, post_seen.c.title, post_seen.c.published_at)
    rows = connection.execute(select(*columns).where(post_seen.c.newsletter == slug))
    return {post_id: (url, title, published_at) for post_id, url, title, published_at in rows}


def _source(post_id: str) -> str:
    return post_id.partition(":")[0]


def _is_old(post: Post, begun_at: datetime) -> bool:
    # In UTC: of two times in one zone, Python compares what the clock shows, and an hour may come twice.
    return _storable(post.offered_at) < _storable(begun_at) and not post.withheld


def _storable(moment: datetime) -> datetime:
    return min(max(moment, _EARLIEST), _LATEST).astimezone(UTC)


def _begun_at(issues: Sequence[Row[Any]]) -> datetime | None:
    """Return where the first window began; of an issue without one, it was the week before it was due."""
    starts: list[datetime] = [row.window_start or row.due_at - _WEEK for row in issues]
    return min(starts, default=None)


def _open_windows(earlier: Iterable[Row[Any]]) -> Iterator[Window]:
    """Yield the windows of issues that were skipped for having too few posts, up to one that was not."""
    for row in earlier:
        if row.state != IssueState.SKIPPED or not row.reason.startswith(TOO_FEW) or row.window_start is None:
            return
        yield Window(row.window_start, row.window_end)
