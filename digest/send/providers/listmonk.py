"""Mail through a listmonk of one's own: a campaign is created as a draft and started by its id.

A campaign is a Go template. Everything that we say stands in it as quoted text, so that listmonk neither finds tags of
its own in posts nor takes comments out of the HTML, and its own page template is not put around the mail. Read in the
source of listmonk 6 (`models/campaigns.go`, `cmd/campaigns.go`, `internal/core/campaigns.go`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from digest.errors import ProviderError
from digest.models import Email
from digest.send.drafts import Call, Standing, draft_name, for_list, list_name
from digest.send.headers import checked, mailbox_line
from digest.send.http_access import Show
from digest.send.http_batch import parsed, shared_headers
from digest.send.http_list import HttpList
from digest.send.http_outcome import Reply
from digest.send.mailbox_text import mailbox_text
from digest.send.providers import LIST, Mailing

_UNSUBSCRIBE = "{{ UnsubscribeURL }}"
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}unsubscribe\N{OBJECT REPLACEMENT CHARACTER}"
_CODE_SIGNS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "{}@"})
"""Listmonk looks for `{{ … }}` and `@TrackLink` before it reads the template."""
_STANDINGS = {
    "draft": Standing.DRAFT,
    "scheduled": Standing.ON_ITS_WAY,
    "running": Standing.ON_ITS_WAY,
    "finished": Standing.ON_ITS_WAY,
    "paused": Standing.STOPPED,
    "cancelled": Standing.STOPPED,
}
_BARE = "visual"
"""The type of content that listmonk sends without a page template around it, since version 5."""


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make campaigns at `/api/campaigns`."""

    user: str = ""
    """The name of the API user whose token `api_key` is."""

    title: ClassVar[str] = "listmonk"
    accepted: ClassVar[frozenset[int]] = frozenset({200})
    gone: ClassVar[frozenset[int]] = frozenset({400, 404, 410})
    """400 is how it says that it has no such campaign."""

    def problems(self) -> Sequence[str]:
        """Say besides that a token belongs to a user."""
        found = list(HttpList.problems(self))
        if not (self.user and self.user.isascii() and self.user.isprintable()) or {":", " "} & set(self.user):
            found.append("user must be the name of an API user of listmonk (Admin → Users)")
        return found

    def cautions(self) -> Sequence[str]:
        """Leaving is a matter between readers and listmonk."""
        return (
            "listmonk writes List-Unsubscribe itself: who leaves by its links is known to listmonk only",
            "a proof reaches those who are subscribers of that listmonk, and nobody else",
        )

    def mistake_in(self, list_name: str) -> str:
        """A list has a number."""
        if list_name.isascii() and list_name.isdecimal():
            return ""
        return f"{LIST} needs the number of a list in listmonk, such as {LIST}3"

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the token of an API user."""
        return {"Authorization": f"token {self.user}:{show(self.api_key)}"}

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request for a campaign, which is a draft at first."""
        return Call("POST", "/api/campaigns", self._campaign(mailing))

    def draft_id(self, reply: Reply) -> str:
        """Return the number; raise ProviderError when this listmonk would put its own page around the mail."""
        campaign = _data(reply)
        if isinstance(campaign.get("id"), int) and campaign.get("content_type") != _BARE:
            raise ProviderError(
                f"this listmonk does not know campaigns of the type {_BARE!r} and would put its page around the mail",
                fix="update listmonk to version 5 or later, and delete the draft that is there now",
            )
        return _id(campaign)

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for drafts with this content."""
        # Listmonk searches for words, and a path is none: the beginning of the fingerprint is.
        word = mailing.email.fingerprint[:12]
        return Call("GET", f"/api/campaigns?query={word}&status=draft&no_body=true&per_page=all")

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the draft that goes to this list under this name."""
        results = _data(reply).get("results")
        for campaign in results if isinstance(results, list) else []:
            if isinstance(campaign, dict) and _is_draft_of(campaign, mailing):
                return _id(campaign)
        return ""

    def sending(self, draft_id: str) -> Call:
        """Return the request that starts a campaign; listmonk starts drafts and paused ones only."""
        return Call("PUT", f"{_path(draft_id)}/status", {"status": "running"})

    def asking(self, draft_id: str) -> Call:
        """Return the request for a campaign, without its body."""
        return Call("GET", f"{_path(draft_id)}?no_body=true")

    def standing(self, reply: Reply) -> Standing:
        """Return what its status says; a campaign that somebody scheduled goes out by itself."""
        return _STANDINGS.get(str(_data(reply).get("status")), Standing.UNCLEAR)

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return a test for each person: of several, listmonk would silently leave out whom it does not know."""
        campaign = self._campaign(mailing)
        return [
            Call("POST", f"{_path(draft_id)}/test", {**campaign, "subscribers": [person.address]})
            for person in mailing.recipients
        ]

    def removing(self, draft_id: str) -> Call:
        """Return the request that deletes a campaign."""
        return Call("DELETE", _path(draft_id))

    def _campaign(self, mailing: Mailing) -> dict[str, Any]:
        email = for_list(mailing, _MARK)
        campaign = {
            "name": draft_name(mailing),
            "subject": _line(checked("Subject", email.subject)),
            "lists": [int(self.list_of(mailing))],
            "from_email": mailbox_text("From", email.sender),
            "type": "regular",
            "content_type": _BARE,
            "body": _document(email.html),
            "altbody": _document(email.text) if email.text else None,
            "messenger": "email",
            "headers": [{name: _line(value)} for name, value in _headers(email).items()],
        }
        return {key: value for key, value in campaign.items() if value}


def _headers(email: Email) -> dict[str, str]:
    headers = shared_headers(email)
    if email.reply_to:
        line = mailbox_line("Reply-To", email.reply_to).decode()
        headers["Reply-To"] = " ".join(line.removeprefix("Reply-To:").split())
    return headers


def _document(text: str) -> str:
    """Return a template that yields `text`, with each reader's own link where the mark stands."""
    return _UNSUBSCRIBE.join(f"{{{{ Safe {_quoted(piece)} }}}}" if piece else "" for piece in text.split(_MARK))


def _line(text: str) -> str:
    """Return a subject or a header that yields `text`: a template only where it would be taken for one."""
    return f"{{{{ {_quoted(text)} }}}}" if "{{" in text else text


def _quoted(text: str) -> str:
    """Return a string of the Go language: one of JSON is, too."""
    return json.dumps(text, ensure_ascii=False).translate(_CODE_SIGNS)


def _is_draft_of(campaign: Mapping[str, Any], mailing: Mailing) -> bool:
    lists = campaign.get("lists")
    ids = [each.get("id") for each in lists if isinstance(each, dict)] if isinstance(lists, list) else []
    return (
        campaign.get("name") == draft_name(mailing)
        and campaign.get("status") == "draft"
        and campaign.get("content_type") == _BARE
        and list(map(str, ids)) == [list_name(mailing)]
    )


def _path(draft_id: str) -> str:
    return f"/api/campaigns/{quote(draft_id, safe='')}"


def _data(reply: Reply) -> Mapping[str, Any]:
    found = parsed(reply.body)
    data = found.get("data") if isinstance(found, dict) else None
    return data if isinstance(data, dict) else {}


def _id(campaign: Mapping[str, Any]) -> str:
    number = campaign.get("id")
    return str(number) if type(number) is int else ""
