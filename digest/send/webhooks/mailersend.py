"""What MailerSend's webhooks tell, signed over the raw body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import header, require_hex
from digest.send.events.reading import event, inside, one_object, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "activity.delivered": EventKind.DELIVERED,
    "activity.soft_bounced": EventKind.DELAYED,
    "activity.hard_bounced": EventKind.BOUNCED,
    "activity.spam_complaint": EventKind.COMPLAINED,
    "activity.unsubscribed": EventKind.UNSUBSCRIBED,
    "activity.opened": EventKind.OPENED,
    "activity.clicked": EventKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/mailersend`."""

    key: Secret
    """The signing secret of the webhook."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what MailerSend did not sign. It signs no time: a repeated request tells nothing new."""
        require_hex(header(posted, "Signature"), self.key, posted.body)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event."""
        each = one_object(parsed(posted.body))
        data = inside(each, "data")
        tags = inside(data, "email", "tags")
        return event(
            _KINDS.get(text(each, "type")),
            address=text(data, "email", "recipient", "email"),
            at=inside(data, "created_at") or each.get("created_at"),
            identity=text(data, "id"),
            issue=next((tag for tag in tags if isinstance(tag, str) and "/" in tag), "")
            if isinstance(tags, list)
            else "",
            message_id=text(data, "email", "message", "id"),
            detail=text(data, "morph", "reason") or text(data, "morph", "readable_reason"),
        )
