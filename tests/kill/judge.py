"""The judge of the kill test: compares the provider's own log with what the digest says, and believes the log."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from tests.kill.sink import Sink


def by_state(history: dict[str, Any]) -> dict[str, set[str]]:
    """Return who is in which state; nobody may be named twice."""
    states: dict[str, set[str]] = {}
    for reader in history["recipients"]:
        states.setdefault(reader["state"], set()).add(reader["address"])
    assert sum(map(len, states.values())) == len(history["recipients"]), "a reader is named twice"
    return states


def judge(history: dict[str, Any], sink: Sink, readers: int) -> dict[str, set[str]]:
    """Hold a sending that came to its end against the provider's log; return who is in which state."""
    states, accepted = by_state(history), sink.accepted
    unknown = states.get("unknown", set())
    assert {address for address, count in accepted.items() if count > 1} == set(), "nobody gets the issue twice"
    assert set().union(*states.values()) == {f"reader{number}@example.com" for number in range(readers)}
    assert set(states) <= {"accepted", "unknown", "rejected"}, "nobody is forgotten"
    assert states["accepted"] <= set(accepted), "what is called accepted was accepted"
    assert set(accepted) <= states["accepted"] | unknown, "what the provider took is accepted, or in doubt"
    assert states.get("rejected", set()) <= sink.rejected, "only whom the provider refused is rejected"
    assert states.get("rejected", set()).isdisjoint(accepted)
    counts = {name: count for name, count in history["counts"].items() if count}
    assert counts == {name: len(who) for name, who in states.items()} | {"audience": readers}, "the sums add up"
    assert history["state"] == ("needs_review" if unknown else "sent")
    assert sink.mismatched == [], "the same key always carries the same bytes"
    return states


def every_request_was_announced(store_url: str, project: Path, sink: Sink) -> None:
    """No request without an attempt that was committed before it; read from the tables, past the digest's code."""
    query = "SELECT batch.seq, count(*) FROM attempt JOIN batch ON batch.id = attempt.batch_id GROUP BY batch.seq"
    if store_url.startswith("sqlite:///"):
        database = sqlite3.connect(project / store_url.removeprefix("sqlite:///"))
        announced = dict(database.execute(query).fetchall())
        (sound,) = database.execute("PRAGMA integrity_check").fetchone()
        database.close()
        assert sound == "ok"
    else:
        with psycopg.connect(store_url) as connection:
            announced = dict(connection.execute(query).fetchall())
    requests = Counter(int(entry.order.key.split("/")[2]) for entry in sink.log)
    beyond = {seq: count for seq, count in requests.items() if count > announced.get(seq, 0)}
    assert beyond == {}, "a request that no committed attempt had announced"
