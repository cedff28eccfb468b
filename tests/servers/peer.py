"""What the other end of a line to a provider looks like to the contract tests; `peers.py` has one for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.send.opening import open_provider
from digest.send.providers import Provider

SECRET = "sk-canary-0451-never-shown"


@dataclass(frozen=True)
class Received:
    """One reader's copy, as a mailbox shows it."""

    address: str
    subject: str
    headers: Mapping[str, str]
    html: str
    text: str
    everything: str
    """All that this copy consists of, for looking after other readers' traces."""


@dataclass(frozen=True)
class Peer:
    provider: Provider
    received: Callable[[], list[Received]]
    """In the order of arrival."""
    sent: Callable[[], object]
    """The body of the last batch as it went over the line, in the shape that `describe` gives."""
    copies: Callable[[], int]
    """How many copies lie in mailboxes."""
    secret: str = ""
    a_day_later: Callable[[], None] = lambda: None
    """Let the other end forget what it does not keep for ever."""
    withheld: frozenset[str] = frozenset()
    """Headers of the mail that this provider does not let through as they are: `cautions` names each."""


def opened(kind: str, root: Path, **options: object) -> Provider:
    """Open a provider as configuration does, with the secret as `env:CANARY`."""
    return open_provider(kind, options, {"CANARY": SECRET}, root=root)
