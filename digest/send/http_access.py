"""How a provider is reached by HTTP: one client with one connection, what every request says, and what keeps it out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from digest.models import Secret
from digest.send.loopback import unsafe_url
from digest.send.providers import LONGEST_TIMEOUT

if TYPE_CHECKING:
    import ssl

    import httpx

_LONGEST_CONNECT = 10.0
"""Seconds: less than the deadline, so that an unreachable host is known as such and not as ambiguous."""

HEADERS: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "newsletter-digest",
}

Show = Callable[[Secret], str]
"""How a secret is written: by its value on the line (`value_of`), by its name for people (`str`)."""


def value_of(secret: Secret) -> str:
    """Return what only the provider may see."""
    return secret.value


@asynccontextmanager
async def open_client(base_url: str, seconds: float) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client that waits so long; proxies of the environment are for requests that leave this machine."""
    import httpx  # listing the providers must not cost an HTTP client

    async with httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(_LONGEST_CONNECT, seconds / 2)),
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        follow_redirects=False,
        trust_env=base_url.startswith("https:"),
        verify=_trust(),
    ) as client:
        yield client


@cache
def _trust() -> ssl.SSLContext:
    """Return what all clients trust, read once: that takes longer than a request, and each slot has a client."""
    import httpx

    return httpx.create_ssl_context()


def access_problems(secrets: Sequence[Secret], base_url: str, timeout: float) -> list[str]:
    """Say what is missing, and refuse to show a key to anybody but the provider."""
    found = []
    for key in secrets:
        if not key.value:
            found.append(f"{key.variable} is not set in the environment")
        elif not (key.value.isascii() and key.value.isprintable() and " " not in key.value):
            found.append(f"{key.variable} holds a space, a line break or another character that no key has")
    if reason := unsafe_url(base_url):
        found.append(f"base_url {reason}")
    if not 0 < timeout <= LONGEST_TIMEOUT:
        found.append(f"timeout must be above zero and at most {LONGEST_TIMEOUT:g} seconds")
    return found
