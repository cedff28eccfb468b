"""Mail through Amazon SES: SendBulkEmail of the v2 API, with the mail as a template that comes along in the request.

Every reader has an answer of their own in the reply, even when the request as a whole succeeded. What SES says of our
account, sender or configuration there stops the issue and rejects nobody. SES has no idempotency key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from digest.errors import TemplateError
from digest.models import READER_TOKEN, Delivery, DeliveryState, Email, Mailbox, Recipient, Secret
from digest.send.curly import in_curly
from digest.send.headers import checked, mailbox_line, wire_address
from digest.send.http_access import Show
from digest.send.http_batch import HttpBatch, entries, error_text, parsed, personal_headers, shared_headers
from digest.send.http_outcome import Outcome, Reply
from digest.send.mime import outgoing, personalise, token_for
from digest.send.providers import Answer, Mailing, Verdict
from digest.send.sigv4 import Signer, amazon_date

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_MOST_HEADERS = 15
_LONGEST_HEADER = 995
_LONGEST_ADDRESS = 320
"""Characters of a name with its address; SES refuses a longer one."""
_LITERAL = {"{": "{{open}}", "}": "{{close}}", "\\": "{{slash}}"}
_BRACES = {"open": "{", "close": "}", "slash": "\\"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Provider(HttpBatch):
    """Post batches to `/v2/email/outbound-bulk-emails`; `api_key` is the secret access key."""

    batch_limit: int = 50
    access_key_id: Secret | None = None
    region: str = ""
    """Where the account sends from: `ap-northeast-1`; `base_url` follows from it."""
    configuration_set: str = ""
    """For events, dedicated addresses and tracking, as set up in the account."""
    session_token: Secret | None = None
    """Goes with temporary keys."""
    tracking: bool = False
    """Whether SES rewrites links and adds a pixel to see who opens and clicks."""
    clock: Callable[[], datetime] = field(default=_now, kw_only=True, repr=False)
    """A signature is good for five minutes around its time."""

    title: ClassVar[str] = "Amazon SES"
    path: ClassVar[str] = "/v2/email/outbound-bulk-emails"
    most: ClassVar[int] = 50
    # "Each input JSON file can be up to 1 MB in size, including both the text and HTML parts" for inline templates:
    # https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
    largest: ClassVar[int] = 1_000_000

    def __post_init__(self) -> None:
        if not self.base_url and _REGION.fullmatch(self.region):
            object.__setattr__(self, "base_url", f"https://email.{self.region}.amazonaws.com")

    def problems(self) -> Sequence[str]:
        """Say what is missing; the region is part of every signature, whatever `base_url` says."""
        found = list(HttpBatch.problems(self))
        if self.access_key_id is None:
            found.append('access_key_id is missing: write "env:AWS_ACCESS_KEY_ID"')
        if not _REGION.fullmatch(self.region):
            found = [each for each in found if self.base_url or not each.startswith("base_url")]
            found.append(f"region must look like ap-northeast-1, not {self.region!r}")
        return found

    def authorized(self, headers: Mapping[str, str], content: bytes, show: Show) -> dict[str, str]:
        """Return the headers with the signature; for people the name of the key stands in its place."""
        at = self.clock()
        key_id = show(self.access_key_id) if self.access_key_id else ""
        signer = Signer(key_id, self.api_key.value, self.region, "ses")
        signed = {
            "Content-Type": headers["Content-Type"],
            "Host": urlsplit(self.url).netloc,
            "X-Amz-Date": amazon_date(at),
            **({"X-Amz-Security-Token": show(self.session_token)} if self.session_token else {}),
        }
        shown = show(self.api_key)
        signature = signer.signature("POST", self.url, signed, content, at) if shown == self.api_key.value else shown
        return {**headers, **signed, "Authorization": signer.authorization(signed, at, signature)}

    def body(self, mailing: Mailing, readers: Sequence[Recipient]) -> dict[str, Any]:
        """Return the JSON for some readers of a mailing; raise TemplateError for a header that cannot be written."""
        email = outgoing(mailing)
        shared = _headers(shared_headers(email))
        tracked = "ENABLED" if self.tracking else "DISABLED"
        found: dict[str, Any] = {
            "FromEmailAddress": _mailbox("From", email.sender),
            "ReplyToAddresses": [_mailbox("Reply-To", email.reply_to)] if email.reply_to else None,
            "DefaultEmailTags": _tags(mailing),
            "DefaultContent": {
                "Template": {"TemplateContent": _template(email), "TemplateData": _data(""), "Headers": shared}
            },
            "BulkEmailEntries": [_entry(mailing, reader, len(shared)) for reader in readers],
            "ConfigurationSetName": self.configuration_set,
            "ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": tracked, "ClickTrackingEnabled": tracked}},
        }
        return {key: value for key, value in found.items() if value}

    def outcome(self, reply: Reply) -> Outcome:
        """A throttled request is not sent; with the day's quota used up, a person has to look."""
        if "Throttling" in _exception(reply) or reply.status == 429:
            spent = "daily" in error_text(reply.body).lower()
            return Outcome.REFUSED if spent else Outcome.NOT_SENT
        return HttpBatch.outcome(self, reply)

    def said(self, reply: Reply) -> str:
        """Return the name of the exception and its words."""
        return ": ".join(filter(None, (_exception(reply), error_text(reply.body))))

    def told(self, readers: Sequence[Recipient], reply: Reply) -> Answer:
        """Return what the results say, one for each entry in order."""
        if not self.succeeded(reply.status):
            return self.not_taken(reply, self.said(reply))
        found = parsed(reply.body)
        results = entries(found.get("BulkEmailEntryResults")) if isinstance(found, dict) else []
        if len(results) != len(readers):
            return self.unclear(reply, f"{len(results)} results for {len(readers)} readers")
        sent = any(each.get("Status") == "SUCCESS" for each in results)
        told = tuple(self._delivery(reader, each, sent) for reader, each in zip(readers, results, strict=True))
        ours = [_said(each) for each in results if _about_us(each, sent)]
        later = [_said(each) for each in results if each.get("Status") == "ACCOUNT_THROTTLED"]
        others = [each.error for each in told if each.error]
        verdict = Verdict.REFUSED if ours else Verdict.NOT_SENT if later else Verdict.ANSWERED
        detail = self.retold(reply, (ours or later)[0]) if ours or later else (others or [""])[0]
        return Answer(verdict, told, detail=detail, http_status=reply.status)

    def _delivery(self, reader: Recipient, result: Mapping[str, Any], sent: bool) -> Delivery:
        status, why = result.get("Status"), self.retold(Reply(200, {}), _said(result))
        if status == "SUCCESS":
            return Delivery(reader, DeliveryState.ACCEPTED, message_id=str(result.get("MessageId") or ""))
        if status == "ACCOUNT_THROTTLED" or _about_us(result, sent):
            return Delivery(reader, DeliveryState.PENDING)
        if status == "TRANSIENT_FAILURE":
            return Delivery(reader, DeliveryState.PENDING, error=why)
        state = DeliveryState.REJECTED if status in _OF_THE_READER else DeliveryState.UNKNOWN
        return Delivery(reader, state, error=why)


