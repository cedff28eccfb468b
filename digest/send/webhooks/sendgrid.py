"""What SendGrid's Event Webhook tells, signed with a key of its own (ECDSA over P-256)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.keys import ecdsa_key, fits, unusable
from digest.send.events.proof import header, require_fresh
from digest.send.events.reading import event, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, RefusedError, missing

_KINDS = {
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DELAYED,
    "bounce": EventKind.BOUNCED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}
_DROPPED = {
    "bounced address": EventKind.BOUNCED,
    "spam reporting address": EventKind.COMPLAINED,
    "unsubscribed address": EventKind.UNSUBSCRIBED,
}
"""Why SendGrid did not even try."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/sendgrid`."""

    key: Secret
    """The verification key that SendGrid shows when the signature is switched on."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.key) or unusable(lambda: ecdsa_key(self.key.value), self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what SendGrid did not sign within the last minutes."""
        timestamp = header(posted, "X-Twilio-Email-Event-Webhook-Timestamp")
        require_fresh(timestamp, now)
        try:
            given = base64.b64decode(header(posted, "X-Twilio-Email-Event-Webhook-Signature"), validate=True)
        except binascii.Error:
            raise RefusedError("the signature is no base64") from None
        if not fits(ecdsa_key(self.key.value), given, timestamp.encode() + posted.body):
            raise RefusedError("the signature does not fit")

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read a list of events; our custom arguments stand among their fields."""
        found: list[ProviderEvent] = []
        for each in objects(parsed(posted.body)):
            said = text(each, "reason") or text(each, "response") or text(each, "status")
            found += event(
                _kind(text(each, "event"), text(each, "type"), text(each, "reason")),
                address=text(each, "email"),
                at=each.get("timestamp"),
                identity=text(each, "sg_event_id"),
                issue=text(each, "issue"),
                message_id=text(each, "sg_message_id"),
                detail=said,
            )
        return found


def _kind(name: str, way: str, reason: str) -> EventKind | None:
    if name == "bounce" and way == "blocked":  # by the receiving server, this time
        return EventKind.DELAYED
    if name == "dropped":
        return _DROPPED.get(reason.strip().lower(), EventKind.DELAYED)
    return _KINDS.get(name)
