"""How fast the outbox claims and records, without any provider."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from digest.models import Delivery, DeliveryState, IssueState, Recipient
from digest.store import Frozen, Store
from tests.factories import make_email, make_slot


def measure(folder: Path) -> None:
    """Send an issue to ten thousand readers and to nobody."""
    readers, batch_size = 10_000, 100
    store = Store("sqlite:///bench.sqlite3", folder)
    slot = make_slot()
    now = slot.due_at
    issue = store.issues.plan("bench", slot, now)
    issue = store.issues.save(issue, 1, Frozen(make_email(), {"sections": []}, (), ()), IssueState.FROZEN, now)
    issue = store.issues.move(issue, IssueState.APPROVED, allowed=[IssueState.FROZEN], now=now)
    started = time.perf_counter()
    tokens = store.readers.tokens("bench", [f"reader{number}@example.com" for number in range(readers)], now)
    made = time.perf_counter()
    store.outbox.begin(issue, (), [Recipient(address, "", token) for address, token in tokens.items()], batch_size, now)
    begun = time.perf_counter()
    while claim := store.outbox.claim(issue, "bench", now, now + timedelta(seconds=90)):
        accepted = [Delivery(each, DeliveryState.ACCEPTED) for each in claim.recipients]
        store.outbox.record(claim, accepted, now, outcome="answered")
    ended = time.perf_counter()
    print(f"\nThe outbox on SQLite, {readers} readers in batches of {batch_size}")
    for name, seconds in (("tokens", made - started), ("begin", begun - made), ("claim and record", ended - begun)):
        print(f"  {name:<36} {readers / seconds:9.0f} readers/s")
    store.close()
