"""Decides whether an address may be used that is a secret itself: whoever knows it can do what we do there."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from digest.models import Secret
from digest.send.loopback import is_loopback


def address_problems(url: Secret) -> Sequence[str]:
    """Return what keeps it from being used, one sentence each, without the address."""
    name, value = url.variable, url.value
    if not value:
        return (f"{name} is not set in the environment",)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return (f"{name} holds no address",)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not (host and safe and value.isascii() and value.isprintable() and " " not in value):
        return (f"{name} must hold an address that begins with https://",)
    return ()
