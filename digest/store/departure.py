"""The moment an issue begins to leave: posts are covered, readers written down, batches cut. All or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import IssueStateError, StoreError
from digest.models import Issue, IssueState, Recipient
from digest.store.batches import tally_of
from digest.store.cutting import Cut, write_audience, write_list
from digest.store.frozen import ALSO, PICK, roles, sections_of
from digest.store.issues import LEFT, insert_or_ignore, issue_row, lock_newsletter, note
from digest.store.schema import content, covered_post, issue


def depart(
    connection: Connection,
    known: Issue,
    posts: Sequence[str],
    audience: Sequence[Recipient] | None,
    cut: Cut,
    now: datetime,
    who: str,
) -> None:
    """Move an approved issue to `sending`, inside the caller's transaction; see `Outbox.begin`.

    Covered are `posts`, and all that the approved version shows, each in its role. A post that another issue brought
    must not be among them, except as an `also`: what is only named again remains the other issue's.
    """
    if cut.batch_size < 1:
        raise StoreError(f"a batch cannot hold {cut.batch_size} readers")
    lock_newsletter(connection, known.newsletter)
    row = issue_row(connection, known.newsletter, known.period)
    if row.state != IssueState.APPROVED or row.fingerprint != known.fingerprint:
        raise IssueStateError(f"{known.name} is {row.state}, not approved as it stands")
    _refuse_taken_number(connection, row, known)
    change = update(issue).where(issue.c.id == row.id)
    connection.execute(change.values(state=IssueState.SENDING, updated_at=now))
    approved = _approved(connection, row)
    _cover(connection, row, known, posts, approved)
    if audience is None:
        wanted = write_list(connection, row.id, known.newsletter, sections_of(approved), cut, now)
    else:
        wanted = write_audience(connection, row.id, audience, cut, now)
    written = sum(tally_of(connection, row.id).values())
    if written != wanted:
        raise StoreError(f"{written} of {wanted} readers were written down")
    note(connection, row.id, now, who, str(IssueState.SENDING), f"{wanted} readers")


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


def _approved(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return the selection of the version that was approved."""
    version = select(content.c.selection).where(content.c.issue_id == row.id, content.c.fingerprint == row.fingerprint)
    found = connection.execute(version).scalar()
    selection: dict[str, Any] = json.loads(found) if found else {"sections": []}
    return selection


def _cover(connection: Connection, row: Row[Any], known: Issue, posts: Sequence[str], approved: dict[str, Any]) -> None:
    shown = dict.fromkeys(posts, PICK) | dict(roles(approved))
    rows = [
        {"newsletter": known.newsletter, "post_id": post, "issue_id": row.id, "role": role}
        for post, role in shown.items()
    ]
    brought = [each for each in rows if each["role"] != ALSO]
    named = [each for each in rows if each["role"] == ALSO]
    try:
        if brought:
            connection.execute(insert(covered_post), brought)
    except IntegrityError as error:
        raise IssueStateError(
            f"a post of {known.name} went out in another issue meanwhile",
            fix=f"run `digest build {known.name}` again",
        ) from error
    if named:
        connection.execute(insert_or_ignore(connection, covered_post), named)
