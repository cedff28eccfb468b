"""What all providers have in common that keep the list of readers: a draft is made, its id stored, and sent by its id.

A draft goes out once, however often it is asked for, so nobody gets an issue twice even when an answer is lost: what
became of a draft can always be asked. A provider says how its requests look and what a status means; the rest, and the
one recipient that stands for the list, is the same for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import ClassVar

from digest.errors import ConfigError
from digest.models import Secret
from digest.send.detail import retell
from digest.send.drafts import Call, Standing, list_name
from digest.send.http_access import HEADERS, Show, access_problems, open_client
from digest.send.http_batch import HttpBatch, error_text
from digest.send.http_drafting import ListConnection
from digest.send.http_outcome import Outcome, Reply, outcome_of, retry_after, window_left
from digest.send.providers import LIST, Connection, Mailing, Request


@dataclass(frozen=True, slots=True)
class HttpList(ABC):
    """A provider in the making; its fields are the options that all of these kinds take."""

    api_key: Secret
    base_url: str = ""
    """Another region, a proxy, or a server of your own."""
    timeout: float = 30.0
    """Seconds for a whole request."""

    title: ClassVar[str]
    """How people call the provider."""
    accepted: ClassVar[frozenset[int]] = frozenset({200, 201, 202, 204})
    """The statuses that mean success."""
    gone: ClassVar[frozenset[int]] = frozenset({404, 410})
    """The statuses with which it answers `asking` about a draft that it does not have."""
    batch_limit: ClassVar[int] = 1
    keeps_list: ClassVar[bool] = True
    repeatable_for: ClassVar[timedelta] = timedelta()
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=1)

    @abstractmethod
    def drafting(self, mailing: Mailing) -> Call:
        """Return the request that makes the draft; its name is `draft_name`. Raise TemplateError."""

    @abstractmethod
    def draft_id(self, reply: Reply) -> str:
        """Return the id of the draft that was made; empty when the reply cannot be understood."""

    def filling(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return what is still to be done with a draft before it can be sent; each may be done again."""
        return ()

    @abstractmethod
    def sending(self, draft_id: str) -> Call:
        """Return the request that sends a draft, which the provider takes once."""

    @abstractmethod
    def asking(self, draft_id: str) -> Call:
        """Return the request for what became of a draft."""

    @abstractmethod
    def standing(self, reply: Reply) -> Standing:
        """Return what the reply to `asking` says."""

    def searching(self, mailing: Mailing) -> Call | None:
        """Return the request for a draft that was made already, and whose id was lost; None where none can be made."""
        return None

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the id of that draft out of the reply to `searching`; empty when there is none."""
        return ""

    @abstractmethod
    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return what sends a draft, made of a proof, to the mailing's recipients."""

    def removing(self, draft_id: str) -> Call | None:
        """Return the request that does away with the draft of a proof, whatever became of that; None for no such."""
        return None

    def prover(self, mailing: Mailing) -> tuple[HttpBatch, Mailing] | None:
        """Return the provider of single mails that a proof goes through instead of a draft, and what it is given."""
        return None

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the headers that say who we are."""
        return {"Authorization": f"Bearer {show(self.api_key)}"}

    def more_headers(self, call: Call, mailing: Mailing) -> Mapping[str, str]:
        """Return headers that this request needs besides, such as its idempotency key."""
        return {}

    def list_of(self, mailing: Mailing) -> str:
        """Return the list that a mailing goes to, as the provider names it; raise ConfigError for a wrong name."""
        name = list_name(mailing)
        if mistake := self.mistake_in(name):
            raise ConfigError(mistake, fix=f'write audience = "{LIST}…" in the newsletter, with the id of a list')
        return name

    def mistake_in(self, list_name: str) -> str:
        """Return what is wrong with the name of a list in a newsletter's `audience`, or nothing."""
        return "" if list_name else f"{LIST} needs the id of a list"

    def cautions(self) -> Sequence[str]:
        """Return what readers get otherwise than the mail says, because of this provider; one sentence each."""
        return ()

    def outcome(self, reply: Reply) -> Outcome:
        """Return what a reply means for the request."""
        return Outcome.ACCEPTED if reply.status in self.accepted else outcome_of(reply.status, accepted=())

    def said(self, reply: Reply) -> str:
        """Return what a reply says of its error, in the provider's own words."""
        return error_text(reply.body)

    def wait(self, reply: Reply) -> float | None:
        """Return the seconds after which to come back, where a "not now" says so."""
        asked = retry_after(reply.headers)
        return asked if asked is not None else window_left(reply.headers) or None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return all secrets among the options."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(value for value in values if isinstance(value, Secret))

    def problems(self) -> Sequence[str]:
        """Return what keeps the provider from being used as configured, one sentence each."""
        return access_problems(self.secrets, self.base_url, self.timeout)

    def describe(self, mailing: Mailing) -> Request:
        """Return the request that makes the draft, or sends the proof, with the keys masked."""
        if mailing.proof and (instead := self.prover(mailing)):
            prover, single = instead
            return prover.describe(single)
        call = self.drafting(mailing)
        return Request(call.method, self.url(call), tuple(self.headers(call, mailing, str).items()), call.body)

    def url(self, call: Call) -> str:
        """Return where a request goes."""
        return self.base_url.rstrip("/") + call.path

    def headers(self, call: Call, mailing: Mailing, show: Show) -> dict[str, str]:
        """Return all headers of a request."""
        content = {"Content-Type": "application/json"} if call.body is not None else {}
        return {**HEADERS, **content, **self.more_headers(call, mailing), **self.credentials(show)}

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open a client with one connection."""
        async with open_client(self.base_url, self.timeout) as client:
            yield ListConnection(self, client)

    def retold(self, reply: Reply, said: str = "") -> str:
        """Return the provider's words, fit for a report."""
        words = said or self.said(reply) or "no explanation was given"
        return retell(f"{self.title} answered {reply.status}: {words}", *self.secrets)
