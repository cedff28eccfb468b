"""Mail through Mailgun: one form for a batch, in which Mailgun fills in each reader's token (recipient variables).

Mailgun gives one id for the batch, has no idempotency key, and takes a batch as a whole or not at all: a single
malformed address is a 400 for everybody that does not say whose it is. Hence the strict look at addresses here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Email, Mailbox, Recipient, Secret
from digest.send.headers import checked, header_value, wire_address
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, error_text, parsed
from digest.send.http_outcome import Outcome, Reply
from digest.send.look_ups import LookUp
from digest.send.look_ups.mailgun import MailgunLookUp
from digest.send.mailbox_text import mailbox_text, unusual_address, wide_specials
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing

_VARIABLE = "reader"
_TOKEN = f"%recipient.{_VARIABLE}%"
_THEIRS = re.compile(r"%(recipient|(mailing_list_|tag_)?unsubscribe_)[\w.-]*%")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_MOST_OPTIONS = 16_384
"""Octets of everything that begins with o:, h: or v:."""
_SECONDS = re.compile(r"try again after (\d{1,6}) seconds?", re.IGNORECASE)
_LONGEST_WAIT = 3600.0
_WRONG_ADDRESS = b"Mailgun Magnificent API"
"""What Mailgun answers, with 200, where no endpoint is."""

Form = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v3/<domain>/messages`."""

    base_url: str = "https://api.mailgun.net"
    """`https://api.eu.mailgun.net` for domains of the EU region."""
    domain: str = ""
    """The sending domain, as it is called at Mailgun."""
    sandbox: bool = False
    """Mailgun processes the mails and delivers nothing."""
    tracking: bool = False
    """Whether Mailgun rewrites links and adds a pixel to see who opens and clicks."""

    title: ClassVar[str] = "Mailgun"
    most: ClassVar[int] = 1000
    largest: ClassVar[int] = 25_000_000
    settles_after: ClassVar[timedelta | None] = timedelta(hours=1)

    @property
    def path(self) -> str:  # type: ignore[override]  # the path holds an option
        """Return what is added to `base_url`."""
        return f"/v3/{self.domain}/messages"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return the key, and the key as it stands on the line."""
        return (self.api_key, self._login)

    @property
    def _login(self) -> Secret:
        pair = f"api:{self.api_key.value}" if self.api_key.value else ""
        return Secret(self.api_key.variable, base64.b64encode(pair.encode()).decode())

    def problems(self) -> Sequence[str]:
        """Add what is wrong with the domain."""
        # Not super(): a dataclass with slots is another class than the one that its methods were written in.
        found = list(dict.fromkeys(HttpBatch.problems(self)))
        if not _DOMAIN.fullmatch(self.domain):
            found.append("domain must be the sending domain, such as mg.example.com")
        return found

    def refuses(self, reader: Recipient) -> str:
        """Keep out an address that would spoil the batch."""
        return unusual_address(reader.address)

    def inquiry(self) -> LookUp:
        """Return how to ask what became of copies."""
        return MailgunLookUp(self.domain)

    def credentials(self, show: Show) -> Mapping[str, str]:
        """Return the header with the key."""
        return {"Authorization": f"Basic {show(self._login)}"}

    def encoded(self, body: Any) -> tuple[str, bytes]:
        """Return the form as a browser would send it."""
        return "application/x-www-form-urlencoded", urlencode(body, doseq=True).encode()

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> Form:
        """Return the fields of the form; raise TemplateError for what cannot be written."""
        email = outgoing(mailing)
        _refuse_placeholders(email)
        yes = "yes" if self.tracking else "no"
        options: Form = {
            "o:tag": list(dict.fromkeys(("digest", mailing.issue.split("/")[0]))),
            "o:tracking": yes,
            "o:tracking-clicks": "htmlonly" if self.tracking else "no",
            "o:tracking-opens": yes,
            "v:issue": mailing.issue,
            "v:batch": mailing.key,
        }
        if self.sandbox:
            options["o:testmode"] = "yes"
        if mailing.proof:
            options["v:proof"] = "yes"
        if email.reply_to:
            options["h:Reply-To"] = mailbox_text("Reply-To", wide_specials(email.reply_to))
        options |= {f"h:{name}": header_value(name, _filled(value)) for name, value in email.headers}
        if (octets := len(urlencode(options, doseq=True))) > _MOST_OPTIONS:
            raise TemplateError(f"headers and options have {octets:,} octets, Mailgun takes {_MOST_OPTIONS:,}")
        form: Form = {
            "from": mailbox_text("From", wide_specials(email.sender)),
            "to": [mailbox_text("To", wide_specials(Mailbox(reader.address, reader.name))) for reader in readers],
            "subject": checked("Subject", email.subject),
            "text": _filled(email.text),
            "html": _filled(email.html),
            # Without it, every reader would see the addresses of all.
            "recipient-variables": json.dumps(
                {
                    wire_address(reader.address): {_VARIABLE: personalise(READER_TOKEN, token_for(mailing, reader))}
                    for reader in readers
                }
            ),
        }
        return {key: value for key, value in (form | options).items() if value}

    def wait(self, reply: Reply) -> float | None:
        """Return the seconds; Mailgun writes them into its message."""
        found = _SECONDS.search(error_text(reply.body))
        return min(float(found[1]), _LONGEST_WAIT) if found else HttpBatch.wait(self, reply)

    def outcome(self, reply: Reply) -> Outcome:
        """A wrong address has an answer of its own."""
        if reply.status == 200 and _WRONG_ADDRESS in reply.body:
            return Outcome.REFUSED
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Explain Mailgun's answer where no endpoint is."""
        if _WRONG_ADDRESS in reply.body:
            return f"there is no sending domain {self.domain!r} at {self.base_url}"
        return error_text(reply.body)

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the reply means: one id for the batch."""
        said = self.said(reply)
        if not self.succeeded(reply.status):
            return self.not_taken(reply, said)
        found = parsed(reply.body)
        name = found.get("id") if isinstance(found, dict) else None
        if not isinstance(name, str) or not name or not said.startswith("Queued"):
            return self.unclear(reply, said)
        return self.as_a_whole(readers, reply, [name], "test mode: nothing is delivered" if self.sandbox else "")


def _filled(text: str) -> str:
    return text.replace(READER_TOKEN, _TOKEN)


def _refuse_placeholders(email: Email) -> None:
    """Raise TemplateError for words in the mail that Mailgun would replace: it knows no way to write them."""
    for text in (email.subject, email.text, email.html, *(value for _, value in email.headers)):
        if found := _THEIRS.search(text):
            raise TemplateError(
                f"the mail holds {found[0]}, which Mailgun would replace by something of its own",
                fix="write it with a space, or send this issue through another provider",
            )
