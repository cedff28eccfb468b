"""Whether a request comes from whom it says: signatures over the raw bytes, passwords, and how old it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Literal

from digest.models import Secret
from digest.send.webhooks import Posted, RefusedError

FRESH_SECONDS = 300
"""A signed request older than this, or from further in the future, may be somebody's copy of it."""

Algorithm = Literal["sha1", "sha256"]


def hmac_bytes(key: bytes, message: bytes, algorithm: Algorithm = "sha256") -> bytes:
    """Return the keyed hash of a message."""
    return hmac.new(key, message, getattr(hashlib, algorithm)).digest()


def require_hex(given: str, key: Secret, message: bytes) -> None:
    """Refuse unless `given` is the HMAC-SHA256 of the message, in hexadecimal digits."""
    wanted = hmac_bytes(key.value.encode(), message).hex()
    if not hmac.compare_digest(given.strip().lower().encode(), wanted.encode()):
        raise RefusedError("the signature does not fit")


def require_any(given: list[str], wanted: bytes) -> None:
    """Refuse unless one of the texts is `wanted` in base64."""
    text = base64.b64encode(wanted)
    fitting = [each for each in given if hmac.compare_digest(each.encode(), text)]
    if not fitting:
        raise RefusedError("the signature does not fit")


def require_fresh(timestamp: str, now: datetime) -> None:
    """Refuse a Unix time that is no number, or more than five minutes away."""
    try:
        seconds = float(timestamp)
    except ValueError:
        raise RefusedError("it says no time") from None
    if not abs(seconds - now.timestamp()) <= FRESH_SECONDS:
        raise RefusedError("it is too old")


def require_login(posted: Posted, user: str, password: Secret) -> None:
    """Refuse without this name and password, as `https://user:password@…` sends them."""
    kind, _, given = posted.headers.get("authorization", "").partition(" ")
    try:
        found = base64.b64decode(given, validate=True) if kind.lower() == "basic" else b""
    except binascii.Error:
        found = b""
    if not hmac.compare_digest(found, f"{user}:{password.value}".encode()):
        raise RefusedError("the name or password does not fit")


def header(posted: Posted, name: str) -> str:
    """Return a header; refuse a request without it."""
    value = posted.headers.get(name.lower(), "")
    if not value:
        raise RefusedError(f"it has no header {name}")
    return value
