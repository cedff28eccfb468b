"""Mail to a segment of the contacts that Resend keeps, as a broadcast: made as a draft, and sent by its id.

Resend fills in `{{{…}}}` and writes the headers for unsubscribing. A draft cannot be tried out at Resend, so a proof
goes out as a single mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote

from digest.send.braces import with_words
from digest.send.drafts import Call, Standing, draft_name, for_list
from digest.send.headers import checked
from digest.send.http_batch import HttpBatch, entries, parsed
from digest.send.http_list import HttpList
from digest.send.http_outcome import Outcome, Reply
from digest.send.mailbox_text import mailbox_text
from digest.send.providers import LIST, Mailing
from digest.send.providers.resend import Provider as SingleMails

_PATH = "/broadcasts"
_UNSUBSCRIBE = "{{{RESEND_UNSUBSCRIBE_URL}}}"
_STANDINGS = {
    "draft": Standing.DRAFT,
    "scheduled": Standing.ON_ITS_WAY,
    "queued": Standing.ON_ITS_WAY,
    "sent": Standing.ON_ITS_WAY,
    # So Resend announced it with the API to cancel a broadcast: one that was queued becomes canceled.
    "canceled": Standing.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make and send broadcasts at `/broadcasts`."""

    base_url: str = "https://api.resend.com"
    topic_id: str = ""
    """Readers who left this topic get none."""

    title: ClassVar[str] = "Resend broadcasts"

    def cautions(self) -> Sequence[str]:
        """Say what Resend decides by itself."""
        return (
            "Resend takes no headers: List-Unsubscribe, List-Unsubscribe-Post and List-Id are as Resend writes them",
            "whether Resend rewrites links and counts opens is set for the domain in its dashboard, not by us",
            "in the subject and the text part an invisible character keeps the braces of {{ … }} apart",
        )

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request that makes the broadcast. Raise TemplateError, and ConfigError for a wrong list."""
        email = with_words(mailing, _UNSUBSCRIBE)
        body: dict[str, Any] = {
            "name": draft_name(mailing),
            "segment_id": self.list_of(mailing),
            "topic_id": self.topic_id,
            "from": mailbox_text("From", email.sender),
            "reply_to": [mailbox_text("Reply-To", email.reply_to)] if email.reply_to else None,
            "subject": checked("Subject", email.subject),
            "html": email.html,
            "text": email.text,
        }
        return Call("POST", _PATH, {key: value for key, value in body.items() if value})

    def draft_id(self, reply: Reply) -> str:
        """Return the id of the broadcast."""
        return _id(parsed(reply.body))

    def sending(self, draft_id: str) -> Call:
        """Return the request that sends the broadcast to its segment, now."""
        return Call("POST", f"{_of(draft_id)}/send", {})

    def asking(self, draft_id: str) -> Call:
        """Return the request for the broadcast."""
        return Call("GET", _of(draft_id))

    def standing(self, reply: Reply) -> Standing:
        """Return what the broadcast's status says."""
        found = parsed(reply.body)
        status = found.get("status") if isinstance(found, dict) else None
        return _STANDINGS.get(status, Standing.UNCLEAR) if isinstance(status, str) else Standing.UNCLEAR

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for as many broadcasts as one reply holds."""
        return Call("GET", f"{_PATH}?limit=100")

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the id of the draft with this name."""
        listed = parsed(reply.body)
        for each in entries(listed.get("data")) if isinstance(listed, dict) else ():
            if each.get("name") == draft_name(mailing) and each.get("status") == "draft":
                return _id(each)
        return ""

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return nothing: there is no such request, hence `prover`."""
        return ()

    def prover(self, mailing: Mailing) -> tuple[HttpBatch, Mailing]:
        """Return the provider of single mails with the same key; Resend's own words are not filled in there."""
        return self._single_mails(), replace(mailing, email=for_list(mailing, _UNSUBSCRIBE))

    def _single_mails(self) -> SingleMails:
        return SingleMails(api_key=self.api_key, base_url=self.base_url, timeout=self.timeout)

    def mistake_in(self, list_name: str) -> str:
        """A segment has an id."""
        return "" if list_name else f"{LIST} needs the id of a segment at Resend"

    def outcome(self, reply: Reply) -> Outcome:
        """A used-up quota comes with 429, too, and is for a person to look at."""
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        return self._single_mails().outcome(reply) if reply.status == 429 else HttpList.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """The name of an error is what Resend's documentation explains."""
        return self._single_mails().said(reply)


def _of(draft_id: str) -> str:
    return f"{_PATH}/{quote(draft_id, safe='')}"


def _id(found: object) -> str:
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""
