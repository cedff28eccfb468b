"""How often the form may be used: by one network, and by all of them together."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

_MOST_NETWORKS = 10_000


@dataclass(slots=True)
class Bucket:
    """Holds `size` tokens at most and gets one every `seconds`."""

    size: int
    seconds: float
    level: float
    at: datetime

    def take(self, now: datetime) -> bool:
        """Take a token; False when there is none. A clock that goes back adds nothing."""
        passed = max(0.0, (now - self.at).total_seconds())
        self.level = min(float(self.size), self.level + passed / self.seconds)
        self.at = max(self.at, now)
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Bounds:
    """Token buckets in memory: ten at once and six an hour for a network, a hundred and six hundred for all.

    Every form that could be sent counts, whoever's address is in it, so that "too many" tells nothing about addresses.
    In memory, and not in the store: a visitor leaves no row behind, and what a restart forgets is worth one burst. The
    bound on mails to one address is the promise to a person, and that one is in the store (`SignUps.ask`).
    """

    def __init__(self) -> None:
        self._networks: OrderedDict[str, Bucket] = OrderedDict()
        self._all: Bucket | None = None

    def allow(self, network: str, now: datetime) -> bool:
        """Count a use of the form; False when it is one too many."""
        # A network with nothing left takes nothing from the others.
        mine = self._networks.pop(network, None) or Bucket(10, 600.0, 10.0, now)
        self._networks[network] = mine
        if len(self._networks) > _MOST_NETWORKS:
            self._networks.popitem(last=False)
        self._all = self._all or Bucket(100, 6.0, 100.0, now)
        return mine.take(now) and self._all.take(now)


def network_of(host: str | None) -> str:
    """Return an address shortened to its network: /24 of IPv4, /48 of IPv6; `unknown` for what is none."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    bits = 24 if address.version == 4 else 48
    plain = str(address).partition("%")[0]  # without the zone of a link-local address
    return str(ipaddress.ip_network(f"{plain}/{bits}", strict=False))
