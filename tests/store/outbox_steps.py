"""What can happen to an outbox, as the steps of a state machine: each is done to the store and to its model.

Senders claim, die, and answer late or never; readers leave; people hold, go on and decide; clocks jump.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import text

from digest.models import Claim, Delivery, DeliveryState, Ended, Issue, IssueState, Recipient, Suppression
from digest.store import Frozen, Store
from tests.factories import make_email, make_slot
from tests.store.outbox_world import COUNTED_ON, Batch, Reader, Request, World

LEASE = timedelta(seconds=90)
_numbers = count()

owners = st.sampled_from(["anna", "ben"])
providers = st.sampled_from(["keyed", "keyed", "plain"])
PLAIN_FATES = ("accepted", "accepted", "accepted", "rejected", "pending", "unknown", "unknown but has it")
KEYED_FATES = ("accepted", "accepted", "accepted", "rejected")


@dataclass
class LookUp:
    """What somebody asked a provider, and has not written down yet."""

    claim: Claim
    batch: Batch
    attempt: int
    found: dict[int, str]


class OutboxSteps(RuleBasedStateMachine):
    """Without claims of its own; `test_outbox_model.py` adds what must hold."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        slot = make_slot()
        self.name = f"letter{next(_numbers)}"
        self.world = World(slot.due_at)
        self.requests: list[Request] = []
        self.look_ups: list[LookUp] = []
        self.lives = Counter({"anna": 0, "ben": 0})
        self.dead: set[str] = set()
        issues = self.store.issues
        planned = issues.plan(self.name, slot, slot.due_at)
        frozen = issues.save(planned, 1, Frozen(make_email(), {"sections": []}, (), ()), IssueState.FROZEN, slot.due_at)
        allowed = [IssueState.FROZEN]
        self.issue: Issue = issues.move(frozen, IssueState.APPROVED, allowed=allowed, now=slot.due_at)

    def _name_of(self, owner: str) -> str:
        """Whoever died comes back as somebody else."""
        return f"{owner}{self.lives[owner]}"

    @property
    def _outbox(self):  # type: ignore[no-untyped-def]
        return self.store.outbox

    # Beginning

    @initialize(
        readers=st.integers(1, 5),
        batch_size=st.integers(1, 3),
        gone=st.sets(st.integers(0, 4), max_size=1),
        first_share=st.sampled_from([0, 0, 0.3]),
    )
    def begin(self, readers: int, batch_size: int, gone: set[int], first_share: float) -> None:
        addresses = [f"{self.name}-{number}@example.com" for number in range(readers)]
        self.store.readers.tokens(self.name, addresses, self.world.now)
        # Tokens are random, and waves are chosen by them: a failure must be the same when it is played again.
        with self.store._engine.begin() as connection:
            mine = {"name": self.name}
            connection.execute(text("UPDATE reader SET token = address WHERE newsletter = :name"), mine)
        audience = [Recipient(address, "", address) for address in addresses]
        for number, each in enumerate(audience):
            state = "suppressed" if number in gone else "pending"
            self.world.readers.append(Reader(number, each.address, each.token, state, suppressed=number in gone))
            if number in gone:
                assert self.store.readers.suppress(each.token, "unsubscribed", self.world.now)
        self._outbox.begin(self.issue, (), audience, batch_size, self.world.now, first_share=first_share)
        with self.store._engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT b.seq, b.wave, r.address FROM recipient r JOIN batch b ON b.id = r.batch_id "
                    "JOIN issue i ON i.id = r.issue_id WHERE i.newsletter = :name ORDER BY b.seq, r.id"
                ),
                {"name": self.name},
            ).all()
        by_address = {each.address: each for each in self.world.readers}
        for seq in sorted({row.seq for row in rows}):
            mine = [row for row in rows if row.seq == seq]
            self.world.batches.append(Batch(seq, mine[0].wave, [by_address[row.address] for row in mine]))
        assert Counter(row.address for row in rows) == Counter(addresses), "each reader is in exactly one batch"
        assert all(len(each.members) <= batch_size for each in self.world.batches)

    # What senders do

    @rule(owner=owners, provider=providers, data=st.data())
    def claim(self, owner: str, provider: str, data: st.DataObject) -> None:
        """A request leaves; whether its answer ever comes is another matter."""
        if request := self._claim(owner, provider, data):
            self.requests.append(request)

    @rule(owner=owners, provider=providers, data=st.data(), heard=st.booleans())
    def send(self, owner: str, provider: str, data: st.DataObject, heard: bool) -> None:
        """A request leaves and is answered, or not, before anything else happens."""
        if request := self._claim(owner, provider, data):
            self._answer(request, data, heard=heard, wait=0)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), heard=st.booleans(), wait=st.sampled_from([0, 2, 4000, 90_000]), again=st.booleans())
    def answer(self, data: st.DataObject, heard: bool, wait: int, again: bool) -> None:
        """An answer comes, or its time-out does: soon, late, or a second time."""
        request = data.draw(st.sampled_from(self.requests), label="request")
        if not again:
            self.requests.remove(request)
        self._answer(request, data, heard=heard, wait=wait)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), heard=st.booleans(), provider=providers, wait=st.sampled_from([0, 2, 4000]))
    def answer_and_claim(self, data: st.DataObject, heard: bool, provider: str, wait: int) -> None:
        """An answer comes, and the same sender takes the next batch with it."""
        request = data.draw(st.sampled_from(self.requests), label="request")
        self.requests.remove(request)
        ended, _ = self._ended(request, data, heard=heard, wait=wait)
        owner = next(each for each in self.lives if request.owner.startswith(each))
        if further := self._claim(owner, provider, data, after=ended):
            self.requests.append(further)

    def _claim(self, owner: str, provider: str, data: st.DataObject, *, after: Ended | None = None) -> Request | None:
        now, name, keyed = self.world.now, self._name_of(owner), provider == "keyed"
        since, until = now - COUNTED_ON if keyed else None, now + LEASE
        taken = self._outbox.claim(self.issue, name, now, until, provider=provider, repeatable_since=since, after=after)
        expected = self.world.next_claim(provider, keyed)
        if expected is None:
            assert taken is None
            return None
        batch, readers = expected
        assert taken is not None
        assert (taken.seq, taken.attempt, taken.owner) == (batch.seq, batch.attempts + 1, name)
        assert [each.address for each in taken.recipients] == [each.address for each in readers]
        assert not any(each.was_accepted for each in readers), "accepted is final"
        assert batch.doubt or not any(each.suppressed for each in readers), "who left before gets nothing"
        is_repeat = batch.doubt
        self.world.claimed(batch, readers, name, provider, until)
        assert batch.first_at
        request = Request(taken, batch, batch.attempts, name, provider, readers, batch.first_at, is_repeat)
        size, fates = len(readers), st.sampled_from(KEYED_FATES if keyed else PLAIN_FATES)
        is_taken = data.draw(st.booleans(), label="the provider takes it")
        self.world.arrives(request, data.draw(st.lists(fates, min_size=size, max_size=size)) if is_taken else [])
        return request

    def _answer(self, request: Request, data: st.DataObject, *, heard: bool, wait: int) -> None:
        ended, is_heard = self._ended(request, data, heard=heard, wait=wait)
        recorded = self._outbox.record(ended)
        assert recorded == is_heard, "a stale answer changes nothing, and a late one is the truth"

    def _ended(self, request: Request, data: st.DataObject, *, heard: bool, wait: int) -> tuple[Ended, bool]:
        """Return what is known of a request, and whether the model, which is told, takes it for true."""
        now = self.world.now
        if not heard:
            outcome = "ambiguous"
            knows = request.provider == "keyed" and now < request.first_at + COUNTED_ON
            states = ["pending" if knows else "unknown"] * len(request.readers)
        elif request.told:
            outcome = "answered"
            states = [request.told[each.place] for each in request.readers]
        else:
            outcome = data.draw(st.sampled_from(["not_sent", "refused"]))
            states = ["pending"] * len(request.readers)
        not_before = now + timedelta(seconds=wait) if wait and "pending" in states else None
        assert isinstance(request.claim, Claim)
        told = [
            Delivery(each, DeliveryState(state)) for each, state in zip(request.claim.recipients, states, strict=True)
        ]
        is_heard, doubt = self.world.is_heard(request), outcome == "ambiguous"
        ended = Ended(request.claim, told, now, outcome=outcome, not_before=not_before, may_be_sent=doubt)
        if is_heard:
            self.world.recorded(request, states, not_before, outcome)
        return ended, is_heard

    @rule(owner=owners)
    def die(self, owner: str) -> None:
        name = self._name_of(owner)
        self.dead.add(name)
        self.requests = [each for each in self.requests if each.owner != name]
        self.lives[owner] += 1

    @rule(knows=st.booleans())
    def sweep(self, knows: bool) -> None:
        alive = {self._name_of(owner): False if knows else None for owner in self.lives}
        dead: dict[str, bool | None] = dict.fromkeys(self.dead, True) | alive
        swept = self._outbox.sweep(self.issue, self.world.now, dead.__getitem__)
        assert swept == self.world.swept(dead)

    @rule(decided=st.booleans())
    def lose_touch(self, decided: bool) -> None:
        """All leases run out, although their owners live on, and what they had is sent again."""
        self.world.now += LEASE
        self.sweep(knows=False)
        if decided:
            self.resolve(("unknown", "pending"))
        else:
            self.repeat()

    @rule()
    def repeat(self) -> None:
        now = self.world.now
        assert self._outbox.repeat(self.issue, "keyed", now - COUNTED_ON, now) == self.world.repeated("keyed")

    @rule(provider=st.sampled_from(["keyed", "plain"]), some=st.booleans())
    def look_up(self, provider: str, some: bool) -> None:
        """Ask what became of unclear readers; every other one the provider may not tell yet."""
        for claim in self._outbox.unclear(self.issue, provider, self.world.now):
            batch = next(each for each in self.world.batches if each.seq == claim.seq)
            unknown = batch.of("unknown")
            assert [each.address for each in claim.recipients] == [each.address for each in unknown]
            found = {
                each.place: "accepted" if each.copies else "unknown" if some and each.place % 2 else "pending"
                for each in unknown
            }
            self.look_ups.append(LookUp(claim, batch, batch.attempts, found))

    @precondition(lambda self: self.look_ups)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        look_up = data.draw(st.sampled_from(self.look_ups), label="look-up")
        self.look_ups.remove(look_up)
        batch, found = look_up.batch, look_up.found
        deliveries = [
            Delivery(each, DeliveryState(state))
            for each, state in zip(look_up.claim.recipients, found.values(), strict=True)
        ]
        settled = self._outbox.settle(self.issue, look_up.claim, deliveries, self.world.now)
        still_asked_about = any(each.place in found for each in batch.of("unknown"))
        fresh = batch.attempts == look_up.attempt and batch.state != "sending" and still_asked_about
        assert settled == fresh, "what was found out about an older attempt says nothing of a newer one"
        if fresh:
            self.world.settled(batch, found)

    # What readers and people do

    @rule(data=st.data(), everywhere=st.booleans())
    def leave(self, data: st.DataObject, everywhere: bool) -> None:
        reader = data.draw(st.sampled_from(self.world.readers), label="reader")
        if everywhere:
            entry = Suppression(reader.address, "bounced", "", "kay", self.world.now)
            self.store.suppressions.add(entry)
        else:
            self.store.readers.suppress(reader.token, "unsubscribed", self.world.now)
        reader.suppressed = True

    @rule(
        decision=st.sampled_from(
            [
                ("unknown", "pending"),
                ("unknown", "accepted"),
                ("unknown", "abandoned"),
                ("rejected", "pending"),
                ("pending", "abandoned"),
            ]
        )
    )
    def resolve(self, decision: tuple[str, str]) -> None:
        of, to = decision
        done = self._outbox.resolve(self.issue, DeliveryState(of), DeliveryState(to), self.world.now, "kay")
        assert done == self.world.resolved(of, to)

    @rule()
    def pause(self) -> None:
        self._outbox.pause(self.issue, "too many were refused", self.world.now)
        self.world.issue = "paused" if self.world.issue == "sending" else self.world.issue

    @precondition(lambda self: self.world.issue == "paused")
    @rule()
    def go_on(self) -> None:
        self.store.issues.move(self.issue, IssueState.SENDING, allowed=[IssueState.PAUSED], now=self.world.now)
        self.world.issue = "sending"

    @rule()
    def next_wave(self) -> None:
        over = self._outbox.wave_over(self.issue)
        assert (over is not None) == self.world.wave_is_over()
        if over is not None:
            assert self._outbox.open_next_wave(self.issue, over, self.world.now)
            assert not self._outbox.open_next_wave(self.issue, over, self.world.now), "two runs saw the same end"
            self.world.wave = min(each.wave for each in self.world.batches if each.wave > self.world.wave)

    @rule()
    def finish(self) -> None:
        assert self._outbox.finish(self.issue, self.world.now) == self.world.finished()

    # What clocks do

    @rule(seconds=st.sampled_from([1, 60, 100, 3 * 3600, 22 * 3600, 25 * 3600]))
    def time_goes_by(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.world.drift < timedelta(minutes=45))
    @rule()
    def the_clock_is_set_back(self) -> None:
        self.world.now -= timedelta(minutes=10)
        self.world.drift += timedelta(minutes=10)
