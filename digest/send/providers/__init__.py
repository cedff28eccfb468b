"""One file for each way in which mail leaves.

A module of this folder exports `Provider`: a frozen dataclass whose fields are the options of that kind in
`config/digest.toml` (a field of type `Secret` may only come from the environment). It says what one batch may
hold, describes the exact request for `--dry-run`, and posts it. It keeps no state and never retries: the
outbox (`digest.send.outbox`) is the retry loop, because only the store knows what may be sent again.

`tests/contracts/test_providers.py` finds every such module and holds it to the same tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digest.models import LIST as LIST
from digest.models import Delivery, Email, Recipient

ALWAYS = timedelta(days=36_500)
"""For a provider that knows a key for ever."""

LONGEST_TIMEOUT = 50.0
"""Seconds that a provider may take for one batch: it must answer before the outbox gives up on it after a minute."""


class Verdict(StrEnum):
    """What a provider's answer means for a batch as a whole."""

    ANSWERED = "answered"
    """Every recipient has a delivery of their own: accepted, rejected, unknown, or pending (certainly not sent)."""
    NOT_SENT = "not_sent"
    """No way out now (no connection, 421, 429): what is pending may be tried again after `retry_after`."""
    AMBIGUOUS = "ambiguous"
    """The body left and no clear answer came: the provider may or may not have sent it."""
    DRAFTED = "drafted"
    """What shall be sent lies ready at a provider that keeps the list, as `Answer.draft_id`; nobody has it yet."""
    REFUSED = "refused"
    """The provider refuses us, not the readers (key, plan, sender, reputation, quota): stop the issue."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """One batch on its way: one e-mail for some readers."""

    email: Email
    recipients: tuple[Recipient, ...]
    issue: str
    """`weekly/2026-W47`."""
    key: str
    """Names this batch and its content: the same key always carries the same bytes."""
    sent_at: datetime
    """When this key was first attempted, aware: the Date header, so that a repeat carries the same bytes."""
    proof: bool = False
    """A copy for staff: marked as such, and never counted as the issue."""
    draft_id: str = ""
    """What lies ready at a provider that keeps the list; empty until it does."""
    list_name: str = ""
    """The list at such a provider, for a proof: its recipients are people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said to one batch."""

    verdict: Verdict
    deliveries: tuple[Delivery, ...] = ()
    """One for each recipient, in their order, or none at all.

    Always there with `ANSWERED`. With `NOT_SENT` and `REFUSED` only when that came after some readers had an answer of
    their own, which stands; without deliveries everybody is pending. With `AMBIGUOUS` never: everybody is unknown.
    Who is pending with an error was put off in person; who is pending without one was only not reached.
    """
    detail: str = ""
    """For a person: what was said, without secrets, addresses shortened; at most a few hundred characters."""
    http_status: int | None = None
    retry_after: float | None = None
    """Seconds."""
    window_left: float = 0.0
    """Seconds until the provider takes another request, when this one was the last that its rate allows."""
    draft_id: str = ""
    """What lies ready at a provider that keeps the list, whatever else went wrong."""


@dataclass(frozen=True, slots=True)
class Request:
    """The exact request that a batch becomes, for `--dry-run`; secrets are already masked."""

    method: str
    """An HTTP method, `SMTP` or `WRITE`."""
    target: str
    """A URL or a path."""
    headers: tuple[tuple[str, str], ...] = ()
    body: object = None
    """JSON for an HTTP provider; otherwise the MIME text of each copy, by address or file name."""


class Connection(Protocol):
    """An open way out, used by one task at a time."""

    async def send(self, mailing: Mailing) -> Answer:
        """Post one batch once; whatever happens is told by the answer, an exception counts as ambiguous.

        A provider that keeps the list gets one recipient, the list (`LIST`). It makes a draft first (`DRAFTED`), and
        when it is called with the draft's id, it sends that.
        """
        ...


class Inquiry(Protocol):
    """What a connection can also do where its provider's `settles_after` is given."""

    async def look_up(self, mailing: Mailing) -> Answer:
        """Ask what became of copies: ANSWERED with a delivery for each, or another verdict when that cannot be told.

        Accepted or rejected is what the provider has on record, pending what it has nothing of, unknown the rest.
        """
        ...


class Provider(Protocol):
    """A way in which mail leaves."""

    @property
    def batch_limit(self) -> int:
        """How many recipients one call may carry."""
        ...

    @property
    def repeatable_for(self) -> timedelta:
        """How long after a key was first sent it can be sent again without delivering a second copy; zero for never."""
        ...

    @property
    def keeps_list(self) -> bool:
        """Whether the provider keeps the list of readers, and sends an issue to all of them at once."""
        ...

    @property
    def settles_after(self) -> timedelta | None:
        """How long after a request a look-up that finds nothing can be believed; None where nothing can be asked."""
        ...

    def problems(self) -> Sequence[str]:
        """Return what keeps the provider from being used as configured, one sentence each."""
        ...

    def cautions(self) -> Sequence[str]:
        """Return what readers get otherwise than the mail says, because of this provider, one sentence each."""
        ...

    def describe(self, mailing: Mailing) -> Request:
        """Return the request that `send` would make."""
        ...

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """Open a connection, closed at the end of the `async with`."""
        ...


class ListProvider(Provider, Protocol):
    """One with `keeps_list`."""

    def mistake_in(self, list_name: str) -> str:
        """Return what is wrong with the name of a list in a newsletter's `audience`, or nothing."""
        ...
