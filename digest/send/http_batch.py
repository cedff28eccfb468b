"""What all providers have in common that take a batch by HTTP: one POST, and from its reply an answer for every reader.

A provider says how its request looks (`body`) and what its reply means (`told`); the rest is the same for all. Whoever
cannot be in the request at all is rejected here, since one bad address would spoil the whole batch.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Delivery, DeliveryState, Email, Mailbox, Recipient, Secret
from digest.send.detail import retell
from digest.send.headers import checked, header_value, wire_address
from digest.send.http_access import HEADERS, Show, access_problems, open_client
from digest.send.http_outcome import Outcome, Reply, outcome_of, retry_after, window_left
from digest.send.http_posting import HttpConnection
from digest.send.look_ups import LookUp
from digest.send.mime import outgoing, personalise, token_for, unsendable
from digest.send.providers import Answer, Connection, Mailing, Request, Verdict
from digest.send.usual import are_usual


@dataclass(frozen=True, slots=True)
class HttpBatch(ABC):
    """A provider in the making; its fields are the options that all of these kinds take."""

    api_key: Secret
    base_url: str = ""
    """Another region, a proxy, or a server of your own for tests."""
    timeout: float = 30.0
    """Seconds for a whole request."""
    batch_limit: int = 500

    title: ClassVar[str]
    """How people call the provider."""
    path: ClassVar[str]
    """What is added to `base_url`."""
    most: ClassVar[int]
    """Readers in one call."""
    largest: ClassVar[int] = 0
    """Octets of one request; 0 where the provider names no limit that we could reach."""
    accepted: ClassVar[frozenset[int]] = frozenset({200})
    """The statuses that mean success."""
    repeatable_for: ClassVar[timedelta] = timedelta()
    keeps_list: ClassVar[bool] = False
    settles_after: ClassVar[timedelta | None] = None

    @abstractmethod
    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> Any:
        """Return the JSON for some readers; raise TemplateError for a header that cannot be written."""

    @abstractmethod
    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what a reply with a status of success, or of a payload not taken, means for those who were in it.

        `not_taken` and `as_a_whole` are there for what is the same everywhere.
        """

    def refuses(self, reader: Recipient) -> str:
        """Return why this provider cannot be given this reader's address, or nothing."""
        return ""

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the headers that say who we are."""
        return {"Authorization": f"Bearer {show(self.api_key)}"}

    def authorized(self, headers: Mapping[str, str], content: bytes, show: Show) -> dict[str, str]:
        """Return all headers, with those that say who we are; `content` is for providers that want it signed."""
        return {**headers, **self.credentials(show)}

    def more_headers(self, mailing: Mailing) -> Mapping[str, str]:
        """Return headers of the request that belong to this batch, such as its idempotency key."""
        return {}

    def keyed(self, body: Any, show: Show) -> Any:
        """Return the body with the key in it, for a provider that looks for it there."""
        return body

    def encoded(self, body: Any) -> tuple[str, bytes]:
        """Return the type of the content and the content."""
        return "application/json", json.dumps(body, ensure_ascii=False).encode()

    def content(self, mailing: Mailing, readers: Sequence[Recipient], show: Show) -> tuple[str, bytes]:
        """Return the type of the content and the content: `body` as it is written on the wire.

        A provider may write the same octets in a quicker way. Raises what `body` raises.
        """
        return self.encoded(self.keyed(self.body(mailing, readers), show))

    def succeeded(self, status: int) -> bool:
        """Tell whether a status means that the payload was taken, as the provider documents it."""
        return status in self.accepted

    def outcome(self, reply: Reply) -> Outcome:
        """Return what a reply means for the request as a whole."""
        return Outcome.ACCEPTED if self.succeeded(reply.status) else outcome_of(reply.status, accepted=())

    def said(self, reply: Reply) -> str:
        """Return what a reply says of its error, in the provider's own words."""
        return error_text(reply.body)

    def wait(self, reply: Reply) -> float | None:
        """Return the seconds after which to come back, where a "not now" says so."""
        asked = retry_after(reply.headers)
        return asked if asked is not None else window_left(reply.headers) or None

    def inquiry(self) -> LookUp | None:
        """Return how to ask what became of copies, where `settles_after` is given; None where nothing can be asked."""
        return None

    def cautions(self) -> Sequence[str]:
        """Return what readers get otherwise than the mail says, because of this provider; one sentence each."""
        return ()

    @property
    def url(self) -> str:
        """Return where mail is posted."""
        return self.base_url.rstrip("/") + self.path

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return all secrets among the options."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(value for value in values if isinstance(value, Secret))

    def problems(self) -> Sequence[str]:
        """Say what is missing, and refuse to show a key to anybody but the provider."""
        found = access_problems(self.secrets, self.base_url, self.timeout)
        if not 1 <= self.batch_limit <= self.most:
            found.append(f"batch_limit must be from 1 to {self.most}")
        return found

    def describe(self, mailing: Mailing) -> Request:
        """Return the request with the keys masked."""
        readers = [reader for reader, reason in self.sorted_out(mailing) if not reason]
        body = self.keyed(self.body(mailing, readers), str)
        headers = self.headers(mailing, *self.encoded(body), str)
        return Request("POST", self.url, tuple(headers.items()), body)

    def headers(self, mailing: Mailing, content_type: str, content: bytes, show: Show) -> dict[str, str]:
        """Return all headers of a request."""
        own = {"Content-Type": content_type, **self.more_headers(mailing)}
        return self.authorized({**HEADERS, **own}, content, show)

    def sorted_out(self, mailing: Mailing) -> Sequence[tuple[Recipient, str]]:
        """Return every reader with why they cannot be in the request, empty for those who can."""
        readers = mailing.recipients
        if are_usual(readers) and len({reader.address.casefold() for reader in readers}) == len(readers):
            return [(reader, self.refuses(reader)) for reader in readers]
        seen: set[str] = set()
        found = []
        for reader in readers:
            reason = unsendable(reader)
            address = "" if reason else wire_address(reader.address).casefold()
            if address and not address.isascii():
                reason = f"{self.title} takes addresses in ASCII only"
            elif address in seen:
                reason = "the address is in the batch twice"
            reason = reason or self.refuses(reader)
            seen.add(address)
            found.append((reader, reason))
        return found

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open a client with one connection."""
        async with open_client(self.base_url, self.timeout) as client:
            yield HttpConnection(self, client)

    def not_taken(self, reply: Reply, said: str) -> Answer:
        """Return the answer for a payload that is refused without naming a reader: the next would be, too."""
        return Answer(Verdict.REFUSED, detail=self.retold(reply, said), http_status=reply.status)

    def as_a_whole(
        self, readers: Sequence[Recipient], reply: Reply, message_ids: Sequence[str], said: str = ""
    ) -> Answer:
        """Return the answer that everybody was accepted; `message_ids` are theirs in order, or one for all."""
        ids = list(message_ids) if len(message_ids) > 1 else list(message_ids) * len(readers)
        accepted = DeliveryState.ACCEPTED
        told = tuple([Delivery(reader, accepted, name) for reader, name in zip(readers, ids, strict=True)])
        return Answer(Verdict.ANSWERED, told, detail=said, http_status=reply.status)

    def unclear(self, reply: Reply, said: str) -> Answer:
        """Return the answer for a success that cannot be understood: nobody knows who has it."""
        return Answer(Verdict.AMBIGUOUS, detail=self.retold(reply, said), http_status=reply.status)

    def retold(self, reply: Reply, said: str) -> str:
        """Return the provider's words, fit for a report."""
        words = said or "no explanation was given"
        return retell(f"{self.title} answered {reply.status}: {words}", *self.secrets)