_OF_THE_READER = {"MESSAGE_REJECTED", "INVALID_PARAMETER"}
_OF_US = {
    "MAIL_FROM_DOMAIN_NOT_VERIFIED", "CONFIGURATION_SET_NOT_FOUND", "TEMPLATE_NOT_FOUND", "ACCOUNT_SUSPENDED",
    "ACCOUNT_DAILY_QUOTA_EXCEEDED", "INVALID_SENDING_POOL_NAME", "ACCOUNT_SENDING_PAUSED",
    "CONFIGURATION_SET_SENDING_PAUSED",
}  # fmt: skip


def _about_us(result: Mapping[str, Any], sent: bool) -> bool:
    """Tell whether a result means the account or the mail and not its reader.

    A mail that was taken for somebody is good, and so is our account, unless it may write to verified addresses only.
    """
    if result.get("Status") not in _OF_THE_READER:
        return result.get("Status") in _OF_US
    words = str(result.get("Error") or "").lower()
    return "not verified" in words or not (sent or "address" in words)


def _said(result: Mapping[str, Any]) -> str:
    return ": ".join(str(result[key]) for key in ("Status", "Error") if result.get(key))


def _exception(reply: Reply) -> str:
    """Return the name of the exception in the reply, which may be followed by an address."""
    return reply.headers.get("x-amzn-errortype", "").split(":")[0]


def _template(email: Email) -> dict[str, str]:
    parts = {"Subject": checked("Subject", email.subject), "Text": email.text, "Html": email.html}
    return {key: in_curly(value, "{{reader}}", _LITERAL) for key, value in parts.items() if value}


def _data(token: str) -> str:
    # A variable without a value is a rendering failure: SES accepts the mail and never sends it.
    return json.dumps({"reader": token, **_BRACES})


def _entry(mailing: Mailing, reader: Recipient, shared: int) -> dict[str, Any]:
    token = personalise(READER_TOKEN, token_for(mailing, reader))
    headers = _headers(personal_headers(mailing, reader))
    if shared + len(headers) > _MOST_HEADERS:
        raise TemplateError(f"the e-mail has {shared + len(headers)} headers, Amazon SES takes {_MOST_HEADERS}")
    to = _mailbox("To", Mailbox(reader.address, reader.name))
    found = {
        "Destination": {"ToAddresses": [to if len(to) <= _LONGEST_ADDRESS else wire_address(reader.address)]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": _data(token)}},
        "ReplacementHeaders": headers,
    }
    return {key: value for key, value in found.items() if value}


def _headers(found: Mapping[str, str]) -> list[dict[str, str]]:
    for name, value in found.items():
        if len(value) > _LONGEST_HEADER:
            raise TemplateError(f"the header {name} has more than {_LONGEST_HEADER} characters", fix="shorten it")
    return [{"Name": name, "Value": value} for name, value in found.items() if value]


def _tags(mailing: Mailing) -> list[dict[str, str]]:
    """Return what events name: SES takes ASCII letters, digits, `_` and `-` only."""
    found = {"issue": mailing.issue, "batch": mailing.key, **({"proof": "yes"} if mailing.proof else {})}
    return [{"Name": name, "Value": re.sub(r"[^A-Za-z0-9_-]", "_", value)[:256]} for name, value in found.items()]


def _mailbox(header: str, mailbox: Mailbox) -> str:
    """Return a mailbox on one line of ASCII, its name encoded: SES does not do that itself."""
    return mailbox_line(header, mailbox).decode().replace("\r\n", "").removeprefix(f"{header}: ")
