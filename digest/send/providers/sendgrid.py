"""Mail through SendGrid's v3 API: one request a batch, in which every reader has a personalization of their own.

SendGrid has no idempotency key and answers for the batch as a whole, so a request without a clear answer stays
ambiguous. Its limits and quirks stand beside the lines that need them.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from digest.errors import DigestError, TemplateError
from digest.models import READER_TOKEN, Mailbox, Recipient, Secret
from digest.send.detail import retell
from digest.send.headers import checked, header_value, wire_address
from digest.send.http_outcome import post_once
from digest.send.loopback import is_loopback
from digest.send.mime import outgoing, personalise, token_for, unsendable
from digest.send.providers import LONGEST_TIMEOUT, Answer, Connection, Mailing, Request, Verdict
from digest.send.sendgrid_reply import Batch, answer_to, answered

if TYPE_CHECKING:
    import httpx

_MOST_PERSONALIZATIONS = 1000
_LONGEST_CONNECT = 10.0
"""Seconds: less than the deadline, so that an unreachable host is known as such and not as ambiguous."""
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "newsletter-digest",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """Post batches to `/v3/mail/send`."""

    api_key: Secret
    base_url: str = "https://api.sendgrid.com"
    """`https://api.eu.sendgrid.com` for accounts of the EU region."""
    timeout: float = 30.0
    """Seconds for a whole request."""
    sandbox: bool = False
    """SendGrid checks the request and delivers nothing."""
    tracking: bool = False
    """Whether SendGrid rewrites links and adds a pixel to see who opens and clicks."""
    batch_limit: int = 500
    repeatable: ClassVar[bool] = False

    def problems(self) -> Sequence[str]:
        """Say what is missing, and refuse to show the key to anybody but SendGrid."""
        found = []
        key = self.api_key
        if not key.value:
            found.append(f"{key.variable} is not set in the environment")
        elif not (key.value.isascii() and key.value.isprintable() and " " not in key.value):
            found.append(f"{key.variable} holds a space, a line break or another character that no API key has")
        if reason := _unsafe_url(self.base_url):
            found.append(f"base_url {reason}")
        if not 1 <= self.batch_limit <= _MOST_PERSONALIZATIONS:
            found.append(f"batch_limit must be from 1 to {_MOST_PERSONALIZATIONS}")
        if not 0 < self.timeout <= LONGEST_TIMEOUT:
            found.append(f"timeout must be above zero and at most {LONGEST_TIMEOUT:g} seconds")
        return found

    def describe(self, mailing: Mailing) -> Request:
        """Return the request with the key masked."""
        readers = [reader for reader, reason in _sorted_out(mailing) if not reason]
        headers = {**_HEADERS, "Authorization": f"Bearer {self.api_key}"}
        return Request("POST", self.url, tuple(headers.items()), self.body(mailing, readers))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open a client with one connection; proxies of the environment are for requests that leave this machine."""
        import httpx  # listing the providers must not cost an HTTP client

        async with httpx.AsyncClient(
            timeout=httpx.Timeout(self.timeout, connect=min(_LONGEST_CONNECT, self.timeout / 2)),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
            trust_env=self.base_url.startswith("https:"),
        ) as client:
            yield _Connection(self, client)

    @property
    def url(self) -> str:
        """Return where mail is posted."""
        return f"{self.base_url.rstrip('/')}/v3/mail/send"

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, object]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        # The one-click header goes with its URL, should SendGrid not merge the headers of both levels.
        personal = [
            pair for pair in email.headers if READER_TOKEN in pair[1] or pair[0].lower().startswith("list-unsubscribe")
        ]
        body: dict[str, object] = {
            "personalizations": [_personalization(mailing, reader, personal) for reader in readers],
            "from": _mailbox("From", email.sender),
            "reply_to": _mailbox("Reply-To", email.reply_to) if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            # Plain text must stand first, and an empty part is an error.
            "content": [
                {"type": kind, "value": value}
                for kind, value in (("text/plain", email.text), ("text/html", email.html))
                if value
            ],
            "headers": {
                name: header_value(name, value) for name, value in email.headers if (name, value) not in personal
            },
            "categories": list(dict.fromkeys(("digest", mailing.issue.split("/")[0]))),
            "tracking_settings": {
                "click_tracking": {"enable": self.tracking, "enable_text": False},
                "open_tracking": {"enable": self.tracking},
                "subscription_tracking": {"enable": False},
            },
            "mail_settings": {"sandbox_mode": {"enable": True}} if self.sandbox else None,
        }
        return {key: value for key, value in body.items() if value}


