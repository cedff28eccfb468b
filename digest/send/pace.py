"""When refusals stop an issue. How fast it may leave is kept in the ledger, where all senders see it."""

from __future__ import annotations

from collections.abc import Sequence

from digest.models import Delivery, DeliveryState

ENOUGH_TO_JUDGE = 50
"""Readers with an answer: before that a share says little."""

_ANSWERED = {DeliveryState.ACCEPTED, DeliveryState.REJECTED}


class Refusals:
    """What part of the readers the provider refuses; all slots of a sender share it."""

    def __init__(self, allowed: float) -> None:
        self._allowed = allowed
        self._answered = self._rejected = 0

    def judge(self, deliveries: Sequence[Delivery]) -> str:
        """Note the answers to a batch; return why the issue must be paused, or nothing."""
        self._answered += sum(each.state in _ANSWERED for each in deliveries)
        rejected = [each for each in deliveries if each.state is DeliveryState.REJECTED]
        self._rejected += len(rejected)
        if self._answered < ENOUGH_TO_JUDGE or self._rejected <= self._allowed * self._answered:
            return ""
        last = f": {rejected[-1].error}" if rejected else ""
        return f"{self._rejected} of {self._answered} readers were refused, more than {self._allowed:.0%}{last}"
