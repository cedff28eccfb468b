"""Mail through MailerSend's bulk endpoint: one mail a reader in one request, rendered here.

MailerSend takes a batch with one id for all and looks at each mail only later: whom it does not write to, such as
addresses that bounced before, it tells those who ask for that id. It has no idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from digest.models import Mailbox, Recipient
from digest.send.headers import checked
from digest.send.http_batch import HttpBatch, error_text, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_outcome import Outcome, Reply
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_UNDER_MAINTENANCE = 421
_QUOTA = "#MS42901"
"""The daily quota is used up; the same status with #MS42903 means too many requests a minute."""
_VARIABLE = re.compile(r"\{(?=[{%$])")


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v1/bulk-email`."""

    base_url: str = "https://api.mailersend.com"
    batch_limit: int = 100
    own_headers: bool = False
    """For plans that may send headers of their own (Professional and Enterprise)."""
    tracking: bool = False
    """Whether MailerSend rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "MailerSend"
    path: ClassVar[str] = "/v1/bulk-email"
    most: ClassVar[int] = 500
    accepted: ClassVar[frozenset[int]] = frozenset({202})

    def cautions(self) -> Sequence[str]:
        """Say what MailerSend decides by itself."""
        headers = (
            "MailerSend writes List-Unsubscribe and List-Unsubscribe-Post itself, and leaves out List-Id and others: "
            "who leaves by the mail program's own button is known to MailerSend only (own_headers = true sends "
            "ours, with a Professional or Enterprise plan)"
        )
        return (
            *(() if self.own_headers else (headers,)),
            "MailerSend leaves out whoever bounced or complained before; they count as accepted all the same",
            "in a text part, MailerSend may take {{ … }} and {$…} of a post for variables of its own",
        )

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> list[dict[str, Any]]:
        """Return one mail a reader, in their order; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        headers = shared_headers(email)
        shared: dict[str, Any] = {
            "from": mailbox_json("From", email.sender),
            "reply_to": mailbox_json("Reply-To", email.reply_to) if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            "tags": [mailing.issue.split("/")[0], mailing.issue, mailing.key, *(["proof"] if mailing.proof else [])],
            "precedence_bulk": _is_bulk(headers),
            "settings": {
                "track_clicks": self.tracking, "track_opens": self.tracking, "track_content": self.tracking,
            },
        }  # fmt: skip
        return [self._mail(mailing, reader, shared, headers) for reader in readers]

    def _mail(
        self, mailing: Mailing, reader: Recipient, shared: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        email, token = outgoing(mailing), token_for(mailing, reader)
        found: dict[str, Any] = {
            **shared,
            "to": [mailbox_json("To", Mailbox(reader.address, reader.name))],
            "text": personalise(email.text, token),
            # Braces as entities look the same to readers, and are no variables to MailerSend.
            "html": _VARIABLE.sub("&#123;", personalise(email.html, token)),
            **(_own({**headers, **personal_headers(mailing, reader)}) if self.own_headers else {}),
        }
        return {key: value for key, value in found.items() if value or value is False}

    def outcome(self, reply: Reply) -> Outcome:
        """Nothing is taken under maintenance; a used-up quota is for a person to look at."""
        if reply.status == _UNDER_MAINTENANCE:
            return Outcome.NOT_SENT
        if reply.status == 429 and _QUOTA in self.said(reply):
            return Outcome.REFUSED
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return the message and what it says of single fields."""
        found = parsed(reply.body)
        fields = found.get("errors") if isinstance(found, dict) else None
        listed = fields.items() if isinstance(fields, dict) else ()
        words = (f"{name}: {' '.join(map(str, said)) if isinstance(said, list) else said}" for name, said in listed)
        return "; ".join(filter(None, (error_text(reply.body), *words)))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return that everybody was taken, with the id of the batch; a 422 takes nobody."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        name = found.get("bulk_email_id") if isinstance(found, dict) else None
        if not isinstance(name, str) or not name:
            return self.unclear(reply, "the reply has no bulk_email_id")
        return self.as_a_whole(readers, reply, [f"bulk:{name}"])


def _is_bulk(headers: Mapping[str, str]) -> bool | None:
    """Return what the mail says of its precedence, which has a field of its own; None for nothing."""
    said = next((value.lower() for name, value in headers.items() if name.lower() == "precedence"), None)
    return None if said is None else said in {"bulk", "list", "junk"}


def _own(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields for the mail's own headers.

    MailerSend has a field for the URL of List-Unsubscribe and writes both headers of it:
    https://www.mailersend.com/help/custom-headers
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    written = {"list-unsubscribe", "list-unsubscribe-post", "precedence"}
    found = {
        "list_unsubscribe": lowered.get("list-unsubscribe", "").strip("<> "),
        "headers": [
            {"name": name, "value": value} for name, value in headers.items() if name.lower() not in written
        ],
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}