@dataclass(frozen=True, slots=True)
class _Connection:
    provider: Provider
    client: httpx.AsyncClient

    async def send(self, mailing: Mailing) -> Answer:
        """Post the batch once and tell what the reply means for every reader."""
        if problems := self.provider.problems():
            return Answer(Verdict.REFUSED, detail=problems[0])
        batch = _sorted_out(mailing)
        readers = [reader for reader, reason in batch if not reason]
        if not readers:
            return answered(batch, [], "no reader of this batch can be written to")
        try:
            content = json.dumps(self.provider.body(mailing, readers), ensure_ascii=False).encode()
        except (DigestError, UnicodeEncodeError) as error:
            return Answer(Verdict.REFUSED, detail=retell(str(error)))
        key = self.provider.api_key
        reply = await post_once(
            self.client,
            self.provider.url,
            headers={**_HEADERS, "Authorization": f"Bearer {key.value}"},
            content=content,
            deadline=self.provider.timeout,
        )
        if isinstance(reply, Answer):
            return replace(reply, detail=retell(reply.detail, key))
        return answer_to(batch, reply, key=key, sandbox=self.provider.sandbox)


def _sorted_out(mailing: Mailing) -> Batch:
    """Return every reader with why they cannot be in the request; one bad address would spoil the whole batch."""
    seen: set[str] = set()
    found = []
    for reader in mailing.recipients:
        reason = unsendable(reader)
        address = "" if reason else wire_address(reader.address).casefold()
        if address and not address.isascii():
            reason = "SendGrid takes addresses in ASCII only"
        elif address in seen:
            reason = "the address is in the batch twice, which SendGrid refuses"
        seen.add(address)
        found.append((reader, reason))
    return found


def _personalization(mailing: Mailing, reader: Recipient, headers: Sequence[tuple[str, str]]) -> dict[str, object]:
    token = token_for(mailing, reader)
    # In a name SendGrid takes ; and , for the end of an address.
    name = " ".join(re.sub("[;,]", " ", reader.name).split())
    address = {"email": wire_address(reader.address)}
    found: dict[str, object] = {
        "to": [{**address, "name": name} if name else address],
        "headers": {key: header_value(key, personalise(value, token)) for key, value in headers},
        "substitutions": {READER_TOKEN: personalise(READER_TOKEN, token)},
        "custom_args": {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})},
    }
    return {key: value for key, value in found.items() if value}


def _unsafe_url(base_url: str) -> str:
    """Return what is wrong with it, or nothing; a key may cross the network only encrypted."""
    try:
        url = urlsplit(base_url)
        host, _ = url.hostname or "", url.port
    except ValueError:
        host = ""
    if not host or url.scheme not in {"http", "https"} or "@" in url.netloc or url.query or url.fragment:
        return "must look like https://api.sendgrid.com, without user, query or fragment"
    if url.scheme == "http" and not is_loopback(host):
        return f"must start with https://, else everyone between here and {host} sees the key"
    return ""


def _mailbox(header: str, mailbox: Mailbox) -> dict[str, str]:
    name = checked(header, mailbox.name)
    try:
        address = {"email": wire_address(mailbox.address)}
    except ValueError as error:
        raise TemplateError(f"the header {header} cannot be written: {error}") from error
    return {**address, "name": name} if name else address
