"""Mail through Brevo's transactional endpoint: one request a batch, with one version of the mail a reader.

Brevo fills in `{{params.…}}` and takes a batch as a whole or not at all. It remembers a key for half an hour and
refuses a repeat, without saying what became of the first request: then nobody knows who has the mail.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Mailbox, Recipient
from digest.send.headers import checked
from digest.send.http_access import Show
from digest.send.http_batch import (
    HttpBatch,
    error_text,
    mailbox_json,
    parsed,
    personal_headers,
    shared_headers,
)
from digest.send.http_outcome import Outcome, Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.brevo import BrevoLookUp
from digest.send.mailbox_text import unusual_address, wide_specials
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_OPENS = re.compile(r"\{(?=[{%#]|" + re.escape(READER_TOKEN) + ")")
"""A brace with which something would begin in Brevo's template language."""
_REPEATED = "duplicate_parameter"
_NO_CREDIT = "not_enough_credits"


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v3/smtp/email`."""

    base_url: str = "https://api.brevo.com"
    sandbox: bool = False
    """Brevo checks the request, and neither delivers nor logs anything."""

    title: ClassVar[str] = "Brevo"
    path: ClassVar[str] = "/v3/smtp/email"
    most: ClassVar[int] = 1000
    accepted: ClassVar[frozenset[int]] = frozenset({201})
    settles_after: ClassVar[timedelta | None] = timedelta(minutes=30)

    def cautions(self) -> Sequence[str]:
        """Brevo promises to let headers through only when they are none of the standard ones."""
        return (
            "Brevo does not promise to pass on List-Unsubscribe, List-Unsubscribe-Post and List-Id: look at a proof",
            "the name in a List-Id is left out where it is not ASCII, since Brevo would spoil it",
            "whether Brevo rewrites links and counts opens is set in its dashboard, not by us",
        )

    def refuses(self, reader: Recipient) -> str:
        """Keep out an address that would spoil the batch: the refusal would not say whose it is."""
        return unusual_address(reader.address)

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return BrevoLookUp()

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the header with the key."""
        return {"api-key": show(self.api_key)}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        named = {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})}
        headers = _plain(shared_headers(email)) | {"X-Mailin-custom": urlencode(named, safe="/")}
        if self.sandbox:
            headers["X-Sib-Sandbox"] = "drop"
        body: dict[str, Any] = {
            "sender": mailbox_json("From", wide_specials(email.sender)),
            "replyTo": mailbox_json("Reply-To", wide_specials(email.reply_to)) if email.reply_to else None,
            "subject": _as_template(checked("Subject", email.subject)),
            "htmlContent": _as_template(email.html),
            "textContent": _as_template(email.text),
            "headers": headers | {"idempotencyKey": _key(mailing)},
            # The issue is what its events and its list of mails tell our copies by; a proof is none.
            "tags": list(dict.fromkeys(("digest", mailing.issue.split("/")[0], *_issue(mailing)))),
            "messageVersions": [_version(mailing, reader, headers) for reader in readers],
        }
        return {key: value for key, value in body.items() if value}

    def outcome(self, reply: Reply) -> Outcome:
        """Two codes mean something else than their status."""
        if reply.status == 400:
            match _code(reply):
                case code if code == _REPEATED:
                    return Outcome.AMBIGUOUS
                case code if code == _NO_CREDIT:
                    return Outcome.REFUSED
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return the message with its code, which Brevo's documentation explains."""
        return ": ".join(filter(None, (_code(reply), error_text(reply.body))))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the reply means: an id for each version, in order."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        found = found if isinstance(found, dict) else {}
        ids = found.get("messageIds", [found.get("messageId")])
        whole = isinstance(ids, list) and len(ids) == len(readers)
        if not whole or not all(isinstance(each, str) and each for each in ids):
            return self.unclear(reply, f"not an id for each of {len(readers)} readers")
        return self.as_a_whole(readers, reply, ids, "sandbox: nothing is delivered" if self.sandbox else "")


def _issue(mailing: Mailing) -> tuple[str, ...]:
    return () if mailing.proof else (mailing.issue,)


def _version(mailing: Mailing, reader: Recipient, headers: Mapping[str, str]) -> dict[str, Any]:
    to = wide_specials(Mailbox(reader.address, reader.name))
    return {
        "to": [mailbox_json("To", to)],
        "params": {"reader": personalise(READER_TOKEN, token_for(mailing, reader)), "brace": "{"},
        # With those of all readers, should Brevo not merge the headers of both levels.
        "headers": {**headers, **_plain(personal_headers(mailing, reader))},
    }


def _as_template(text: str) -> str:
    """Return `text` for Brevo's template language: with the reader's token, and with braces that stay braces."""
    return _OPENS.sub("{{params.brace}}", text).replace(READER_TOKEN, "{{params.reader}}")


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without encoded-words: Brevo decodes them and sends what no mail program expects, raw UTF-8."""
    found = {}
    for name, value in headers.items():
        if name.lower() == "list-id":
            found[name] = value[value.rindex("<") :] if "=?" in value and "<" in value else value
        elif "=?" in value:
            raise TemplateError(f"the header {name} holds a character that Brevo spoils", fix="write it in ASCII")
        else:
            found[name] = value
    return found


def _key(mailing: Mailing) -> str:
    """Return a UUID for the batch; two proofs of one issue share their key, and the second must arrive, too."""
    key = f"{mailing.key}@{mailing.sent_at.isoformat()}" if mailing.proof else mailing.key
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key))


def _code(reply: Reply) -> str:
    found = parsed(reply.body)
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""
