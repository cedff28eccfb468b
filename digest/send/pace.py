"""How fast an issue may leave, and when too many refusals stop it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import Delivery, DeliveryState

ENOUGH_TO_JUDGE = 50
"""Readers with an answer: before that a share says little."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows."""

    per_second: float = 0
    """Readers a second on average; 0 for as fast as it goes."""
    per_day: int = 0
    """Readers of all newsletters in any 24 hours; 0 for no limit."""
    max_rejected_share: float = 0.2
    """Of those who were answered; above it the issue is paused."""


NO_LIMITS = Limits()


class Pace:
    """The pace of one run: all its slots share it."""

    def __init__(self, limits: Limits, handed_over_today: int, batch_limit: int) -> None:
        self._limits = limits
        self._today = handed_over_today
        self._batch = batch_limit
        self._free_at: datetime | None = None
        self._answered = self._rejected = 0

    def leave(self, count: int, now: datetime) -> None:
        """Note that a batch of so many readers leaves."""
        self._today += count
        if self._limits.per_second:
            begin = max(self._free_at or now, now)
            self._free_at = begin + timedelta(seconds=count / self._limits.per_second)

    def hold_back(self, until: datetime) -> None:
        """Let nothing leave before a moment: the provider said so."""
        self._free_at = max(self._free_at or until, until)

    def wait(self, now: datetime) -> float:
        """Return the seconds until the next batch may leave."""
        return max((self._free_at - now).total_seconds(), 0.0) if self._free_at else 0.0

    @property
    def over_for_today(self) -> str:
        """Why nothing more may leave today; empty when it may."""
        allowed = self._limits.per_day
        if not allowed or self._today + self._batch <= allowed:
            return ""
        return f"{self._today} readers got mail within a day, and {allowed} are allowed (send.per_day)"

    def judge(self, deliveries: Sequence[Delivery]) -> str:
        """Note the answers to a batch; return why the issue must be paused, or nothing."""
        self._answered += sum(each.state in _ANSWERED for each in deliveries)
        rejected = [each for each in deliveries if each.state is DeliveryState.REJECTED]
        self._rejected += len(rejected)
        allowed = self._limits.max_rejected_share
        if self._answered < ENOUGH_TO_JUDGE or self._rejected <= allowed * self._answered:
            return ""
        last = f": {rejected[-1].error}" if rejected else ""
        return f"{self._rejected} of {self._answered} readers were refused, more than {allowed:.0%}{last}"


_ANSWERED = {DeliveryState.ACCEPTED, DeliveryState.REJECTED}
