"""Mail through SendGrid's v3 API: one request a batch, in which every reader has a personalization of their own.

SendGrid has no idempotency key and takes a batch as a whole or not at all, so a request without a clear answer stays
ambiguous. When it names the reader whose address it minds, only that one is rejected and the others are pending:
certainly not sent, so that they may go out in another batch. A refusal that names nobody rejects nobody: the next batch
would meet the same one, so a person has to look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.models import READER_TOKEN, Delivery, DeliveryState, Recipient
from digest.send.filled_in import entries_json
from digest.send.headers import checked, wire_address
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_outcome import Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.sendgrid import SendGridLookUp
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing, Verdict

_ONE_READER = re.compile(r"personalizations[.\[](\d+)\]?(\.to\b|$)")
"""Headers and substitutions of a personalization are ours: what is wrong with one is wrong with all."""


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v3/mail/send`."""

    base_url: str = "https://api.sendgrid.com"
    """`https://api.eu.sendgrid.com` for accounts of the EU region."""
    sandbox: bool = False
    """SendGrid checks the request and delivers nothing."""
    tracking: bool = False
    """Whether SendGrid rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "SendGrid"
    path: ClassVar[str] = "/v3/mail/send"
    most: ClassVar[int] = 1000
    accepted: ClassVar[frozenset[int]] = frozenset({202})
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=30)

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return SendGridLookUp()

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        body: dict[str, Any] = {
            "personalizations": [_personalization(mailing, reader) for reader in readers],
            "from": mailbox_json("From", email.sender),
            "reply_to": mailbox_json("Reply-To", email.reply_to) if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            # Plain text must stand first, and an empty part is an error.
            "content": [
                {"type": kind, "value": value}
                for kind, value in (("text/plain", email.text), ("text/html", email.html))
                if value
            ],
            "headers": shared_headers(email),
            "categories": list(dict.fromkeys(("digest", mailing.issue.split("/")[0]))),
            "tracking_settings": {
                "click_tracking": {"enable": self.tracking, "enable_text": False},
                "open_tracking": {"enable": self.tracking},
                "subscription_tracking": {"enable": False},
            },
            "mail_settings": {"sandbox_mode": {"enable": True}} if self.sandbox else None,
        }
        return {key: value for key, value in body.items() if value}

    def content(self, mailing: Mailing, readers: Sequence[Recipient], show: Show) -> tuple[str, bytes]:
        """Return the body in UTF-8: what all share is written as ever, and a thousand personalizations by a form."""
        kind, shared = self.encoded(self.body(mailing, ()))
        personal = entries_json(readers, lambda reader: _personalization(mailing, reader), _shown_name)
        personal[0] = b'{"personalizations": [' + personal[0]
        personal[-1] += b"]"
        return kind, b", ".join([*personal, shared.removeprefix(b"{")])

    def succeeded(self, status: int) -> bool:
        """200 is success in the sandbox only."""
        return status in ({200, 202} if self.sandbox else {202})

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the reply means: one X-Message-Id for the batch, or errors that may name readers."""
        if self.succeeded(reply.status):
            said = "sandbox: nothing is delivered" if self.sandbox else ""
            return self.as_a_whole(readers, reply, [reply.headers.get("x-message-id", "")], said)
        errors = _errors(reply.body)
        said = "; ".join(map(str, errors))
        culprits = {error.reader for error in errors} & set(range(len(readers)))
        if not culprits or any(error.about_the_mail for error in errors):
            return self.not_taken(reply, said)
        detail = self.retold(reply, said)
        told = tuple(
            Delivery(reader, DeliveryState.REJECTED, error=detail)
            if at in culprits
            else Delivery(reader, DeliveryState.PENDING)
            for at, reader in enumerate(readers)
        )
        return Answer(Verdict.ANSWERED, told, detail=detail, http_status=reply.status)


def _personalization(mailing: Mailing, reader: Recipient) -> dict[str, object]:
    token = token_for(mailing, reader)
    name = _shown_name(reader.name)
    address = {"email": wire_address(reader.address)}
    found: dict[str, object] = {
        "to": [{**address, "name": name} if name else address],
        "headers": personal_headers(mailing, reader),
        "substitutions": {READER_TOKEN: personalise(READER_TOKEN, token)},
        "custom_args": {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})},
    }
    return {key: value for key, value in found.items() if value}


def _shown_name(name: str) -> str:
    # In a name SendGrid takes ; and , for the end of an address.
    return " ".join(name.replace(";", " ").replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class _Error:
    """One entry of the `errors` array."""

    message: str
    field: str
    help: str

    @property
    def reader(self) -> int | None:
        """The position of the one reader whose address it is about."""
        found = _ONE_READER.match(self.field)
        return int(found[1]) if found else None

    @property
    def about_the_mail(self) -> bool:
        """Whether it names a part that all readers share: sender, subject, content, the way we write headers."""
        return bool(self.field) and self.reader is None

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.field and f"field {self.field}", self.help) if part)
        return f"{self.message} ({place})" if place else self.message


def _errors(body: bytes) -> list[_Error]:
    """Return the explanations in a reply; a page of a proxy has none."""
    found = parsed(body)
    listed = entries(found.get("errors")) if isinstance(found, dict) else []
    return [_Error(*(str(entry.get(key) or "") for key in ("message", "field", "help"))) for entry in listed]
