"""Whatever happens in whatever order, the outbox does what its plain model does, and nobody gets a copy too many.

After each step the tables are read past the store's own code and held against the model (`outbox_world.py`; what can
happen is in `outbox_steps.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, precondition, run_state_machine_as_test
from sqlalchemy import Engine, event, text

from digest.models import Delivery, DeliveryState, Ended
from digest.store import Store
from tests.store.outbox_steps import LEASE, OutboxSteps
from tests.store.outbox_world import Request


class OutboxMachine(OutboxSteps):
    # What holds at any time

    @precondition(lambda self: self.world.batches)
    @invariant()
    def the_tables_are_as_the_model_says(self) -> None:
        world = self.world
        with self.store._engine.connect() as connection:
            ask = {"name": self.name}
            where = "JOIN issue i ON i.id = b.issue_id WHERE i.newsletter = :name"
            batches = connection.execute(text(f"SELECT b.seq, b.state, b.attempts FROM batch b {where}"), ask).all()
            rows = connection.execute(
                text(f"SELECT r.address, r.state FROM recipient r JOIN batch b ON b.id = r.batch_id {where}"), ask
            ).all()
            attempts = connection.execute(
                text(f"SELECT b.seq, a.number FROM attempt a JOIN batch b ON b.id = a.batch_id {where}"), ask
            ).all()
            (state,) = connection.execute(text("SELECT state FROM issue WHERE newsletter = :name"), ask).one()
        # A request is written on its batch alone; its readers are shown as `sending` all the same.
        on_rows = {"sending": "pending"}
        assert dict(map(tuple, rows)) == {each.address: on_rows.get(each.state, each.state) for each in world.readers}
        shown = {each["address"]: each["state"] for each in self.store.events.copies(self.issue)}
        assert shown == {each.address: each.state for each in world.readers}
        assert {each.recipient.address: each.state for each in self._outbox.deliveries(self.issue)} == shown
        assert {row.seq: row.state for row in batches} == {each.seq: each.state for each in world.batches}
        announced = {(each.seq, number) for each in world.batches for number in range(1, each.attempts + 1)}
        assert set(map(tuple, attempts)) == announced, "an attempt for each claim, and nothing else"
        assert state == world.issue
        assert self._outbox.tally(self.issue) == world.tally()
        assert self._outbox.waits_until(self.issue, world.now) == world.waits_until()

    @invariant()
    def nobody_has_a_copy_too_many(self) -> None:
        for each in self.world.readers:
            assert each.copies <= each.allowed, f"{each.address} got {each.copies} copies"
            assert each.state == "accepted" or not each.was_accepted, "accepted is final"

    # How it ends

    def teardown(self) -> None:
        """Whatever happened: when everybody is dead and a person has decided, the issue comes to its end."""
        if not self.world.batches:
            return
        for owner in self.lives:
            self.die(owner)
        self.sweep(knows=True)
        self.resolve(("unknown", "abandoned"))
        if self.world.issue == "paused":
            self.go_on()
        for _ in range(100):
            self.next_wave()
            if not self._drain():
                break
        self.resolve(("unknown", "abandoned"))
        assert set(self.world.tally()) <= {"accepted", "rejected", "suppressed", "abandoned"}, "nobody is forgotten"
        self.finish()
        assert self.world.issue in {"sent", "cancelled", "needs_review"}
        self.the_tables_are_as_the_model_says()
        self.nobody_has_a_copy_too_many()

    def _drain(self) -> bool:
        """Send one batch that is answered at once; False when there is none."""
        self.world.now = max(self.world.now, self.world.waits_until() or self.world.now)
        expected = self.world.waits_until()
        taken = self._outbox.claim(self.issue, "last", self.world.now, self.world.now + LEASE, provider="plain")
        found = self.world.next_claim("plain", keyed=False)
        assert (taken is None) == (found is None)
        if taken is None or found is None:
            return expected is not None or self.world.wave_is_over()
        batch, readers = found
        assert (taken.seq, [each.address for each in taken.recipients]) == (
            batch.seq,
            [each.address for each in readers],
        )
        self.world.claimed(batch, readers, "last", "plain", self.world.now + LEASE)
        request = Request(taken, batch, batch.attempts, "last", "plain", readers, self.world.now, is_repeat=False)
        self.world.arrives(request, ["accepted"] * len(readers))
        told = [Delivery(each, DeliveryState.ACCEPTED) for each in taken.recipients]
        assert self._outbox.record(Ended(taken, told, self.world.now, outcome="answered", may_be_sent=False))
        self.world.recorded(request, ["accepted"] * len(readers), None, "answered")
        return True


def _in_haste(engine: Engine) -> None:
    """Let SQLite forget about power cuts: this is about logic."""

    @event.listens_for(engine, "connect")
    def no_fsync(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

    engine.dispose()


@pytest.fixture
def quick_store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(store_url, tmp_path)
    if store_url.startswith("sqlite"):
        _in_haste(opened._engine)
    yield opened
    opened.close()


def test_the_outbox_does_what_its_model_does(quick_store: Store, store_url: str) -> None:
    class Machine(OutboxMachine):
        store = quick_store

    examples = 60 if store_url.startswith("sqlite") else 15
    profile = settings(max_examples=examples, stateful_step_count=40, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Machine, settings=profile)
