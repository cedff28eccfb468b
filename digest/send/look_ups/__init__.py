"""How providers that take batches are asked what became of copies: one file for each, beside what is the same for all.

A look-up only reads. It says which requests tell about an address, and what a reply holds: a record of each mail that
the provider knows of, and whether that is a copy of the issue. What the records come to is decided in `asking.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol

from digest.send.drafts import Call
from digest.send.http_outcome import Reply
from digest.send.providers import Mailing


class Sign(IntEnum):
    """What one record says of a copy; of several, the highest counts."""

    UNCLEAR = 0
    """There is something, and nobody can say what."""
    TAKEN = 1
    """It lies with the provider."""
    DROPPED = 2
    """The provider took it and did not even try: the address is on its list of those it writes to no more."""
    HANDED_ON = 3
    """The provider tried: delivered, delayed, bounced, opened."""


@dataclass(frozen=True, slots=True)
class Record:
    """A mail that the provider knows of."""

    address: str
    """As the provider writes it."""
    sign: Sign
    ours: bool | None
    """Whether it is a copy of the issue, and no proof; None when that cannot be told."""
    at: datetime | None = None
    """Aware; None when the provider does not say it."""
    message_id: str = ""
    said: str = ""
    """The provider's words."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and what an earlier reply told already about the mail that it is about."""

    call: Call
    about: Record | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A request that tells about some addresses, all in one or page by page."""

    addresses: tuple[str, ...]
    asking: Asking


@dataclass(frozen=True, slots=True)
class Page:
    """What a reply holds."""

    records: Sequence[Record] = ()
    further: Sequence[Asking] = ()
    """What is to be asked next; it is left out when all addresses of the question are found."""
    whole: bool = True
    """False when there is more that cannot be asked for."""


class LookUp(Protocol):
    """How one provider is asked."""

    @property
    def remembers(self) -> timedelta:
        """How long the provider keeps its records in its smallest plan: after that, nothing found means nothing."""
        ...

    @property
    def needs(self) -> str:
        """What an account or key needs for it, for people who are refused."""
        ...

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Return what to ask about addresses, which are written as they were sent; one left out stays unknown."""
        ...

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Return what a reply with status 200 holds; None when it is not what the provider documents."""
        ...


def is_ours(mailing: Mailing, issue: str, *, proof: bool, subject: str) -> bool | None:
    """Tell whether a mail with this issue in its metadata is a copy of the mailing's.

    Ours always name their issue. One that names none is somebody else's, unless its subject, too, is ours or unknown.
    """
    if issue:
        return issue == mailing.issue and not proof
    return None if subject.strip() in {"", mailing.email.subject.strip()} else False


def listed(found: object) -> list[dict[str, Any]] | None:
    """Return the objects of a list; None when it is no list or holds anything else."""
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None


def utc(moment: datetime) -> str:
    """Return a moment as `2026-01-19T08:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
