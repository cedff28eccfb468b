"""Mail through Postmark's batch endpoint: one message a reader in one request, and an answer for each in the reply.

A request that succeeds says nothing yet: each message has its own ErrorCode. What names the reader (an inactive or a
malformed address) rejects that reader; any other code is about the account, the sender or the mail, and a person has to
look. Postmark has no idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.models import Mailbox, Recipient
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, parsed, personal_headers, shared_headers
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.postmark import PostmarkLookUp
from digest.send.mailbox_text import mailbox_text
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_TEST_TOKEN = "POSTMARK_API_TEST"  # noqa: S105  Postmark publishes it: mails are checked and not delivered
_NOT_NOW = {100, 429}
"""Maintenance, and too many requests."""
_INACTIVE = 406
_INVALID = 300
_ABOUT_A_READER = re.compile(r"(invalid|error parsing) 'to'", re.IGNORECASE)
_LONGEST_METADATA = 80
_STREAM = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/email/batch`."""

    base_url: str = "https://api.postmarkapp.com"
    batch_limit: int = 100
    message_stream: str = "broadcast"
    """The stream's id; newsletters belong into a broadcast stream."""
    own_unsubscribe: bool = False
    """Whether Postmark's support has let the stream manage unsubscribes on its own, so that ours stand in the mail."""
    sandbox: bool = False
    """Postmark checks the mails and delivers nothing."""
    tracking: bool = False
    """Whether Postmark rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "Postmark"
    path: ClassVar[str] = "/email/batch"
    most: ClassVar[int] = 500
    largest: ClassVar[int] = 50_000_000
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=30)

    def problems(self) -> Sequence[str]:
        """Add what is wrong with the stream."""
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        found = list(HttpBatch.problems(self))
        if not _STREAM.fullmatch(self.message_stream):
            found.append("message_stream must be the id of a stream, such as broadcast")
        return found

    def cautions(self) -> Sequence[str]:
        """Postmark has a way of its own to unsubscribe readers of a broadcast stream."""
        found = []
        if self.message_stream == "outbound":
            found.append(
                "the stream outbound is for transactional mail: Postmark wants newsletters in a broadcast stream"
            )
        elif not self.own_unsubscribe:
            found.append(
                "Postmark replaces List-Unsubscribe and List-Unsubscribe-Post by its own, and adds its own link at the "
                "end of the mail; whoever uses them is known to Postmark only, and rejected from the next issue on"
            )
        if not self.tracking:
            found.append("where the Postmark server counts opens by default, no single mail can switch that off")
        return found

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return PostmarkLookUp(self.message_stream)

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the header with the server's token."""
        return {"X-Postmark-Server-Token": _TEST_TOKEN if self.sandbox else show(self.api_key)}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> list[dict[str, Any]]:
        """Return one message a reader, in their order; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        proof = {"proof": "yes"} if mailing.proof else {}
        shared: dict[str, Any] = {
            "From": mailbox_text("From", email.sender),
            "ReplyTo": mailbox_text("Reply-To", email.reply_to) if email.reply_to else None,
            "Subject": checked("Subject", email.subject),
            "MessageStream": self.message_stream,
            "Tag": mailing.issue.split("/")[0],
            # The end of a key tells batches apart.
            "Metadata": {
                "issue": mailing.issue[-_LONGEST_METADATA:],
                "batch": mailing.key[-_LONGEST_METADATA:],
                **proof,
            },
            "TrackOpens": self.tracking,
            "TrackLinks": "HtmlOnly" if self.tracking else "None",
        }
        headers = shared_headers(email)
        messages = []
        for reader in readers:
            token = token_for(mailing, reader)
            own = headers | personal_headers(mailing, reader)
            message = shared | {
                "To": mailbox_text("To", Mailbox(reader.address, reader.name)),
                "HtmlBody": personalise(email.html, token),
                "TextBody": personalise(email.text, token),
                "Headers": [{"Name": name, "Value": value} for name, value in own.items()],
            }
            messages.append({key: value for key, value in message.items() if value not in (None, "", [])})
        return messages

    def outcome(self, reply: Reply) -> Outcome:
        """Maintenance has a code of its own, whatever the status."""
        if reply.status in {422, 503} and _code(parsed(reply.body)) in _NOT_NOW:
            return Outcome.NOT_SENT
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return the message with its code, which Postmark's documentation explains."""
        return _words(parsed(reply.body))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the reply means: one entry for each message, in order."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        if not isinstance(found, list) or len(found) != len(readers):
            return self.unclear(reply, f"not an answer for each of {len(readers)} messages")
        return one_by_one(readers, [self._item(entry, reply) for entry in found], reply.status)

    def _item(self, entry: object, reply: Reply) -> Item:
        said = self.retold(reply, _words(entry))
        # Postmark leaves the code out when it has taken a message and is late with it.
        code = _code(entry)
        if code is None:
            return Item(Outcome.AMBIGUOUS, said=said)
        if code == _INACTIVE or (code == _INVALID and _ABOUT_A_READER.search(said)):
            return Item(Outcome.REJECTED, said=said)
        if code:
            return Item(Outcome.NOT_SENT if code in _NOT_NOW else Outcome.REFUSED, said=said)
        name = entry.get("MessageID") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            return Item(Outcome.AMBIGUOUS, said=said)
        if "inactive addresses" in said:
            return Item(Outcome.REJECTED, said=said)
        return Item(Outcome.ACCEPTED, name)


def _code(entry: object) -> int | None:
    """Return an entry's ErrorCode, 0 where it is missing; None for what is no entry."""
    code = entry.get("ErrorCode", 0) if isinstance(entry, dict) else None
    return code if type(code) is int else None


def _words(entry: object) -> str:
    """Return what an entry says; empty for what is no entry."""
    message = entry.get("Message") if isinstance(entry, dict) else None
    if not isinstance(message, str):
        return ""
    return f"{message} (ErrorCode {code})" if (code := _code(entry)) else message
