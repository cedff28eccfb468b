"""What Postmark's webhooks tell; they are not signed, so a name and password in their address stand for a signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import require_login
from digest.send.events.reading import event, one_object, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "Delivery": (EventKind.DELIVERED, "DeliveredAt"),
    "SpamComplaint": (EventKind.COMPLAINED, "BouncedAt"),
    "Open": (EventKind.OPENED, "ReceivedAt"),
    "Click": (EventKind.CLICKED, "ReceivedAt"),
}
_FOR_EVER = {"HardBounce", "BadEmailAddress"}
_SUPPRESSED = {
    "HardBounce": EventKind.BOUNCED,
    "SpamComplaint": EventKind.COMPLAINED,
    "ManualSuppression": EventKind.UNSUBSCRIBED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/postmark`."""

    password: Secret
    user: str = "digest"

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.password)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse without the name and password."""
        require_login(posted, self.user, self.password)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event."""
        each = one_object(parsed(posted.body))
        kind, at = _kind(text(each, "RecordType"), text(each, "Type"), each.get("SuppressSending") is True, each)
        return event(
            kind,
            address=text(each, "Email") or text(each, "Recipient"),
            at=each.get(at),
            issue=text(each, "Metadata", "issue"),
            message_id=text(each, "MessageID"),
            detail=text(each, "Details") or text(each, "Description") or text(each, "SuppressionReason"),
        )


def _kind(record: str, way: str, suppresses: bool, each: object) -> tuple[EventKind | None, str]:
    if record == "Bounce":
        return (EventKind.BOUNCED if way in _FOR_EVER else EventKind.DELAYED), "BouncedAt"
    if record == "SubscriptionChange":
        return (_SUPPRESSED.get(text(each, "SuppressionReason")) if suppresses else None), "ChangedAt"
    return _KINDS.get(record, (None, ""))
