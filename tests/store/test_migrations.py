"""A store that an earlier version wrote is brought up to date and keeps what it knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

import digest.store
from digest.models import DeliveryState, IssueState
from digest.store import Store
from digest.store.schema import metadata
from tests.factories import make_post, make_slot

SLOT = make_slot()

ROWS_OF_0002 = """
INSERT INTO newsletter VALUES ('weekly', '2026-01-01 00:00:00');
INSERT INTO issue (id, newsletter, period, number, due_at, state, subject, fingerprint, reason, approved_by, updated_at)
VALUES (1, 'weekly', '2026-W03', 1, '2026-01-11 23:00:00', 'sent', '', '', '', '', '2026-01-11 23:05:00');
INSERT INTO issue (id, newsletter, period, number, due_at, state, subject, fingerprint, reason, approved_by, updated_at)
VALUES (2, 'weekly', '2026-W04', 0, '2026-01-18 23:00:00', 'skipped', '', '', 'too few posts: 0', '', '2026-01-19');
INSERT INTO covered_post VALUES ('weekly', 'blog:old', 1);
INSERT INTO reader (id, newsletter, address, token, suppressed_because) VALUES (1, 'weekly', 'r@example.com', 't', '');
INSERT INTO batch (id, issue_id, seq, state, attempts, owner, lease_until, provider, may_be_sent)
VALUES (1, 1, 1, 'sending', 1, 'an older version', '2026-01-11 23:06:00', 'smtp', true);
INSERT INTO recipient (id, issue_id, batch_id, reader_id, address, name, state, message_id, error, updated_at)
VALUES (1, 1, 1, 1, 'r@example.com', '', 'sending', '', '', '2026-01-11 23:05:00');
"""


@pytest.fixture
def old_store_url(store_url: str, tmp_path: Path) -> str:
    """A database with rows in it, as the schema 0002 held them."""
    (tmp_path / "var").mkdir()
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(database=str(tmp_path / (url.database or ""))))
    else:
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
    config = Config()
    config.set_main_option("script_location", str(Path(digest.store.__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TIME ZONE 'UTC'"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in filter(str.strip, ROWS_OF_0002.split(";")):
            connection.execute(text(statement))
    engine.dispose()
    return store_url


def test_an_older_store_with_rows_in_it_gets_the_schema_that_the_code_uses(old_store_url: str, tmp_path: Path) -> None:
    store = Store(old_store_url, tmp_path)
    with store._engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    store.close()


def test_what_an_older_store_covered_was_a_pick_and_stays_covered(old_store_url: str, tmp_path: Path) -> None:
    store = Store(old_store_url, tmp_path)
    known = store.posts.ledger("weekly", SLOT.due_at).known["blog:old"]
    assert (known.issue, known.role, known.history) == ("weekly/2026-W03", "pick", False)
    store.close()


def test_what_an_older_version_was_sending_is_swept_when_its_sender_is_dead(old_store_url: str, tmp_path: Path) -> None:
    store = Store(old_store_url, tmp_path)
    issue = store.issues.find("weekly", "2026-W03")
    assert issue is not None
    assert store.outbox.tally(issue) == {DeliveryState.SENDING: 1}
    assert store.outbox.sweep(issue, SLOT.due_at, lambda _: True) == 1
    assert store.outbox.tally(issue) == {DeliveryState.UNKNOWN: 1}
    store.close()


def test_a_newsletter_of_an_older_store_began_the_week_before_its_first_issue_was_due(
    old_store_url: str, tmp_path: Path
) -> None:
    store = Store(old_store_url, tmp_path)
    begun_at = store.posts.ledger("weekly", SLOT.due_at).begun_at
    assert begun_at is not None
    assert begun_at.isoformat() == "2026-01-04T23:00:00+00:00"
    store.close()


def test_a_skipped_issue_of_an_older_store_has_no_window_to_keep_open_until_it_is_planned_again(
    old_store_url: str, tmp_path: Path
) -> None:
    store = Store(old_store_url, tmp_path)
    later = SLOT.due_at.replace(day=26)
    assert store.posts.ledger("weekly", later).open_windows == ()
    assert store.issues.plan("weekly", SLOT, later).state is IssueState.SKIPPED
    assert store.posts.ledger("weekly", later).open_windows == (SLOT.window,)
    store.close()


def test_the_first_reading_after_the_update_takes_what_is_older_than_the_newsletter_for_history(
    old_store_url: str, tmp_path: Path
) -> None:
    store = Store(old_store_url, tmp_path)
    begun_at = store.posts.ledger("weekly", SLOT.due_at).begun_at
    assert begun_at is not None
    posts = [
        make_post(id="blog:ancient", published_at=begun_at.replace(year=2020)),
        make_post(id="blog:old", published_at=begun_at.replace(day=6)),
        make_post(id="blog:left-out", published_at=begun_at.replace(day=7)),
    ]
    store.posts.record("weekly", posts, begun_at, SLOT.due_at)
    known = store.posts.ledger("weekly", SLOT.due_at).known
    assert {name: (each.history, each.issue) for name, each in known.items()} == {
        "blog:ancient": (True, ""),
        "blog:left-out": (False, ""),
        "blog:old": (False, "weekly/2026-W03"),
    }
    assert known["blog:old"].title == posts[1].title
    store.close()
