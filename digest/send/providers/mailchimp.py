"""Mail to an audience that Mailchimp keeps, as a campaign: made, given its content, checked, and sent by its id.

Mailchimp fills in merge tags, `*|…|*`, wherever they stand. Its fields and statuses are those of its own description of
the Marketing API, version 3.0.55 (`mailchimp/mailchimp-client-lib-codegen`, `spec/marketing.json`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from digest.models import Email
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Call, Standing, draft_name, for_list
from digest.send.headers import wire_address
from digest.send.http_batch import entries, error_text, mailbox_json, parsed
from digest.send.http_list import HttpList
from digest.send.http_outcome import Outcome, Reply
from digest.send.providers import LIST, Mailing

_UNSUBSCRIBE = "*|UNSUB|*"
_HERE = "\0unsubscribe\0"
"""Stands for Mailchimp's own tag until all others are made safe; no mail holds it."""
_BAR = re.compile(r"(?<=\*)\||\|(?=\*)")
"""What makes `*|` and `|*` the beginning and the end of a merge tag."""
_BETWEEN = re.compile(r"(?<=\*)(?=\|)|(?<=\|)(?=\*)")
_DATA_CENTER = re.compile(r"[a-z]{2,4}[0-9]{1,3}")
_LIST = re.compile(r"[0-9A-Za-z]{1,40}")
_STANDINGS = {
    "save": Standing.DRAFT,
    "schedule": Standing.ON_ITS_WAY,
    "sending": Standing.ON_ITS_WAY,
    "sent": Standing.ON_ITS_WAY,
    "paused": Standing.STOPPED,
    "canceling": Standing.STOPPED,
    "canceled": Standing.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make campaigns at `/campaigns`."""

    tracking: bool = False
    """Whether Mailchimp rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "Mailchimp"
    accepted: ClassVar[frozenset[int]] = frozenset({200, 204})

    def __post_init__(self) -> None:
        data_center = self.api_key.value.rpartition("-")[2]
        if not self.base_url and _DATA_CENTER.fullmatch(data_center):
            object.__setattr__(self, "base_url", f"https://{data_center}.api.mailchimp.com/3.0")

    def problems(self) -> Sequence[str]:
        """Say besides when it is not clear in which of Mailchimp's data centers the account is."""
        found = list(HttpList.problems(self))
        if self.base_url:
            return found
        known = [each for each in found if not each.startswith("base_url")]
        if not self.api_key.value:
            return known
        lacking = f"{self.api_key.variable} does not end in a data center such as -us6: write base_url"
        return [*known, f"{lacking} = https://us6.api.mailchimp.com/3.0 for an account there"]

    def cautions(self) -> Sequence[str]:
        """Mailchimp has one address for From and Reply-To, and writes all headers itself."""
        return (
            "Mailchimp writes List-Unsubscribe, List-Id and all other headers itself; ours are left out",
            "Mailchimp has no Reply-To besides the sender's address: answers go there",
            "Mailchimp may add a footer or a badge, as the plan of the account asks: look at a proof",
            "in subject and text part, an invisible sign parts *| of posts, else Mailchimp would fill it in",
        )

    def mistake_in(self, list_name: str) -> str:
        """An audience has a short id."""
        return "" if _LIST.fullmatch(list_name) else f"{LIST} needs the id of an audience, such as {LIST}a1b2c3d4e5"

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request for a campaign without content."""
        email = _safe(mailing)
        sender = mailbox_json("From", email.sender)
        settings = {
            "title": draft_name(mailing),
            "subject_line": email.subject,
            "from_name": _parted(sender.get("name", "")),
            "reply_to": sender["email"],
            "auto_footer": False,
            "inline_css": False,
            "auto_tweet": False,
            "fb_comments": False,
        }
        tracking = dict.fromkeys(("opens", "html_clicks", "text_clicks"), self.tracking)
        body = {
            "type": "regular",
            "recipients": {"list_id": self.list_of(mailing)},
            "settings": settings,
            "tracking": tracking,
        }
        return Call("POST", "/campaigns", body)

    def draft_id(self, reply: Reply) -> str:
        """Return the id of the campaign."""
        return _text(_object(reply), "id")

    def filling(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return the requests that put the content in, and ask whether the campaign can be sent."""
        return (self._content(mailing, draft_id), Call("GET", f"{_path(draft_id)}/send-checklist"))

    def sending(self, draft_id: str) -> Call:
        """Return the request that sends a campaign."""
        return Call("POST", f"{_path(draft_id)}/actions/send")

    def asking(self, draft_id: str) -> Call:
        """Return the request for a campaign's status."""
        return Call("GET", f"{_path(draft_id)}?fields=id,status")

    def standing(self, reply: Reply) -> Standing:
        """Return what its status says; a campaign that somebody scheduled goes out by itself."""
        return _STANDINGS.get(_text(_object(reply), "status"), Standing.UNCLEAR)

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for the youngest drafts for this audience."""
        query = {
            "list_id": self.list_of(mailing),
            "status": "save",
            "sort_field": "create_time",
            "sort_dir": "DESC",
            "count": "1000",
            "fields": "campaigns.id,campaigns.status,campaigns.settings.title,campaigns.recipients.list_id",
        }
        return Call("GET", f"/campaigns?{urlencode(query, safe=',')}")

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the draft with our title for this audience."""
        for campaign in entries(_object(reply).get("campaigns")):
            settings, recipients = campaign.get("settings"), campaign.get("recipients")
            if (
                campaign.get("status") == "save"
                and isinstance(settings, dict)
                and settings.get("title") == draft_name(mailing)
                and isinstance(recipients, dict)
                and recipients.get("list_id") == self.list_of(mailing)
            ):
                return _text(campaign, "id")
        return ""

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return the requests that put the content in, and send it to people as a test."""
        people = [wire_address(person.address) for person in mailing.recipients]
        test = Call("POST", f"{_path(draft_id)}/actions/test", {"test_emails": people, "send_type": "html"})
        return (self._content(mailing, draft_id), test)

    def removing(self, draft_id: str) -> Call:
        """Return the request that deletes a campaign."""
        return Call("DELETE", _path(draft_id))

    def outcome(self, reply: Reply) -> Outcome:
        """A checklist that is not ready is a refusal; a 403 without an explanation is how Mailchimp says "slowly"."""
        found = _object(reply)
        if reply.status in self.accepted and found.get("is_ready") is False:
            return Outcome.REFUSED
        if reply.status == 403 and not error_text(reply.body):
            return Outcome.NOT_SENT
        return HttpList.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return what the checklist finds missing, or the title and the details of an error."""
        found = _object(reply)
        items = [each for each in entries(found.get("items")) if each.get("type") == "error"]
        if items:
            return "; ".join(f"{_text(each, 'heading')}: {_text(each, 'details')}" for each in items)
        wrong = [f"{_text(each, 'field')}: {_text(each, 'message')}" for each in entries(found.get("errors"))]
        told = ": ".join(filter(None, (_text(found, "title"), _text(found, "detail"))))
        return "; ".join(filter(None, (told or error_text(reply.body), *wrong)))

    def _content(self, mailing: Mailing, draft_id: str) -> Call:
        email = _safe(mailing)
        content = {"html": email.html, "plain_text": email.text}
        return Call("PUT", f"{_path(draft_id)}/content", {key: value for key, value in content.items() if value})


def _safe(mailing: Mailing) -> Email:
    """Return the e-mail with no merge tag in it but the one for leaving."""
    email = for_list(mailing, _HERE)
    return replace(
        email,
        subject=_parted(email.subject),
        html=_BAR.sub("&#124;", email.html).replace(_HERE, _UNSUBSCRIBE),
        text=_parted(email.text).replace(_HERE, _UNSUBSCRIBE),
    )


def _parted(text: str) -> str:
    """Return text without merge tags that looks the same."""
    return _BETWEEN.sub(WORD_JOINER, text)


def _path(draft_id: str) -> str:
    return f"/campaigns/{quote(draft_id, safe='')}"


def _object(reply: Reply) -> Mapping[str, Any]:
    found = parsed(reply.body)
    return found if isinstance(found, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
