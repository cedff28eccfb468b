"""Mail through SparkPost: one transmission a batch, in which every reader has substitution data of their own.

SparkPost tells how many readers it took and not which, so anything between all and none stays unclear. It writes the
List-Unsubscribe header itself, whatever the mail says, and has no idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.models import READER_TOKEN, Delivery, DeliveryState, Email, Mailbox, Recipient
from digest.send.curly import in_curly
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_outcome import Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.sparkpost import SparkPostLookUp
from digest.send.mailbox_text import mailbox_text
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing, Verdict

# https://developers.sparkpost.com/api/template-language/#header-braces-macros
_LITERAL = {"{": "{{opening_single_curly()}}", "}": "{{closing_single_curly()}}"}
_TOKEN = "{{{reader}}}"  # noqa: S105  no secret; three braces, or a token in a link would be percent-encoded twice
_LONGEST_CAMPAIGN = 64
"""Octets."""
_WITHOUT_BUTTON = (
    "SparkPost drops List-Unsubscribe and List-Unsubscribe-Post: readers have only the link in the mail, and mailboxes "
    "that ask bulk senders for one click may refuse it"
)
_OTHER_BUTTON = (
    "SparkPost puts its own List-Unsubscribe and List-Unsubscribe-Post in place of ours: who leaves by the mail "
    "program's own button is known to SparkPost only, as a list_unsubscribe event and in its suppression list"
)


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/api/v1/transmissions`."""

    base_url: str = "https://api.sparkpost.com"
    """`https://api.eu.sparkpost.com` for accounts of SparkPost EU."""
    transactional: bool = False
    """Without SparkPost's own List-Unsubscribe header, and against its other suppression list."""
    tracking: bool = False
    """Whether SparkPost rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "SparkPost"
    path: ClassVar[str] = "/api/v1/transmissions"
    most: ClassVar[int] = 1000
    largest: ClassVar[int] = 20_000_000
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=15)

    def cautions(self) -> Sequence[str]:
        """Say whose unsubscribe button readers get."""
        if self.transactional:
            return (_WITHOUT_BUTTON,)
        return (_OTHER_BUTTON,)

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return SparkPostLookUp()

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the key alone: there is no scheme before it."""
        return {"Authorization": show(self.api_key)}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        headers = shared_headers(email)
        list_id = next((value for name, value in headers.items() if name.lower() == "list-id"), "")
        found: dict[str, Any] = {
            "options": {
                "open_tracking": self.tracking,
                "initial_open": self.tracking,
                "click_tracking": self.tracking,
                "transactional": self.transactional,
            },
            "campaign_id": mailing.issue.encode()[:_LONGEST_CAMPAIGN].decode(errors="ignore"),
            "metadata": {
                "issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {}),
            },
            # The override takes the identifier alone, without the words before it.
            "override": {"list_id": list_id[list_id.rfind("<") :]} if "<" in list_id else None,
            "recipients": [_recipient(mailing, reader) for reader in readers],
            "content": _content(email, _names(mailing, readers), headers),
        }  # fmt: skip
        return {key: value for key, value in found.items() if value}

    def said(self, reply: Reply) -> str:
        """Return what the errors of a reply say, those of single readers too."""
        found = parsed(reply.body)
        results = found.get("results") if isinstance(found, dict) else None
        errors = entries(found.get("errors")) if isinstance(found, dict) else []
        errors += entries(results.get("rcpt_to_errors")) if isinstance(results, dict) else []
        words = (": ".join(str(each[key]) for key in ("message", "description") if each.get(key)) for each in errors)
        return "; ".join(filter(None, words))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the counts say: everybody, nobody, or nobody knows who."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        results = found.get("results") if isinstance(found, dict) else None
        counts = results if isinstance(results, dict) else {}
        taken, left, name = (
            counts.get(key) for key in ("total_accepted_recipients", "total_rejected_recipients", "id")
        )  # fmt: skip
        if (taken, left) == (len(readers), 0):
            return self.as_a_whole(readers, reply, [str(name or "")])
        said = self.said(reply)
        if (taken, left) != (0, len(readers)):
            return self.unclear(reply, f"{taken} readers accepted and {left} rejected of {len(readers)}. {said}")
        if len(readers) > 1:
            return self.not_taken(reply, said)
        detail = self.retold(reply, said)
        rejected = (Delivery(readers[0], DeliveryState.REJECTED, error=detail),)
        return Answer(Verdict.ANSWERED, rejected, detail=detail, http_status=reply.status)


def _content(email: Email, personal: Sequence[str], headers: Mapping[str, str]) -> dict[str, Any]:
    sender = mailbox_json("From", email.sender)
    kept = {name: _written(value) for name, value in headers.items() if name.lower() != "list-id"}
    found = {
        "from": {**sender, "name": _written(sender["name"])} if "name" in sender else sender,
        "reply_to": _written(mailbox_text("Reply-To", email.reply_to)) if email.reply_to else "",
        "subject": _written(checked("Subject", email.subject)),
        "text": _written(email.text),
        "html": _written(email.html),
        "headers": {**kept, **{name: f"{{{{{_variable(name)}}}}}" for name in personal}},
    }
    return {key: value for key, value in found.items() if value}


def _recipient(mailing: Mailing, reader: Recipient) -> dict[str, Any]:
    own = {_variable(name): value for name, value in personal_headers(mailing, reader).items()}
    token = personalise(READER_TOKEN, token_for(mailing, reader))
    return {
        "address": mailbox_json("To", Mailbox(reader.address, reader.name)),
        "substitution_data": {"reader": token, **own},
    }


def _names(mailing: Mailing, readers: Sequence[Recipient]) -> list[str]:
    return list(personal_headers(mailing, readers[0])) if readers else []


def _variable(header: str) -> str:
    return "header_" + re.sub(r"\W", "_", header.lower())


def _written(text: str) -> str:
    return in_curly(text, _TOKEN, _LITERAL)
