"""What Amazon SES tells through a topic of SNS, signed by Amazon with a certificate that it names."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from digest.models import EventKind, ProviderEvent
from digest.send.events.keys import fits_rsa, rsa_key_of, unusable
from digest.send.events.proof import require_fresh
from digest.send.events.reading import event, inside, moment, one_object, parsed, text
from digest.send.webhooks import Fetch, Posted, RefusedError

_AMAZON = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_KINDS = {
    "Delivery": (EventKind.DELIVERED, "delivery", "recipients"),
    "DeliveryDelay": (EventKind.DELAYED, "deliveryDelay", "delayedRecipients"),
    "Complaint": (EventKind.COMPLAINED, "complaint", "complainedRecipients"),
    "Bounce": (EventKind.BOUNCED, "bounce", "bouncedRecipients"),
    "Subscription": (EventKind.UNSUBSCRIBED, "subscription", ""),
    "Open": (EventKind.OPENED, "open", ""),
    "Click": (EventKind.CLICKED, "click", ""),
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/ses`."""

    topic: str
    """The topic's ARN: anybody can sign messages with a topic of their own."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        if not self.topic.startswith("arn:"):
            return ["topic must be the ARN of the topic, such as arn:aws:sns:ap-northeast-1:123456789012:digest"]
        return unusable(lambda: None)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what Amazon did not sign for this topic within the last minutes."""
        message = one_object(parsed(posted.body))
        kind = text(message, "Type")
        if posted.headers.get("x-amz-sns-message-type", "") != kind or kind not in _SIGNED:
            raise RefusedError("it is no message of SNS that we know")
        if text(message, "TopicArn") != self.topic:
            raise RefusedError("it is of another topic")
        at = moment(text(message, "Timestamp"))
        require_fresh(str(at.timestamp()) if at else "", now)
        try:
            given = base64.b64decode(text(message, "Signature"), validate=True)
            key = rsa_key_of(fetch(_amazons(text(message, "SigningCertURL"), _CERTIFICATE)))
        except (binascii.Error, ValueError, OSError) as error:
            raise RefusedError(f"its signature cannot be read ({type(error).__name__})") from None
        if not fits_rsa(key, given, _signed(message, _SIGNED[kind]), version=text(message, "SignatureVersion")):
            raise RefusedError("the signature does not fit")

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one message; a topic that asks whether we want to listen is told so."""
        message = one_object(parsed(posted.body))
        if text(message, "Type") == "SubscriptionConfirmation":
            try:
                fetch(_amazons(text(message, "SubscribeURL"), re.compile("/")))
            except OSError as error:
                raise RefusedError(f"the topic could not be confirmed ({type(error).__name__})") from None
            return []
        told = one_object(parsed(text(message, "Message")))
        return _read(told, text(message, "MessageId"))


def _read(told: Mapping[str, Any], identity: str) -> list[ProviderEvent]:
    name = text(told, "eventType") or text(told, "notificationType")
    kind, key, listed = _KINDS.get(name, (None, "", ""))
    about, mail = inside(told, key), inside(told, "mail")
    if name == "Bounce" and text(about, "bounceType") != "Permanent":
        kind = EventKind.DELAYED
    if name == "Subscription" and inside(about, "newTopicPreferences", "unsubscribeAll") is not True:
        kind = None
    whom = inside(about, listed) if listed else inside(mail, "destination")
    tags = inside(mail, "tags", "issue")
    found: list[ProviderEvent] = []
    for each in whom if isinstance(whom, list) else ():
        found += event(
            kind,
            address=each if isinstance(each, str) else text(each, "emailAddress"),
            at=inside(about, "timestamp"),
            identity=f"{identity}/{len(found)}",
            issue=text({"issue": tags[0]}, "issue") if isinstance(tags, list) and tags else "",
            message_id=text(mail, "messageId"),
            detail=text(each, "diagnosticCode") or text(about, "complaintFeedbackType"),
        )
    return found


def _amazons(url: str, path: re.Pattern[str]) -> str:
    """Return an address that is Amazon's; refuse any other, which would be somebody's own key."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if (
        parts.scheme != "https"
        or port
        or parts.username
        or not _AMAZON.fullmatch(host)
        or not path.fullmatch(parts.path)
    ):
        raise RefusedError("it names an address that is not Amazon's")
    return url


def _signed(message: Mapping[str, Any], names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n{text(message, name)}\n" for name in names if name in message).encode()
