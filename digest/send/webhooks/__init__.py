"""What providers tell later about the mail they took: one file for each, beside what is the same for all.

A module of this folder that exports `Webhook` is a kind: a frozen dataclass whose fields are the options in
`[webhooks.<kind>]` of `config/digest.toml`. It says whether a request is the provider's own, and what it tells.
`tests/contracts/test_webhooks.py` finds every such module and holds it to the same tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models import ProviderEvent, Secret


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it came over the line."""

    url: str
    """As the provider was told it: below the public address."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class RefusedError(Exception):
    """A request is not the provider's, or too old; its text is for our log and tells nothing secret."""


Fetch = Callable[[str], bytes]
"""Returns what lies at an https address; raises `OSError`."""


class Webhook(Protocol):
    """A provider's way of telling."""

    def problems(self) -> Sequence[str]:
        """Return what keeps it from being used as configured, one sentence each."""
        ...

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Raise `RefusedError` unless the provider itself sent this, just now."""
        ...

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Return what a verified request tells; raise `RefusedError` when it cannot be understood."""
        ...


def missing(*secrets: Secret) -> list[str]:
    """Return what is to be said of secrets that the environment does not have."""
    return [f"{secret.variable} is not set in the environment" for secret in secrets if not secret.value]
