"""Mail through Mailtrap's bulk stream: one request a reader in one batch, rendered here.

What a reader's request says replaces what the base says, it is not merged. The reply has an answer for each reader and
the status 200 even when all of them failed. Mailtrap has no idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from digest.models import Mailbox, Recipient
from digest.send.headers import checked
from digest.send.http_batch import HttpBatch, entries, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, Reply
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_BULK, _SANDBOX = "https://bulk.api.mailtrap.io", "https://sandbox.api.mailtrap.io"
_TO = re.compile(r"['\"`]?\bto\b['\"`]|\brecipients?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/api/batch`."""

    base_url: str = ""
    """The bulk stream, or the sandbox when `sandbox_id` is given."""
    batch_limit: int = 100
    sandbox_id: str = ""
    """The number of a sandbox: mails go there, and to nobody else."""

    title: ClassVar[str] = "Mailtrap"
    path: ClassVar[str] = "/api/batch"
    most: ClassVar[int] = 500
    largest: ClassVar[int] = 50_000_000

    def __post_init__(self) -> None:
        if not self.base_url:
            object.__setattr__(self, "base_url", _SANDBOX if self.sandbox_id else _BULK)

    @property
    def url(self) -> str:
        """Return where mail is posted; a sandbox has an address of its own."""
        place = f"/{quote(self.sandbox_id, safe='')}" if self.sandbox_id else ""
        return self.base_url.rstrip("/") + self.path + place

    def cautions(self) -> Sequence[str]:
        """Say what Mailtrap decides by itself."""
        return (
            "Mailtrap rewrites links and counts opens as set for the domain in its dashboard; the digest cannot say no",
            "Mailtrap's bulk stream adds a link and headers for unsubscribing to mails without any, such as proofs",
        )

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        base: dict[str, Any] = {
            "from": mailbox_json("From", email.sender),
            "reply_to": mailbox_json("Reply-To", email.reply_to) if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            "category": mailing.issue.split("/")[0][:255],
            "custom_variables": {
                "issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {}),
            },
        }  # fmt: skip
        headers = shared_headers(email)
        return {
            "base": {key: value for key, value in base.items() if value},
            "requests": [_request(mailing, reader, headers) for reader in readers],
        }

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the responses say, in the order of the requests."""
        found = parsed(reply.body)
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        responses = entries(found.get("responses")) if isinstance(found, dict) else []
        if len(responses) != len(readers):
            return self.unclear(reply, self.said(reply) or f"{len(responses)} answers for {len(readers)} readers")
        sent = any(each.get("success") is True for each in responses)
        return one_by_one(readers, [self._item(each, sent, reply) for each in responses], reply.status)

    def _item(self, response: Mapping[str, Any], sent: bool, reply: Reply) -> Item:
        if response.get("success") is True:
            ids = response.get("message_ids")
            return Item(Outcome.ACCEPTED, str(ids[0]) if isinstance(ids, list) and ids else "")
        errors = response.get("errors")
        words = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
        said = self.retold(reply, words)
        if response.get("success") is not False:
            return Item(Outcome.AMBIGUOUS, said=said)
        # What was taken for somebody else is neither the mail's fault nor ours.
        return Item(Outcome.REJECTED if sent or _TO.search(words) else Outcome.REFUSED, said=said)


def _request(mailing: Mailing, reader: Recipient, headers: Mapping[str, str]) -> dict[str, Any]:
    email, token = outgoing(mailing), token_for(mailing, reader)
    found = {
        "to": [mailbox_json("To", Mailbox(reader.address, reader.name))],
        "text": personalise(email.text, token),
        "html": personalise(email.html, token),
        "headers": {**headers, **personal_headers(mailing, reader)},
    }
    return {key: value for key, value in found.items() if value}