def parsed(body: bytes) -> Any:
    """Return the JSON of a reply; None for a page of a proxy."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def entries(found: object) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing for what is none."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def error_text(body: bytes) -> str:
    """Return what a reply says of its error, where it says so in one of the usual places; empty for none."""
    found = parsed(body)
    if not isinstance(found, dict):
        return ""
    for key in ("message", "Message", "error", "ErrorMessage", "detail", "title"):
        if isinstance(found.get(key), str) and found[key].strip():
            return str(found[key])
    errors = found.get("errors")
    texts = [each for each in errors if isinstance(each, str)] if isinstance(errors, list) else []
    return "; ".join(filter(None, (*texts, *(str(each.get("message") or "") for each in entries(errors)))))


def personal_headers(mailing: Mailing, reader: Recipient) -> dict[str, str]:
    """Return the headers of the mail that are this reader's own: those with a token, and what belongs to them."""
    token, headers = token_for(mailing, reader), outgoing(mailing).headers
    if token and (ready := _ready_headers(headers)) is not None:
        own = personalise(READER_TOKEN, token)
        return {name: value.replace(READER_TOKEN, own) for name, value in ready}
    return {name: header_value(name, personalise(value, token)) for name, value in headers if _is_personal(name, value)}


@lru_cache(maxsize=8)
def _ready_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...] | None:
    """Return the personal headers as they are written but for the token, or None where that depends on the token.

    It holds neither a space nor a sign outside ASCII, so a list header in ASCII looks the same around any token.
    """
    personal = [(name, value) for name, value in headers if _is_personal(name, value)]
    if not all(name.lower().startswith("list-") and value.isascii() for name, value in personal):
        return None
    return tuple((name, header_value(name, value)) for name, value in personal)


def shared_headers(email: Email) -> dict[str, str]:
    """Return the headers of the mail that are the same for all readers; those of an `outgoing` e-mail."""
    return {name: header_value(name, value) for name, value in email.headers if not _is_personal(name, value)}


def _is_personal(name: str, value: str) -> bool:
    # The one-click header goes with its URL, should a provider not merge the headers of both levels.
    return READER_TOKEN in value or name.lower().startswith("list-unsubscribe")


def mailbox_json(header: str, mailbox: Mailbox, *, email: str = "email", name: str = "name") -> dict[str, str]:
    """Return a sender as an object with the provider's names of its two fields; raise TemplateError."""
    said = checked(header, mailbox.name)
    try:
        address = {email: wire_address(mailbox.address)}
    except ValueError as error:
        raise TemplateError(f"the header {header} cannot be written: {error}") from error
    return {**address, name: said} if said else address
