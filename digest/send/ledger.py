"""What the sending needs to remember, whoever remembers it; `digest.store.Outbox` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from digest.models import Claim, Delivery, Ended, Issue, IssueState, Later, Limits, Wave


class Ledger(Protocol):
    """The readers of an issue in batches: each intent is written before its request, each answer after it."""

    def sweep(self, known: Issue, now: datetime, is_dead: Callable[[str], bool | None]) -> int:
        """Turn claims without a living owner into `unknown`."""
        ...

    def repeat(self, known: Issue, provider: str, since: datetime, now: datetime) -> int:
        """Let unclear batches be sent again whose repeat the provider knows as such."""
        ...

    def unclear(self, known: Issue, provider: str | None, before: datetime | None) -> Sequence[Claim]:
        """Return the unknown readers by batch: of one provider or of all, and unknown since before a moment or not."""
        ...

    def settle(
        self, known: Issue, claim: Claim, deliveries: Sequence[Delivery], now: datetime, *, draft_id: str
    ) -> bool:
        """Write down what a look-up found out about some unknown readers."""
        ...

    def claim(
        self,
        known: Issue,
        owner: str,
        now: datetime,
        lease_until: datetime,
        *,
        provider: str,
        repeatable_since: datetime | None,
        after: Ended | None = None,
        limits: Limits,
        within: range | None = None,
    ) -> Claim | Later | None:
        """Take the next batch that may be sent now, once what became of the last one is written down with it."""
        ...

    def record(self, ended: Ended) -> bool:
        """Write down what became of a claim."""
        ...

    def pause(self, known: Issue, reason: str, now: datetime) -> None:
        """Let nothing more leave until a person says so."""
        ...

    def waits_until(self, known: Issue, now: datetime) -> datetime | None:
        """Return when the first pending batch may be tried, or None."""
        ...

    def wave_over(self, known: Issue) -> Wave | None:
        """Return how the open wave went, when another one waits for its end."""
        ...

    def open_next_wave(self, known: Issue, over: Wave, now: datetime) -> bool:
        """Let the next wave leave; False when that was done already."""
        ...

    def finish(self, known: Issue, now: datetime) -> IssueState:
        """Close an issue with nothing left to send."""
        ...

    def hand_out(self, known: Issue, now: datetime) -> int:
        """Tell workers of what may leave and they do not know of yet."""
        ...
