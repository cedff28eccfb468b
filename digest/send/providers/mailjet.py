"""Mail through Mailjet's Send API v3.1: one message a reader in one request, rendered here.

Mailjet has a template language, but no way to write its signs in a mail that only means them, and a mail that it cannot
render is never delivered; so it gets finished mails. A reply may hold successes and errors side by side, under a
status that speaks of the errors only. Mailjet has no idempotency key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.models import Mailbox, Recipient, Secret
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.mailjet import MailjetLookUp
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_FORBIDDEN = "list-id"
"""Mailjet refuses a mail with this header of ours: https://dev.mailjet.com/email/guides/send-api-v31/#add-email-headers"""


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v3.1/send`."""

    base_url: str = "https://api.mailjet.com"
    """`https://api.us.mailjet.com` for accounts in the United States."""
    batch_limit: int = 50
    secret_key: Secret | None = None
    """Goes with the `api_key`."""
    sandbox: bool = False
    """Mailjet checks the request and delivers nothing."""
    tracking: bool = False
    """Whether Mailjet rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "Mailjet"
    path: ClassVar[str] = "/v3.1/send"
    most: ClassVar[int] = 50
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=30)

    def problems(self) -> Sequence[str]:
        """Say what is missing; a key is a pair here."""
        missing = [] if self.secret_key else ['secret_key is missing: write "env:MAILJET_SECRET_KEY"']
        return [*HttpBatch.problems(self), *missing]

    def cautions(self) -> Sequence[str]:
        """Name the header that does not get through."""
        return (
            "Mailjet takes no List-Id: the mail leaves without it, and mail programs cannot sort the newsletter by it",
        )

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return MailjetLookUp()

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return key and secret key as a pair; for people their names."""
        return {"Authorization": f"Basic {show(self._login)}"}

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return both keys, and the pair as it stands on the line."""
        keys = tuple(key for key in (self.api_key, self.secret_key) if key)
        return (*keys, self._login) if all(key.value for key in keys) else keys

    @property
    def _login(self) -> Secret:
        other = self.secret_key or Secret("")
        pair = f"{self.api_key.value}:{other.value}"
        return Secret(f"{self.api_key.variable}:{other}", base64.b64encode(pair.encode()).decode())

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        tracked = "enabled" if self.tracking else "disabled"
        about = {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})}
        shared: dict[str, Any] = {
            "From": _mailbox("From", email.sender),
            "ReplyTo": _mailbox("Reply-To", email.reply_to) if email.reply_to else None,
            "Subject": checked("Subject", email.subject),
            "CustomCampaign": mailing.issue + (" (proof)" if mailing.proof else ""),
            "CustomID": mailing.key,
            "EventPayload": json.dumps(about, ensure_ascii=False),
            **({"TrackOpens": tracked, "TrackClicks": tracked} if email.html else {}),
        }
        headers = {name: value for name, value in shared_headers(email).items() if name.lower() != _FORBIDDEN}
        found: dict[str, Any] = {
            "Globals": {key: value for key, value in shared.items() if value},
            "Messages": [_message(mailing, reader, headers) for reader in readers],
        }
        return {**found, "SandboxMode": True} if self.sandbox else found

    def outcome(self, reply: Reply) -> Outcome:
        """An answer for each message counts more than the status, which tells of the worst of them."""
        if reply.status < 500 and _messages(reply):
            return Outcome.ACCEPTED
        return HttpBatch.outcome(self, reply)

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the messages of the reply say, in the order of the request."""
        messages = _messages(reply)
        if not messages and not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        if len(messages) != len(readers):
            return self.unclear(reply, f"{len(messages)} answers for {len(readers)} readers")
        sent = any(message.get("Status") == "success" for message in messages)
        return one_by_one(readers, [self._item(message, sent, reply) for message in messages], reply.status)

    def _item(self, message: Mapping[str, Any], sent: bool, reply: Reply) -> Item:
        if message.get("Status") == "success":
            to = entries(message.get("To"))
            # The other interfaces of Mailjet look mails up by MessageID, not by MessageUUID.
            return Item(Outcome.ACCEPTED, str(to[0].get("MessageID") or "") if to else "")
        errors = entries(message.get("Errors"))
        words = (f"{each.get('ErrorMessage') or ''} ({each.get('ErrorCode') or 'no code'})" for each in errors)
        return Item(_meant(message, errors, sent), said=self.retold(reply, "; ".join(words)))


def _meant(message: Mapping[str, Any], errors: Sequence[Mapping[str, Any]], sent: bool) -> Outcome:
    if message.get("Status") != "error" or any(_status(each) >= 500 for each in errors):
        return Outcome.AMBIGUOUS
    if any(_status(each) == 429 for each in errors):
        return Outcome.NOT_SENT
    # What was taken for somebody else is neither the mail's fault nor ours.
    return Outcome.REJECTED if sent or any(map(_about_the_reader, errors)) else Outcome.REFUSED


def _status(error: Mapping[str, Any]) -> int:
    found = error.get("StatusCode")
    return found if isinstance(found, int) else 0


def _about_the_reader(error: Mapping[str, Any]) -> bool:
    related = error.get("ErrorRelatedTo")
    places = related if isinstance(related, list) else [related]
    return any(str(place).split("[")[0].split(".")[0] == "To" for place in places)


def _messages(reply: Reply) -> list[dict[str, Any]]:
    found = parsed(reply.body)
    return entries(found.get("Messages")) if isinstance(found, dict) else []


def _message(mailing: Mailing, reader: Recipient, headers: Mapping[str, str]) -> dict[str, Any]:
    email, token = outgoing(mailing), token_for(mailing, reader)
    found = {
        "To": [_mailbox("To", Mailbox(reader.address, reader.name))],
        "TextPart": personalise(email.text, token),
        "HTMLPart": personalise(email.html, token),
        "Headers": {**headers, **personal_headers(mailing, reader)},
    }
    return {key: value for key, value in found.items() if value}


def _mailbox(header: str, mailbox: Mailbox) -> dict[str, str]:
    return mailbox_json(header, mailbox, email="Email", name="Name")
