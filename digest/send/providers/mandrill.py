"""Mail through Mandrill (Mailchimp Transactional): one request a reader, because its headers are those of all readers.

Merge tags work in subject and body only, not in List-Unsubscribe, so a reader's own header needs a mail of its own:
https://mandrill.zendesk.com/hc/en-us/articles/360038786274. Mandrill has no idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from digest.errors import ConfigError
from digest.models import Mailbox, Recipient
from digest.send.headers import checked, wire_address
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, mailbox_json, parsed, personal_headers, shared_headers
from digest.send.http_items import Item, one_by_one
from digest.send.http_outcome import Outcome, Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.mandrill import MandrillLookUp
from digest.send.mailbox_text import mailbox_text
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_TAKEN = {"sent", "queued", "scheduled"}
_ABOUT_US = {"invalid-sender", "unsigned", "test-mode-limit", "rule"}
"""Reasons to reject a mail that the next reader's would meet, too."""
_NEVER_TAKEN = {"Invalid_Key", "PaymentRequired", "Unknown_Subaccount", "ValidationError"}
"""Errors after which nothing is sent, whatever the status: 500 is one of those that Mandrill uses for them."""


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post each mail to `/api/1.0/messages/send.json`."""

    base_url: str = "https://mandrillapp.com"
    batch_limit: int = 1
    tracking: bool = False
    """Whether Mandrill rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "Mandrill"
    path: ClassVar[str] = "/api/1.0/messages/send.json"
    most: ClassVar[int] = 1
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=30)

    def cautions(self) -> Sequence[str]:
        """Say what becomes of Japanese names."""
        return ("Mandrill writes names outside ASCII so that some mail programs show them encoded (=?utf-8?…)",)

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return MandrillLookUp()

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return nothing: the key is in the body."""
        return {}

    def keyed(self, body: Any, show: Show) -> Any:
        """Return the body with the key."""
        return {"key": show(self.api_key), **body}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for one reader, or for all of a proof: what staff get is the same for everybody.

        Raise TemplateError for a header that cannot be written, ConfigError for several readers at once.
        """
        if len(readers) > 1 and not mailing.proof:
            raise ConfigError("Mandrill takes one reader a request", fix="set batch_limit to 1")
        return {"message": _message(mailing, readers, self.tracking) if readers else {}}

    def outcome(self, reply: Reply) -> Outcome:
        """The name of an error tells more than the status."""
        if not self.succeeded(reply.status) and _error_name(reply) in _NEVER_TAKEN:
            return Outcome.REFUSED
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return the name of an error and its words."""
        return ": ".join(filter(None, (_error_name(reply), HttpBatch.said(self, reply))))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what became of each address; the order of the answers is not promised."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = {str(each.get("email")).casefold(): each for each in entries(parsed(reply.body))}
        wanted = [wire_address(reader.address).casefold() for reader in readers]
        if found.keys() != set(wanted):
            return self.unclear(reply, f"{len(found)} answers for {len(readers)} readers, or for others")
        return one_by_one(readers, [self._item(found[address], reply) for address in wanted], reply.status)

    def _item(self, found: Mapping[str, Any], reply: Reply) -> Item:
        status = str(found.get("status") or "")
        why = str(found.get("reject_reason") or found.get("queued_reason") or "")
        said = self.retold(reply, f"{status or 'no status'}{why and f' ({why})'}")
        if status in _TAKEN:
            return Item(Outcome.ACCEPTED, str(found.get("_id") or ""))
        if status == "rejected" and why in _ABOUT_US:
            return Item(Outcome.REFUSED, said=said)
        return Item(Outcome.REJECTED if status in {"rejected", "invalid"} else Outcome.AMBIGUOUS, said=said)


def _error_name(reply: Reply) -> str:
    found = parsed(reply.body)
    return str(found.get("name") or "") if isinstance(found, dict) and found.get("status") == "error" else ""


def _message(mailing: Mailing, readers: Sequence[Recipient], tracking: bool) -> dict[str, Any]:
    email, token = outgoing(mailing), token_for(mailing, readers[0])
    reply_to = {"Reply-To": mailbox_text("Reply-To", email.reply_to)} if email.reply_to else {}
    found: dict[str, Any] = {
        **mailbox_json("From", email.sender, email="from_email", name="from_name"),
        "to": [{**mailbox_json("To", Mailbox(each.address, each.name)), "type": "to"} for each in readers],
        "subject": checked("Subject", email.subject),
        "text": personalise(email.text, token),
        "html": personalise(email.html, token),
        "headers": {**reply_to, **shared_headers(email), **personal_headers(mailing, readers[0])},
        "tags": [mailing.issue.split("/")[0]],
        "metadata": {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})},
        "track_opens": tracking,
        "track_clicks": tracking,
        # The account may have these on: a mail is sent as it was approved.
        "auto_text": False,
        "auto_html": False,
        "inline_css": False,
        "merge": False,
        "preserve_recipients": False,
    }
    return {key: value for key, value in found.items() if value or value is False}
