"""The moment an issue begins to leave: posts are covered, readers written down, batches cut. All or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import IssueStateError, StoreError
from digest.models import Issue, IssueState, Recipient
from digest.store.batches import tally_of, write_batch
from digest.store.issues import LEFT, issue_row, note
from digest.store.schema import covered_post, issue


def depart(
    connection: Connection,
    known: Issue,
    posts: Sequence[str],
    audience: Sequence[Recipient],
    batch_size: int,
    now: datetime,
) -> None:
    """Move an approved issue to `sending`, inside the caller's transaction; see `Outbox.begin`."""
    if batch_size < 1:
        raise StoreError(f"a batch cannot hold {batch_size} readers")
    row = issue_row(connection, known.newsletter, known.period)
    if row.state != IssueState.APPROVED or row.fingerprint != known.fingerprint:
        raise IssueStateError(f"{known.name} is {row.state}, not approved as it stands")
    _refuse_taken_number(connection, row, known)
    change = update(issue).where(issue.c.id == row.id)
    connection.execute(change.values(state=IssueState.SENDING, updated_at=now))
    note(connection, row.id, now, "digest", str(IssueState.SENDING), f"{len(audience)} readers")
    _cover(connection, row, known, posts)
    for seq, start in enumerate(range(0, len(audience), batch_size), start=1):
        write_batch(connection, row.id, seq, audience[start : start + batch_size], now)
    written = sum(tally_of(connection, row.id).values())
    if written != len(audience):
        raise StoreError(f"{written} of {len(audience)} readers were written down")


def _refuse_taken_number(connection: Connection, row: Row[Any], known: Issue) -> None:
    query = select(issue.c.period).where(
        issue.c.newsletter == known.newsletter,
        issue.c.id != row.id,
        issue.c.number == row.number,
        issue.c.state.in_(LEFT),
    )
    if taken := connection.execute(query).scalar():
        raise IssueStateError(
            f"no. {row.number} has left as {known.newsletter}/{taken} meanwhile",
            fix=f"run `digest build {known.name}` again: it gets the next number",
        )


def _cover(connection: Connection, row: Row[Any], known: Issue, posts: Sequence[str]) -> None:
    if not posts:
        return
    covering = [{"newsletter": known.newsletter, "post_id": post, "issue_id": row.id} for post in posts]
    try:
        connection.execute(insert(covered_post), covering)
    except IntegrityError as error:
        raise IssueStateError(
            f"a post of {known.name} went out in another issue meanwhile",
            fix=f"run `digest build {known.name}` again",
        ) from error
