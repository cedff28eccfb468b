"""What Mailtrap's webhooks tell, signed over the raw body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import header, require_hex
from digest.send.events.reading import event, inside, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "delivery": EventKind.DELIVERED,
    "soft bounce": EventKind.DELAYED,
    "reject": EventKind.DELAYED,
    "suspension": EventKind.DELAYED,
    "bounce": EventKind.BOUNCED,
    "spam": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/mailtrap`."""

    key: Secret
    """The signature key of the webhook."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what Mailtrap did not sign. It signs no time: a repeated request tells nothing new."""
        require_hex(header(posted, "Mailtrap-Signature"), self.key, posted.body)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read a list of events."""
        found: list[ProviderEvent] = []
        for each in objects(inside(parsed(posted.body), "events")):
            found += event(
                _KINDS.get(text(each, "event").replace("_", " ")),
                address=text(each, "email"),
                at=each.get("timestamp"),
                identity=text(each, "event_id"),
                issue=text(each, "custom_variables", "issue"),
                message_id=text(each, "message_id"),
                detail=text(each, "response") or text(each, "reason"),
            )
        return found
