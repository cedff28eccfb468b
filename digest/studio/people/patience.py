"""How often somebody may try to sign in: guessing is made slow, and nobody is locked out for ever.

Each try takes from a purse that fills again by itself. A browser that a user has signed in with before has a purse of
its own: whoever guesses from elsewhere cannot empty that one.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

_MOST_PURSES = 20_000


@dataclass(frozen=True, slots=True)
class Purse:
    """How much there is at most, and how long one try takes to come back."""

    size: int
    refill: timedelta


NETWORK = Purse(30, timedelta(minutes=1))
"""A whole office behind one address."""
USER = Purse(20, timedelta(minutes=3))
"""Wherever it comes from: at most 500 guesses a day."""
BROWSER = Purse(10, timedelta(minutes=1))
"""Of one that is known to the user."""


class Patience:
    """The purses; safe to ask from any thread."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._left: OrderedDict[tuple[str, str], tuple[float, datetime]] = OrderedDict()

    def take(self, user: str, network: str, browser: str) -> timedelta:
        """Take a try; return how long to wait when there is none. `browser` is empty for one that is not known."""
        with self._lock:
            now = self._clock()
            wanted = _purses(user, network, browser)
            waits = [self._wait(key, purse, now) for key, purse in wanted]
            if any(waits):
                return max(waits)
            for key, purse in wanted:
                self._left[key] = (self._now(key, purse, now) - 1, now)
                self._left.move_to_end(key)
            while len(self._left) > _MOST_PURSES:
                self._left.popitem(last=False)
            return timedelta(0)

    def give_back(self, user: str, network: str, browser: str) -> None:
        """Give back the try of who has signed in."""
        with self._lock:
            now = self._clock()
            for key, purse in _purses(user, network, browser):
                self._left[key] = (min(purse.size, self._now(key, purse, now) + 1), now)

    def _now(self, key: tuple[str, str], purse: Purse, now: datetime) -> float:
        left, at = self._left.get(key, (float(purse.size), now))
        return min(float(purse.size), left + max(timedelta(0), now - at) / purse.refill)

    def _wait(self, key: tuple[str, str], purse: Purse, now: datetime) -> timedelta:
        left = self._now(key, purse, now)
        return purse.refill * math.ceil((1 - left) * 1000) / 1000 if left < 1 else timedelta(0)


def network_of(address: str) -> str:
    """Return the network of an address: for IPv6 that of one connection (/64), of which one person has all."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    prefix = 32 if found.version == 4 else 64
    return str(ipaddress.ip_network((found, prefix), strict=False))


def _purses(user: str, network: str, browser: str) -> list[tuple[tuple[str, str], Purse]]:
    if browser:
        return [(("browser", f"{user}\n{browser}"), BROWSER)]
    return [(("user", user), USER), (("network", network), NETWORK)]
