"""Mail to a list that Brevo keeps, as a campaign: made as a draft, and sent by its number.

Brevo takes HTML and subject as templates, and writes the text part, the headers for unsubscribing and, as its account
is set, a header and a footer by itself. It sends a campaign once, and tells by its number what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from digest.models import Mailbox
from digest.send.drafts import Call, Standing, draft_name, for_list
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import entries, error_text, mailbox_json, parsed
from digest.send.http_list import HttpList
from digest.send.http_outcome import Reply
from digest.send.mailbox_text import wide_specials
from digest.send.providers import LIST, Mailing

_PATH = "/v3/emailCampaigns"
_DRAFTS = "?type=classic&status=draft&excludeHtmlContent=true&sort=desc&limit=50"
_HERE = "\0unsubscribe\0"
"""Stands for Brevo's own words until all others are made safe; no mail holds it."""
_UNSUBSCRIBE = "{{ unsubscribe }}"
_OPENS = re.compile(r"\{(?=[{%#]|" + _HERE + ")")
"""A brace with which something would begin in Brevo's template language."""
_STANDINGS = {
    "draft": Standing.DRAFT,
    "queued": Standing.ON_ITS_WAY,
    # So the official SDKs write it (getbrevo/brevo-python, getbrevo/brevo-node), and Brevo's reference the other way.
    "in_process": Standing.ON_ITS_WAY,
    "inProcess": Standing.ON_ITS_WAY,
    "inReview": Standing.ON_ITS_WAY,
    "sent": Standing.ON_ITS_WAY,
    "suspended": Standing.STOPPED,
    "cancelling": Standing.STOPPED,
    "cancelled": Standing.STOPPED,
    # Nothing says whether it had been sent.
    "archive": Standing.STOPPED,
}
_WHY_NOT = {
    "unexistingEmails": "no contact",
    "withoutListEmails": "in no list",
    "blackListedEmails": "blocked",
}
"""What Brevo says of addresses that get no test (the type PostSendFailed of its SDKs)."""


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make and send campaigns at `/v3/emailCampaigns`."""

    base_url: str = "https://api.brevo.com"
    header: str = ""
    """HTML that Brevo puts above the mail, instead of its account's default."""
    footer: str = ""
    """HTML that Brevo puts below the mail, instead of its account's default."""
    mirror: bool = False
    """Whether a link in Brevo's header shows the mail in a browser."""

    title: ClassVar[str] = "Brevo campaigns"

    def cautions(self) -> Sequence[str]:
        """Say what Brevo decides by itself."""
        return (
            "Brevo takes no headers: List-Unsubscribe, List-Unsubscribe-Post and List-Id are as Brevo writes them",
            "Brevo takes no text part, and decides by itself what readers of plain text get",
            "whether Brevo adds a header and a footer, rewrites links and counts opens is set in its dashboard",
            "a Reply-To has no name at Brevo",
            "Brevo sends a proof to addresses that are contacts of the account, in a list, and to at most 50 a day",
        )

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the header with the key."""
        return {"api-key": show(self.api_key)}

    def mistake_in(self, list_name: str) -> str:
        """Brevo's lists have numbers."""
        return "" if re.fullmatch(r"[0-9]{1,18}", list_name) else f"{LIST} needs the number of a list at Brevo"

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request that makes the campaign. Raise TemplateError, and ConfigError for a wrong list."""
        email = for_list(mailing, _HERE)
        if mailing.proof:
            _people(mailing)  # so that a wrong address leaves no draft behind
        sender = mailbox_json("From", wide_specials(email.sender))
        body: dict[str, Any] = {
            "name": draft_name(mailing),
            "sender": {**sender, **({"name": _as_template(sender["name"])} if "name" in sender else {})},
            "replyTo": mailbox_json("Reply-To", replace(email.reply_to, name=""))["email"] if email.reply_to else None,
            "subject": _as_template(checked("Subject", email.subject)),
            "htmlContent": _as_template(email.html),
            "recipients": {"listIds": [int(self.list_of(mailing))]},
            "params": {"brace": "{"},
            "header": self.header,
            "footer": self.footer,
            "tag": mailing.issue.split("/")[0],
        }
        return Call(
            "POST", _PATH, {**{key: value for key, value in body.items() if value}, "mirrorActive": self.mirror}
        )

    def draft_id(self, reply: Reply) -> str:
        """Return the number of the campaign."""
        return _number(parsed(reply.body))

    def sending(self, draft_id: str) -> Call:
        """Return the request that sends the campaign to its list."""
        return Call("POST", f"{_of(draft_id)}/sendNow")

    def asking(self, draft_id: str) -> Call:
        """Return the request for the campaign without its content."""
        return Call("GET", f"{_of(draft_id)}?excludeHtmlContent=true")

    def standing(self, reply: Reply) -> Standing:
        """Return what the campaign's status says."""
        found = parsed(reply.body)
        status = found.get("status") if isinstance(found, dict) else None
        return _STANDINGS.get(status, Standing.UNCLEAR) if isinstance(status, str) else Standing.UNCLEAR

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for the youngest drafts."""
        return Call("GET", _PATH + _DRAFTS)

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the number of the draft with this name."""
        listed = parsed(reply.body)
        for each in entries(listed.get("campaigns")) if isinstance(listed, dict) else ():
            if each.get("name") == draft_name(mailing) and each.get("status") == "draft":
                return _number(each)
        return ""

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return the request that sends a test to people; without an address, Brevo would choose them."""
        return [Call("POST", f"{_of(draft_id)}/sendTest", {"emailTo": people})] if (people := _people(mailing)) else []

    def removing(self, draft_id: str) -> Call:
        """Return the request that deletes a campaign."""
        return Call("DELETE", _of(draft_id))

    def said(self, reply: Reply) -> str:
        """Return the message with its code, which Brevo's documentation explains, and the addresses it is about."""
        found = parsed(reply.body)
        found = found if isinstance(found, dict) else {}
        code = found.get("code")
        about = [
            f"{why}: {', '.join(map(str, found[key]))}"
            for key, why in _WHY_NOT.items()
            if isinstance(found.get(key), list)
        ]
        return ": ".join(filter(None, (str(code) if code else "", error_text(reply.body), "; ".join(about))))


def _as_template(text: str) -> str:
    """Return `text` for Brevo's template language: braces stay braces, and Brevo's own words are filled in."""
    return _OPENS.sub("{{params.brace}}", text).replace(_HERE, _UNSUBSCRIBE)


def _people(mailing: Mailing) -> list[str]:
    return [mailbox_json("To", Mailbox(each.address))["email"] for each in mailing.recipients]


def _of(draft_id: str) -> str:
    return f"{_PATH}/{draft_id}"  # digits: see `_number`


def _number(found: object) -> str:
    number = found.get("id") if isinstance(found, dict) else None
    return str(number) if type(number) is int else ""
