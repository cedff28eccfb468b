"""Decides which machines may be asked, so that an address from outside never leads into a private net."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread

from digest.collect.fetching.answers import FetchError

Address = IPv4Address | IPv6Address

_CLOSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(written)
    for written in (
        "192.0.0.0/24",  # of the protocols themselves, with one provider's metadata server
        "192.88.99.0/24",  # relays of old
        "168.63.129.16/32",  # the one public address under which a provider answers its own machines alone
        "64:ff9b:1::/48",  # translations that a network chooses by itself
        "2001::/23",  # tunnels that hide where they end
        "3fff::/20",  # documentation; not every Python knows it
        "5f00::/16",  # segment routing, likewise
        "fec0::/10",  # private, of old
    )
)
"""What the registry of special addresses closes besides what `ipaddress` says."""
_TRANSLATED = ip_network("64:ff9b::/96")


async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the addresses of a machine, each fit to be connected to; raise `FetchError`.

    A name of which one address is private is refused as a whole: no honest name has both.
    """
    asked: Future[list[str]] = Future()
    # A thread of its own: when nobody answers, the caller's time ends before the resolver's.
    Thread(target=_look_up, args=(asked, host, port), daemon=True).start()
    try:
        found = await asyncio.wrap_future(asked)
    except (socket.gaierror, UnicodeError) as error:
        passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        happened = "the name server did not answer" if passing else "there is no such name"
        raise FetchError(
            f"“{host}” cannot be found: {happened}",
            fix="check the address, and that this machine is online",
            passing=passing,
        ) from error
    if not allow_private and (inner := next((each for each in found if not is_public(ip_address(each))), None)):
        via = "" if inner == host else f" is {inner}, which"
        raise FetchError(
            f"“{host}”{via} lies in a private or reserved network, so it is not asked",
            fix="if it is your own server, set allow_private = true in the source's configuration",
            private=True,
        )
    return found


def is_public(address: Address) -> bool:
    """Tell whether an address, and every address that it stands for, is one of the public internet."""
    if isinstance(address, IPv6Address) and (meant := _meant(address)) is not None:
        return is_public(meant)
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address in network for network in _CLOSED if network.version == address.version)


def _meant(address: IPv6Address) -> IPv4Address | None:
    """Return the older address that is written within a newer one."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _look_up(asked: Future[list[str]], host: str, port: int) -> None:
    asked.set_running_or_notify_cancel()  # from here on nobody can take the question back
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        asked.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
    except (OSError, UnicodeError) as error:
        asked.set_exception(error)
