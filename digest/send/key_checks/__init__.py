"""Whether the provider lets us in, asked without sending anything: one harmless question, and what its answer means.

calls.py     the cheapest question that each provider documents
answers.py   what a few providers say that a status does not
asking.py    the question over HTTP
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast

from digest.send.providers import Provider

SECONDS = 10.0
"""For the whole question."""


class KeyState(StrEnum):
    """What is known of the key now."""

    VALID = "valid"
    LIMITED = "limited"
    """Known, but it may not ask this: a key that may only send cannot."""
    UNSURE = "unsure"
    """Refused in a way that says either."""
    INVALID = "invalid"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What the provider answered."""

    state: KeyState
    said: str
    """One line for a person, without the key."""
    asked: str = ""
    """What was asked: `GET /v3/scopes`."""
    answered_at: datetime | None = None
    """By the provider's clock, in whole seconds."""
    warnings: tuple[str, ...] = ()
    """What the answer tells besides that people should know, one sentence each."""


class Verifying(Protocol):
    """A provider that knows by itself how to ask; one of a project's own may."""

    async def verify(self) -> KeyCheck:
        """Ask whether we are let in, within ten seconds and without sending anything."""
        ...


def built_in(provider: Provider) -> str:
    """Return the kind of a built-in provider; empty for one of a project's own."""
    package, _, kind = type(provider).__module__.rpartition(".")
    return kind if package == "digest.send.providers" else ""


async def check_key(provider: Provider) -> KeyCheck | None:
    """Ask the provider whether it lets us in; None where it cannot be asked. Raises nothing for what is answered."""
    if hasattr(provider, "verify"):
        return await cast(Verifying, provider).verify()
    from digest.send.key_checks.asking import ask  # listing the states must not cost an HTTP client

    return await ask(provider)
