"""What the outbox should do and what providers really did, in plain Python: the other side of `test_outbox_model.py`.

It shares no code with the store. Besides the states it knows what the ledger cannot know: who really got how many
copies, because the provider took a request and its answer was lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEY_IS_KNOWN = timedelta(hours=24)
"""The provider with keys keeps them so long; the sender counts on an hour less."""
COUNTED_ON = timedelta(hours=23)
_ABSURD = timedelta(hours=2)


@dataclass
class Reader:
    place: int
    address: str
    token: str
    state: str = "pending"
    suppressed: bool = False
    was_accepted: bool = False
    copies: int = 0
    allowed: int = 1
    """How many copies may be: one, and one more for each time that a person took the risk."""


@dataclass
class Batch:
    seq: int
    wave: int
    members: list[Reader]
    attempts: int = 0
    owner: str = ""
    lease_until: datetime | None = None
    not_before: datetime | None = None
    first_at: datetime | None = None
    provider: str = ""
    doubt: bool = False
    """Its provider may have it."""
    asked: int = 0

    def of(self, state: str) -> list[Reader]:
        return [each for each in self.members if each.state == state]

    @property
    def state(self) -> str:
        for each in ("sending", "pending", "unknown", "accepted", "rejected", "abandoned"):
            if self.of(each):
                return each
        return "suppressed"


@dataclass
class Request:
    """A claim that became a request: what the provider did with it is settled, whether we hear of it is not."""

    claim: object
    batch: Batch
    attempt: int
    owner: str
    provider: str
    readers: list[Reader]
    first_at: datetime
    is_repeat: bool
    """An earlier attempt may have arrived: of that, only an answer for everybody tells."""
    told: dict[int, str] = field(default_factory=dict)
    """Reader's place -> what its answer says of them, where the provider took the request; empty where it did not."""


