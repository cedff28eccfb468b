"""How fast the outbox writes an issue down, claims and records, without any provider."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from digest.models import Delivery, DeliveryState, Ended
from digest.store import Store
from tests.bench.whole_issue import BATCH, Departure, write_list
from tests.factories import make_email, make_slot

_ROUNDS = 3
_READERS = 50_000


def measure(folder: Path) -> None:
    """Send an issue to fifty thousand readers on the list and to nobody; the best of some rounds is told."""
    tokens, best = _tokens(folder / "tokens"), dict[str, float]()
    for number in range(_ROUNDS):
        for name, seconds in _round(folder / f"outbox-{number}").items():
            best[name] = min(seconds, best.get(name, seconds))
    print(f"\nThe outbox on SQLite, {_READERS:,} readers in batches of {BATCH:,}, best of {_ROUNDS}")
    for name, seconds in {"tokens of a file's readers": tokens, **best, "all three": sum(best.values())}.items():
        print(f"  {name:<36} {_READERS / seconds:9,.0f} readers/s")


def _tokens(folder: Path) -> float:
    store = Store("sqlite:///bench.sqlite3", folder)
    started = time.perf_counter()
    store.readers.tokens("bench", [f"reader{number}@example.com" for number in range(_READERS)], make_slot().due_at)
    seconds = time.perf_counter() - started
    store.close()
    return seconds


def _round(folder: Path) -> dict[str, float]:
    folder.mkdir()
    write_list(folder, make_email(), _READERS)
    departure, now = Departure(folder), make_slot().due_at
    taken = {"begin": departure.begin(), "claim": 0.0, "record": 0.0}
    outbox = departure.store.outbox
    while True:
        started = time.perf_counter()
        claim = outbox.claim(departure.issue, "bench", now, now + timedelta(seconds=90))
        claimed = time.perf_counter()
        taken["claim"] += claimed - started
        if claim is None:
            break
        accepted = [Delivery(each, DeliveryState.ACCEPTED, message_id="bench-1") for each in claim.recipients]
        started = time.perf_counter()
        outbox.record(Ended(claim, accepted, now, outcome="answered"))
        taken["record"] += time.perf_counter() - started
    departure.store.close()
    return taken
