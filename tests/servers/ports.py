"""Ports for real servers that want to be told theirs."""

from __future__ import annotations

import random
import socket


def free_ports(count: int) -> list[int]:
    """Return ports of loopback below those that the system gives to others, who might be faster than the server."""
    found: list[int] = []
    for port in random.sample(range(20000, 32000), 500):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"there are no {count} free ports")