@dataclass
class World:
    now: datetime
    readers: list[Reader] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    wave: int = 0
    issue: str = "sending"
    drift: timedelta = timedelta()
    """How much the sender's clock was set back in all."""
    _keys: dict[tuple[int, tuple[int, ...]], tuple[datetime, dict[int, str]]] = field(default_factory=dict)

    def tally(self) -> dict[str, int]:
        states = [each.state for each in self.readers]
        return {state: states.count(state) for state in set(states)}

    # What the store should do

    def next_claim(self, provider: str, keyed: bool) -> tuple[Batch, list[Reader]] | None:
        """Return the batch and readers that must be claimed now, having moved whom that moves."""
        if self.issue != "sending":
            return None
        while True:
            due = [each for each in self.batches if each.state == "pending" and each.wave <= self.wave]
            due = [each for each in due if self._is_due(each)]
            if not due:
                return None
            # What was not tried yet comes first.
            batch = min(due, key=lambda each: (each.not_before is not None, each.not_before or self.now, each.seq))
            pending = batch.of("pending")
            if batch.doubt:
                assert batch.first_at
                known_there = keyed and batch.provider == provider and batch.first_at >= self.now - COUNTED_ON
                if known_there and batch.asked == len(pending):
                    return batch, pending
                self._move(pending, "unknown", batch)
                continue
            self._move([each for each in pending if each.suppressed], "suppressed")
            if left := batch.of("pending"):
                return batch, left
            batch.not_before = None

    def _is_due(self, batch: Batch) -> bool:
        return batch.not_before is None or batch.not_before <= self.now or batch.not_before > self.now + _ABSURD

    def waits_until(self) -> datetime | None:
        waiting = [each for each in self.batches if each.state == "pending" and each.wave <= self.wave]
        if self.issue != "sending" or not waiting:
            return None
        if any(map(self._is_due, waiting)):
            return self.now
        return min(each.not_before for each in waiting if each.not_before)

    def claimed(self, batch: Batch, readers: list[Reader], owner: str, provider: str, lease_until: datetime) -> None:
        for each in readers:
            each.state = "sending"
        batch.attempts += 1
        batch.owner, batch.provider, batch.lease_until = owner, provider, lease_until
        batch.first_at = batch.first_at or self.now
        batch.doubt, batch.asked = True, len(readers)

    def is_heard(self, request: Request) -> bool:
        """Tell whether the answer to a request still counts."""
        batch = request.batch
        newest = batch.attempts == request.attempt and batch.owner == request.owner
        return newest and batch.state in {"sending", "unknown"}

    def recorded(self, request: Request, states: list[str], not_before: datetime | None, outcome: str) -> None:
        for reader, state in zip(request.readers, states, strict=True):
            if reader.state in {"sending", "unknown"}:
                self._move([reader], state)
        request.batch.not_before, request.batch.lease_until = not_before, None
        request.batch.doubt = outcome == "ambiguous" or request.is_repeat
        self._take_up(states.count("pending"))

    def swept(self, dead: dict[str, bool | None]) -> int:
        count = 0
        for batch in self.batches:
            lost = dead.get(batch.owner)
            if batch.state != "sending" or not (batch.lease_until <= self.now if lost is None else lost):  # type: ignore[operator]
                continue
            count += len(batch.of("sending"))
            self._move(batch.of("sending"), "unknown", batch)
        return count

    def repeated(self, provider: str) -> int:
        count = 0
        for batch in self.batches:
            unclear = batch.of("unknown")
            whole = batch.state == "unknown" and batch.asked == len(unclear) and batch.doubt
            if whole and batch.provider == provider and batch.first_at and batch.first_at >= self.now - COUNTED_ON:
                count += len(unclear)
                self._move(unclear, "pending", batch)
        self._take_up(count)
        return count

    def resolved(self, of: str, to: str) -> int:
        count = 0
        for batch in self.batches:
            if batch.state == "sending" and to == "pending":
                continue
            if those := batch.of(of):
                count += len(those)
                for each in those:
                    each.allowed += to == "pending" and of == "unknown"
                self._move(those, to, batch)
                batch.doubt = batch.doubt and to != "pending"
        if to == "pending":
            self._take_up(count)
        return count

    def settled(self, batch: Batch, found: dict[int, str]) -> None:
        for reader in batch.of("unknown"):
            self._move([reader], found.get(reader.place, "unknown"))
        if "pending" in found.values():
            batch.doubt = False
        batch.not_before = None
        if "pending" in found.values():
            self._take_up(1)

    def finished(self) -> str:
        tally = self.tally()
        busy = tally.get("pending", 0) + tally.get("sending", 0)
        if not busy and self.issue in {"sending", "paused", "needs_review"}:
            self.issue = "sent"
            if tally.get("unknown"):
                self.issue = "needs_review"
            elif not tally.get("accepted") and tally.get("abandoned"):
                self.issue = "cancelled"
            elif not tally.get("accepted") and tally.get("rejected"):
                self.issue = "needs_review"
        return self.issue

    def wave_is_over(self) -> bool:
        open_now = [each.state for each in self.batches if each.wave <= self.wave]
        later = [each.state for each in self.batches if each.wave > self.wave]
        return self.issue == "sending" and not {"pending", "sending"} & set(open_now) and "pending" in later

    def _take_up(self, count: int) -> None:
        if count and self.issue in {"needs_review", "sent", "cancelled"}:
            self.issue = "sending"

    def _move(self, readers: list[Reader], to: str, batch: Batch | None = None) -> None:
        for each in readers:
            each.state = to
            each.was_accepted |= to == "accepted"
        if batch is not None and batch.state != "sending":
            batch.not_before = batch.lease_until = None

    # What really happens out there

    def arrives(self, request: Request, fates: list[str]) -> None:
        """Let a request come to its provider, which takes it (a fate for each reader) or not (no fates)."""
        key = (request.batch.seq, tuple(each.place for each in request.readers))
        real_now = self.now + self.drift
        if request.provider == "keyed" and key in self._keys and real_now - self._keys[key][0] < KEY_IS_KNOWN:
            request.told = self._keys[key][1] if fates else {}
            return
        if not fates:
            return
        for each, fate in zip(request.readers, fates, strict=True):
            request.told[each.place] = fate.removesuffix(" but has it")
            each.copies += fate in {"accepted", "unknown but has it"}
        self._keys[key] = (real_now, request.told)
