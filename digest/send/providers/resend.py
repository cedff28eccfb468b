"""Mail through Resend: one mail a reader in one request, rendered here because Resend fills in nothing.

Resend checks each mail of a batch on its own ("permissive"), so that a bad address costs only its owner the mail. It
remembers a key for 24 hours and answers a repeat as it did the first time: within a day a batch can be sent again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.models import Mailbox, Recipient
from digest.send.headers import checked
from digest.send.http_batch import HttpBatch, entries, parsed, personal_headers, shared_headers
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, Reply
from digest.send.mailbox_text import mailbox_text
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_QUOTAS = {"daily_quota_exceeded", "monthly_quota_exceeded"}
"""They come with 429, too, but no pause of a run is long enough for them."""
_ABOUT_A_READER = re.compile(r"[`'\"]to[`'\"]|\brecipient\b", re.IGNORECASE)
_LONGEST = 256
"""Characters of a key and of a tag."""


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/emails/batch`."""

    base_url: str = "https://api.resend.com"
    batch_limit: int = 100

    title: ClassVar[str] = "Resend"
    path: ClassVar[str] = "/emails/batch"
    most: ClassVar[int] = 100
    repeatable_for: ClassVar[timedelta] = timedelta(hours=23)
    """An hour less than Resend says: clocks differ, and a request takes its time."""

    def cautions(self) -> Sequence[str]:
        """Tracking is a matter of the domain."""
        return ("whether Resend rewrites links and counts opens is set for the domain in its dashboard, not by us",)

    def more_headers(self, mailing: Mailing) -> Mapping[str, str]:
        """Two proofs of one issue share their key, and the second must arrive, too."""
        key = f"{mailing.key}@{mailing.sent_at.isoformat()}" if mailing.proof else mailing.key
        if len(key) > _LONGEST or not (key.isascii() and key.isprintable()):
            key = hashlib.sha256(key.encode()).hexdigest()
        return {"Idempotency-Key": key, "x-batch-validation": "permissive"}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> list[dict[str, Any]]:
        """Return one mail a reader, in their order; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        shared: dict[str, Any] = {
            "from": mailbox_text("From", email.sender),
            "reply_to": mailbox_text("Reply-To", email.reply_to) if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            "tags": [{"name": name, "value": value} for name, value in _tags(mailing)],
        }
        headers = shared_headers(email)
        mails = []
        for reader in readers:
            token = token_for(mailing, reader)
            mail = shared | {
                "to": [mailbox_text("To", Mailbox(reader.address, reader.name))],
                "html": personalise(email.html, token),
                "text": personalise(email.text, token),
                "headers": headers | personal_headers(mailing, reader),
            }
            mails.append({key: value for key, value in mail.items() if value})
        return mails

    def outcome(self, reply: Reply) -> Outcome:
        """A used-up quota is for a person to look at."""
        if reply.status == 429 and _error(reply)[0] in _QUOTAS:
            return Outcome.REFUSED
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """The name of an error is what Resend's documentation explains."""
        return ": ".join(filter(None, _error(reply)))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the reply means: the ids of those taken, in order, and the positions of the others."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        found = found if isinstance(found, dict) else {}
        ids = [entry.get("id") for entry in entries(found.get("data"))]
        failed = {_index(entry): str(entry.get("message") or "") for entry in entries(found.get("errors"))}
        whole = len(ids) + len(failed) == len(readers) and all(isinstance(each, str) and each for each in ids)
        if not whole or not failed.keys() <= set(range(len(readers))):
            return self.unclear(reply, "not an id or an error for each mail")
        if not ids and not all(map(_ABOUT_A_READER.search, failed.values())):
            return self.not_taken(reply, next(iter(failed.values())))
        taken = iter(ids)
        items = [
            Item(Outcome.REJECTED, said=self.retold(reply, failed[at]))
            if at in failed
            else Item(Outcome.ACCEPTED, str(next(taken)))
            for at in range(len(readers))
        ]
        return one_by_one(readers, items, reply.status)


def _error(reply: Reply) -> tuple[str, str]:
    """Return the name and the message of an error; empty texts for none."""
    found = parsed(reply.body)
    name, message = (found.get(key) if isinstance(found, dict) else "" for key in ("name", "message"))
    return (name if isinstance(name, str) else "", message if isinstance(message, str) else "")


def _index(entry: Mapping[str, Any]) -> int:
    at = entry.get("index")
    return at if type(at) is int else -1


def _tags(mailing: Mailing) -> Sequence[tuple[str, str]]:
    named = (("issue", mailing.issue), ("batch", mailing.key), *((("proof", "yes"),) if mailing.proof else ()))
    return [(name, re.sub(r"[^A-Za-z0-9_-]", "_", value)[-_LONGEST:]) for name, value in named]
