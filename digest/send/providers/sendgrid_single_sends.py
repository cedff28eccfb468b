"""Mail to a list that SendGrid keeps, as a Single Send: made as a draft, and sent by its id.

SendGrid takes sender and Reply-To from a sender of its own, fills in `{{…}}` and writes the headers for unsubscribing.
Single Sends cannot be tried out by its API, so a proof goes out as a single mail.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote

from digest.models import Recipient
from digest.send.braces import with_words
from digest.send.drafts import Call, Standing, draft_name, for_list
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, error_text, mailbox_json, parsed
from digest.send.http_list import HttpList
from digest.send.http_outcome import Reply
from digest.send.providers import LIST, Mailing
from digest.send.providers.sendgrid import Provider as SingleMails

_PATH = "/v3/marketing/singlesends"
_EVERYBODY = "all"
_UNSUBSCRIBE = "{{{unsubscribe}}}"
"""SendGrid's documentation of its editor (github.com/sendgrid/docs, editor.md) has it: the link of the group."""
_WEB_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?([/?][!#$%'-;=?-Z_a-z~]*)?")
"""Without what would have to be written otherwise in HTML: quotes, angles and &."""
_LONGEST_NAME = 100
_STANDINGS = {
    "draft": Standing.DRAFT,
    "scheduled": Standing.ON_ITS_WAY,
    "triggered": Standing.ON_ITS_WAY,
}


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make and send Single Sends at `/v3/marketing/singlesends`."""

    base_url: str = "https://api.sendgrid.com"
    """`https://api.eu.sendgrid.com` for accounts of the EU region."""
    sender_id: int = 0
    """The number of a verified sender."""
    suppression_group_id: int = 0
    """The number of the unsubscribe group that whoever leaves is put into."""
    custom_unsubscribe_url: str = ""
    """A page of your own for leaving, instead of a group."""

    title: ClassVar[str] = "SendGrid Single Sends"

    def cautions(self) -> Sequence[str]:
        """Say what SendGrid decides by itself."""
        return (
            "readers see the name, the address and the Reply-To of SendGrid's sender (sender_id), not the newsletter's",
            "SendGrid takes no headers: it writes List-Unsubscribe, List-Unsubscribe-Post and List-Id by itself",
            "whether SendGrid rewrites links and counts opens is set in its dashboard, not by us",
            "in the subject and the text part an invisible character keeps the braces of {{ … }} apart",
            *(
                ("the page custom_unsubscribe_url is the same for all readers, and has to ask who they are",)
                if self.custom_unsubscribe_url
                else ()
            ),
        )

    def problems(self) -> Sequence[str]:
        """Say what a Single Send lacks that could never be sent."""
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        found = list(HttpList.problems(self))
        if self.sender_id < 1:
            found.append("sender_id must be the number of a verified sender")
        if bool(self.custom_unsubscribe_url) == bool(self.suppression_group_id) or self.suppression_group_id < 0:
            found.append(
                "give either suppression_group_id, the number of an unsubscribe group, or custom_unsubscribe_url"
            )
        elif self.custom_unsubscribe_url and not _WEB_ADDRESS.fullmatch(self.custom_unsubscribe_url):
            found.append("custom_unsubscribe_url must be a plain web address that begins with https://")
        return found

    def mistake_in(self, list_name: str) -> str:
        """Lists have ids; `all` is everybody."""
        return "" if list_name == _EVERYBODY or _is_id(list_name) else f"{LIST} needs the id of a list, or {_EVERYBODY}"

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request that makes the Single Send. Raise TemplateError, and ConfigError for a wrong list."""
        email, wanted = with_words(mailing, self.custom_unsubscribe_url or _UNSUBSCRIBE), self.list_of(mailing)
        mailbox_json("From", email.sender)  # proofs have it: what cannot be written shall not wait for them
        leaving = (
            {"custom_unsubscribe_url": self.custom_unsubscribe_url}
            if self.custom_unsubscribe_url
            else {"suppression_group_id": self.suppression_group_id}
        )
        body: dict[str, Any] = {
            "name": _name(mailing),
            "categories": list(dict.fromkeys(("digest", mailing.issue.split("/")[0]))),
            "send_to": {"all": True} if wanted == _EVERYBODY else {"list_ids": [wanted]},
            "email_config": {
                "subject": checked("Subject", email.subject),
                "html_content": email.html,
                "plain_content": email.text,
                "generate_plain_content": False,
                "editor": "code",
                "sender_id": self.sender_id,
                **leaving,
            },
        }
        return Call("POST", _PATH, body)

    def draft_id(self, reply: Reply) -> str:
        """Return the id of the Single Send."""
        return _id(parsed(reply.body))

    def sending(self, draft_id: str) -> Call:
        """Return the request that sends the Single Send to its list."""
        return Call("PUT", f"{_of(draft_id)}/schedule", {"send_at": "now"})

    def asking(self, draft_id: str) -> Call:
        """Return the request for the Single Send."""
        return Call("GET", _of(draft_id))

    def standing(self, reply: Reply) -> Standing:
        """Return what the status of the Single Send says."""
        found = parsed(reply.body)
        status = found.get("status") if isinstance(found, dict) else None
        return _STANDINGS.get(status, Standing.UNCLEAR) if isinstance(status, str) else Standing.UNCLEAR

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for drafts whose name holds the wanted one."""
        return Call("POST", f"{_PATH}/search", {"name": _name(mailing), "status": ["draft"]})

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the id of the draft with exactly this name."""
        listed = parsed(reply.body)
        for each in entries(listed.get("result")) if isinstance(listed, dict) else ():
            if each.get("name") == _name(mailing) and each.get("status") == "draft":
                return _id(each)
        return ""

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return nothing: there is no such request for a Single Send, hence `prover`."""
        return ()

    def prover(self, mailing: Mailing) -> tuple[HttpBatch, Mailing]:
        """Return the provider of single mails with the same key; SendGrid's own words are not filled in there."""
        single = replace(mailing, email=for_list(mailing, self.custom_unsubscribe_url or _UNSUBSCRIBE))
        return _Proofs(api_key=self.api_key, base_url=self.base_url, timeout=self.timeout), single

    def said(self, reply: Reply) -> str:
        """Return all explanations with the fields that they are about."""
        found = parsed(reply.body)
        errors = entries(found.get("errors")) if isinstance(found, dict) else []
        told = [(str(each.get("message") or ""), str(each.get("field") or "")) for each in errors]
        return "; ".join(f"{said} (field {field})" if field else said for said, field in told) or error_text(reply.body)


@dataclass(frozen=True, slots=True)
class _Proofs(SingleMails):
    """Single mails in which nothing is filled in: whoever reads a list's proof has no token."""

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some people; raise TemplateError for a header that cannot be written."""
        body = SingleMails.body(self, mailing, readers)
        for personal in body["personalizations"]:
            del personal["substitutions"]
        return body

    def content(self, mailing: Mailing, readers: Sequence[Recipient], show: Show) -> tuple[str, bytes]:
        """Return the type of the content and the content."""
        return HttpBatch.content(self, mailing, readers, show)


def _name(mailing: Mailing) -> str:
    # What tells issues apart stands at the end.
    return draft_name(mailing)[-_LONGEST_NAME:]


def _of(draft_id: str) -> str:
    return f"{_PATH}/{quote(draft_id, safe='')}"


def _id(found: object) -> str:
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
