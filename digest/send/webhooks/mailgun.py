"""What Mailgun's webhooks tell, signed over a time and a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import require_fresh, require_hex
from digest.send.events.reading import event, inside, one_object, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "delivered": EventKind.DELIVERED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "opened": EventKind.OPENED,
    "clicked": EventKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/mailgun`."""

    key: Secret
    """The HTTP webhook signing key; it is not the API key."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what Mailgun did not sign within the last minutes."""
        # Mailgun signs a time and a token, not the event: events may be no more than believed, never paid for.
        signature = inside(parsed(posted.body), "signature")
        timestamp = text(signature, "timestamp")
        require_hex(text(signature, "signature"), self.key, (timestamp + text(signature, "token")).encode())
        require_fresh(timestamp, now)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event."""
        each = one_object(inside(parsed(posted.body), "event-data"))
        status = inside(each, "delivery-status")
        return event(
            _kind(text(each, "event"), text(each, "severity")),
            address=text(each, "recipient"),
            at=each.get("timestamp"),
            identity=text(each, "id"),
            issue=text(each, "user-variables", "issue"),
            message_id=text(each, "message", "headers", "message-id"),
            detail=text(status, "message") or text(status, "description") or text(each, "reason"),
        )


def _kind(name: str, severity: str) -> EventKind | None:
    if name == "failed":
        return EventKind.BOUNCED if severity == "permanent" else EventKind.DELAYED
    return _KINDS.get(name)
