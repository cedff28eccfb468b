"""Mail to the subscribers of a newsletter at Buttondown: an email is made as a draft, and published by its id.

Buttondown renders the body as a Django template. Fields, statuses and limits are those of its own API description and
documentation (`buttondown/docs`), version 2026-04-01.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from digest.models import Email
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Call, Standing, draft_name, for_list
from digest.send.headers import wire_address
from digest.send.http_access import Show
from digest.send.http_batch import entries, error_text, mailbox_json, parsed
from digest.send.http_list import HttpList
from digest.send.http_outcome import Reply
from digest.send.providers import LIST, Mailing

_VERSION = "2026-04-01"
_EVERYBODY = "all"
_TAG = re.compile(r"(sub_)?tag_[0-9A-Za-z-]{20,40}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HTML_MODE = "<!-- buttondown-editor-mode: fancy -->"
"""Else Buttondown guesses, and may take the HTML for Markdown."""
_UNSUBSCRIBE = "{{ unsubscribe_url }}"
_HERE = "\0unsubscribe\0"
"""Stands for Buttondown's own variable until all others are made safe; no mail holds it."""
_OPENS = re.compile(rf"\{{(?=[{{%#]|{_HERE})")
_BRACE = "{% templatetag openbrace %}"
"""How a Django template says a brace, without quotes that could end an attribute."""
_NAMED = "digest"
"""The key of our name for a draft in Buttondown's metadata: an email there has no name besides its subject."""
_STANDINGS = {
    "draft": Standing.DRAFT,
    "about_to_send": Standing.ON_ITS_WAY,
    "scheduled": Standing.ON_ITS_WAY,
    "in_flight": Standing.ON_ITS_WAY,
    "throttled": Standing.ON_ITS_WAY,
    "sent": Standing.ON_ITS_WAY,
    "resending": Standing.ON_ITS_WAY,
    "paused": Standing.STOPPED,
    "errored": Standing.STOPPED,
    "suppressed": Standing.STOPPED,
    "deleted": Standing.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Provider(HttpList):
    """Make emails at `/v1/emails`."""

    base_url: str = "https://api.buttondown.com"
    archive: bool = False
    """Whether the issue is shown in Buttondown's own public archive, too."""

    title: ClassVar[str] = "Buttondown"
    accepted: ClassVar[frozenset[int]] = frozenset({200, 201, 204})

    def cautions(self) -> Sequence[str]:
        """Much is a setting of the newsletter at Buttondown."""
        return (
            "From and Reply-To are those of the newsletter at Buttondown, whatever the mail says",
            "Buttondown takes no headers and no text part: List-Unsubscribe, List-Id and a text part are its own",
            "whether Buttondown rewrites links and counts opens is set in its dashboard, not by us",
            "the mail leaves without Buttondown's page around it (its template naked), which needs a plan with that",
            "in a subject, an invisible sign parts {{ of posts, else Buttondown might fill it in",
        )

    def mistake_in(self, list_name: str) -> str:
        """All subscribers, or those with a tag."""
        if list_name == _EVERYBODY or _TAG.fullmatch(list_name):
            return ""
        return f"{LIST} needs the id of a tag at Buttondown, or all: {LIST}{_EVERYBODY}"

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the header with the key."""
        return {"Authorization": f"Token {show(self.api_key)}"}

    def more_headers(self, call: Call, mailing: Mailing) -> Mapping[str, str]:
        """Two proofs of one issue share their key, and the second must arrive, too; each call has its own."""
        version = {"X-API-Version": _VERSION}
        if call.method != "POST":
            return version
        proof = mailing.sent_at.isoformat() if mailing.proof else ""
        key = "\0".join((mailing.key, proof, mailing.email.fingerprint, call.path))
        return {**version, "X-Idempotency-Key": hashlib.sha256(key.encode()).hexdigest()}

    def drafting(self, mailing: Mailing) -> Call:
        """Return the request for an email as a draft; Buttondown would send it at once if we did not say so."""
        email = _safe(mailing)
        mailbox_json("From", email.sender)  # it does not leave, and is as wrong as elsewhere
        name = self.list_of(mailing)
        body: dict[str, Any] = {
            "subject": email.subject,
            "body": _HTML_MODE + email.html,
            "status": "draft",
            "template": "naked",
            "archival_mode": "enabled" if self.archive else "disabled",
            "commenting_mode": "disabled",
            "metadata": {_NAMED: draft_name(mailing)},
        }
        if name != _EVERYBODY:
            tagged = {"field": "subscriber.tags", "operator": "contains", "value": name}
            body["filters"] = {"filters": [tagged], "groups": [], "predicate": "and"}
        return Call("POST", "/v1/emails", body)

    def draft_id(self, reply: Reply) -> str:
        """Return the id of the email."""
        return _text(_object(reply), "id")

    def sending(self, draft_id: str) -> Call:
        """Return the request that publishes an email now."""
        return Call("POST", f"{_path(draft_id)}/publish", {})

    def asking(self, draft_id: str) -> Call:
        """Return the request for an email."""
        return Call("GET", _path(draft_id))

    def standing(self, reply: Reply) -> Standing:
        """Return what its status says; an email that somebody scheduled goes out by itself."""
        return _STANDINGS.get(_text(_object(reply), "status"), Standing.UNCLEAR)

    def searching(self, mailing: Mailing) -> Call:
        """Return the request for the youngest drafts with this subject."""
        query = {
            "status": "draft",
            "subject": _safe(mailing).subject,
            "ordering": "-creation_date",
            "excluded_fields": "body",
        }
        return Call("GET", f"/v1/emails?{urlencode(query)}")

    def found(self, reply: Reply, mailing: Mailing) -> str:
        """Return the draft with our name in its metadata, for the same subscribers."""
        for each in entries(_object(reply).get("results")):
            metadata = each.get("metadata")
            named = metadata.get(_NAMED) if isinstance(metadata, dict) else None
            if (
                each.get("status") == "draft"
                and named == draft_name(mailing)
                and _goes_to(each) == self.list_of(mailing)
            ):
                return _text(each, "id")
        return ""

    def proving(self, mailing: Mailing, draft_id: str) -> Sequence[Call]:
        """Return the request that sends a draft to some people."""
        people = [wire_address(person.address) for person in mailing.recipients]
        return (Call("POST", f"{_path(draft_id)}/send-draft", {"recipients": people}),)

    def removing(self, draft_id: str) -> Call:
        """Return the request that deletes an email."""
        return Call("DELETE", _path(draft_id))

    def said(self, reply: Reply) -> str:
        """Return the code and the sentence of an error, or what a validation found."""
        found = _object(reply)
        wrong = [_text(each, "msg") for each in entries(found.get("detail"))]
        return ": ".join(filter(None, (_text(found, "code"), error_text(reply.body)))) or "; ".join(filter(None, wrong))


def _safe(mailing: Mailing) -> Email:
    """Return the e-mail with no template in it but the reader's own link."""
    email = for_list(mailing, _HERE)
    return replace(
        email,
        # Not known is whether a subject is a template: this looks the same in either case.
        subject=re.sub(r"(?<=\{)(?=[{%#])", WORD_JOINER, email.subject),
        html=_OPENS.sub(_BRACE, email.html).replace(_HERE, _UNSUBSCRIBE),
    )


def _goes_to(found: Mapping[str, Any]) -> str:
    """Return the list that an email is for, as `audience` names it; empty for other filters than ours."""
    filters = found.get("filters")
    group = filters if isinstance(filters, dict) else {}
    tagged = entries(group.get("filters"))
    if not tagged and not group.get("groups"):
        return _EVERYBODY
    (first, *more) = tagged or [{}]
    ours = first.get("field") == "subscriber.tags" and first.get("operator") == "contains"
    return _text(first, "value") if ours and not more and not group.get("groups") else ""


def _path(draft_id: str) -> str:
    return f"/v1/emails/{quote(draft_id, safe='')}"


def _object(reply: Reply) -> Mapping[str, Any]:
    found = parsed(reply.body)
    return found if isinstance(found, dict) else {}


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
