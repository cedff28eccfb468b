"""What Resend's webhooks tell, signed in the way of Svix."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import header, hmac_bytes, require_any, require_fresh
from digest.send.events.reading import event, inside, one_object, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "email.delivered": EventKind.DELIVERED,
    "email.delivery_delayed": EventKind.DELAYED,
    "email.failed": EventKind.DELAYED,
    "email.suppressed": EventKind.BOUNCED,
    "email.complained": EventKind.COMPLAINED,
    "email.opened": EventKind.OPENED,
    "email.clicked": EventKind.CLICKED,
}
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/resend`."""

    key: Secret
    """The signing secret; it begins with `whsec_`."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        if self.key.value and self._key() is None:
            return [f"{self.key.variable} holds no signing secret (it begins with {_PREFIX})"]
        return missing(self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what Resend did not sign within the last minutes."""
        identity, timestamp = header(posted, "svix-id"), header(posted, "svix-timestamp")
        require_fresh(timestamp, now)
        signed = f"{identity}.{timestamp}.".encode() + posted.body
        given = [each[3:] for each in header(posted, "svix-signature").split() if each.startswith("v1,")]
        require_any(given, hmac_bytes(self._key() or b"", signed))

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event; it may be about several addresses."""
        each = one_object(parsed(posted.body))
        data = inside(each, "data")
        to, identity = inside(data, "to"), posted.headers.get("svix-id", "")
        found: list[ProviderEvent] = []
        for address in to if isinstance(to, list) else [text(data, "email")]:
            found += event(
                _kind(text(each, "type"), text(data, "bounce", "type"), data),
                address=str(address),
                at=each.get("created_at"),
                identity=f"{identity}/{len(found)}",
                issue=_tag(inside(data, "tags"), "issue"),
                message_id=text(data, "email_id"),
                detail=text(data, "bounce", "message") or text(data, "failed", "reason"),
            )
        return found

    def _key(self) -> bytes | None:
        try:
            found = base64.b64decode(self.key.value.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            return None
        return found if self.key.value.startswith(_PREFIX) and found else None


def _kind(name: str, way: str, data: object) -> EventKind | None:
    if name == "email.bounced":
        return EventKind.DELAYED if way.lower() == "transient" else EventKind.BOUNCED
    if name == "contact.updated":
        return EventKind.UNSUBSCRIBED if inside(data, "unsubscribed") is True else None
    return _KINDS.get(name)


def _tag(tags: object, name: str) -> str:
    """Tags come as an object, and came as a list of names and values."""
    if isinstance(tags, list):
        tags = {text(each, "name"): text(each, "value") for each in tags}
    return text(tags, name)
