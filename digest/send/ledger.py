"""What the sending needs to remember, whoever remembers it; `digest.store.Outbox` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from digest.models import Claim, Delivery, DeliveryState, Issue, IssueState


class Ledger(Protocol):
    """The readers of an issue in batches: each intent is written before its request, each answer after it."""

    def sweep(self, known: Issue, now: datetime, is_dead: Callable[[str], bool | None]) -> int:
        """Turn claims without a living owner into `unknown`."""
        ...

    def resolve(
        self, known: Issue, of: DeliveryState, to: DeliveryState, now: datetime, who: str, *, provider: str | None
    ) -> int:
        """Decide what becomes of every reader in a state."""
        ...

    def claim(
        self, known: Issue, owner: str, now: datetime, lease_until: datetime, *, provider: str, repeatable: bool
    ) -> Claim | None:
        """Take the next batch that may be sent now."""
        ...

    def record(
        self,
        claim: Claim,
        deliveries: Sequence[Delivery],
        now: datetime,
        *,
        outcome: str,
        detail: str,
        http_status: int | None,
        not_before: datetime | None,
        may_be_sent: bool,
    ) -> bool:
        """Write down the answer to a claim."""
        ...

    def pause(self, known: Issue, reason: str, now: datetime) -> None:
        """Let nothing more leave until a person says so."""
        ...

    def handed_over_since(self, moment: datetime) -> int:
        """Count the readers whose copies providers were asked to send since a moment."""
        ...

    def waits_until(self, known: Issue, now: datetime) -> datetime | None:
        """Return when the first pending batch may be tried, or None."""
        ...

    def finish(self, known: Issue, now: datetime) -> IssueState:
        """Close an issue with nothing left to send."""
        ...
