"""Whoever is at work is known to all hosts, and forgotten a month after it was last seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.store import Store

NOW = datetime(2026, 1, 19, 8, 0, tzinfo=UTC)


def test_who_was_seen_is_told_with_the_latest_first(store: Store) -> None:
    store.processes.seen("a:1:x", "schedule", NOW, NOW, "weekly")
    store.processes.seen("b:2:y", "run", NOW, NOW + timedelta(minutes=1))
    store.processes.seen("a:1:x", "schedule", NOW, NOW + timedelta(minutes=2), "weekly, second")
    first, second = store.processes.alive(NOW)
    assert (first.name, first.kind, first.detail) == ("a:1:x", "schedule", "weekly, second")
    assert (first.started_at, first.seen_at) == (NOW, NOW + timedelta(minutes=2))
    assert second.name == "b:2:y"
    assert [each.name for each in store.processes.alive(NOW + timedelta(minutes=2))] == ["a:1:x"]


def test_who_was_not_seen_for_a_month_is_forgotten(store: Store) -> None:
    store.processes.seen("old", "schedule", NOW, NOW)
    store.processes.seen("new", "schedule", NOW, NOW + timedelta(days=30))
    assert len(store.processes.alive(NOW)) == 2
    store.processes.seen("new", "schedule", NOW, NOW + timedelta(days=30, seconds=1))
    assert [each.name for each in store.processes.alive(NOW)] == ["new"]
