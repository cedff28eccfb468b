"""The numbers that are watched are those of the ledger, and reading them keeps nobody from sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from digest.models import Delivery, DeliveryState, Ended, IssueState, Recipient
from digest.store import Store
from tests.store.conftest import Desk


def _send(desk: Desk, *states: DeliveryState) -> None:
    """Send a batch of as many readers as there are states."""
    issue = desk.sending(readers=len(states), batch_size=len(states))
    claim = desk.store.outbox.claim(issue, "me", desk.now, desk.now + timedelta(minutes=5), provider="p")
    assert claim is not None
    pairs = zip(claim.recipients, states, strict=True)
    told = tuple(Delivery(Recipient(each.address, each.name, each.token), state) for each, state in pairs)
    desk.store.outbox.record(Ended(claim, told, desk.now, "answered"))
    desk.store.outbox.finish(issue, desk.now + timedelta(minutes=1))


def test_a_newsletter_without_an_issue_has_no_numbers(store: Store) -> None:
    figure = store.figures.of("weekly")
    assert (figure.last_success_at, figure.state, figure.deliveries, figure.unknown) == (None, None, {}, 0)


def test_what_is_waiting_is_counted_by_batch(desk: Desk) -> None:
    desk.sending(readers=5, batch_size=2)
    figure = desk.store.figures.of("weekly")
    assert figure.state is IssueState.SENDING
    assert figure.deliveries == {DeliveryState.PENDING: 5}
    assert figure.batches == {DeliveryState.PENDING: 3}
    assert figure.last_success_at is None


def test_an_issue_that_was_sent_is_a_success_and_leaves_no_queue(desk: Desk) -> None:
    _send(desk, DeliveryState.ACCEPTED, DeliveryState.REJECTED)
    figure = desk.store.figures.of("weekly")
    assert figure.state is IssueState.SENT
    assert figure.last_success_at == desk.now + timedelta(minutes=1)
    assert figure.deliveries == {DeliveryState.ACCEPTED: 1, DeliveryState.REJECTED: 1}
    assert (figure.batches, figure.unknown) == ({}, 0)


def test_unknown_readers_are_counted_until_somebody_decides(desk: Desk) -> None:
    _send(desk, DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.UNKNOWN)
    assert desk.store.figures.of("weekly").unknown == 2
    issue = desk.store.issues.find("weekly", desk.slot.period)
    assert issue is not None
    desk.store.outbox.resolve(issue, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED, desk.now, "kay")
    assert desk.store.figures.of("weekly").unknown == 0


def test_when_each_kind_of_process_was_last_seen(store: Store) -> None:
    now = datetime(2026, 1, 19, tzinfo=UTC)
    store.processes.seen("a", "schedule", now, now)
    store.processes.seen("b", "schedule", now, now + timedelta(minutes=1))
    assert store.figures.last_seen() == {"schedule": now + timedelta(minutes=1)}


def test_a_sqlite_store_that_another_process_writes_to_can_be_read_all_the_same(tmp_path: Path) -> None:
    url = "sqlite:///var/digest.sqlite3?timeout=0"
    watching, sending = Store(url, tmp_path), Store(url, tmp_path)
    with sending._engine.connect() as connection:
        connection.execute(text("UPDATE ledger SET id = id"))  # begins with the write lock, and keeps it
        assert watching.figures.last_seen() == {}
        assert watching.soundness.examine().broken == ""
    watching.close()
    sending.close()


def test_a_sound_database_says_so(store: Store) -> None:
    found = store.soundness.examine()
    assert found.octets > 0
    assert (found.broken, found.looked_at) == ("", True)
    assert (found.now is None) == (found.place is not None), "a file has no clock, and a server no folder"


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    store = Store("sqlite:///var/digest.sqlite3", tmp_path)
    now = datetime(2026, 1, 19, tzinfo=UTC)
    for number in range(400):
        store.processes.seen(f"process {number}", "schedule", now, now, "x" * 200)
    with store._engine.connect() as connection:
        page = connection.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'process'")).scalar_one()
    store._engine.dispose()
    file = tmp_path / "var/digest.sqlite3"
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * 4096 + 8)
        damaged.write(b"\xff" * 64)
    assert store.soundness.examine().broken
    store.close()
