"""What Mailjet's Event API tells; it is not signed, so a name and password in its address stand for a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import require_login
from digest.send.events.reading import event, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, RefusedError, missing

_KINDS = {
    "sent": EventKind.DELIVERED,
    "blocked": EventKind.DELAYED,
    "spam": EventKind.COMPLAINED,
    "unsub": EventKind.UNSUBSCRIBED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/mailjet`."""

    password: Secret
    user: str = "digest"

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.password)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse without the name and password."""
        require_login(posted, self.user, self.password)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event, or a list of them."""
        found: list[ProviderEvent] = []
        for each in objects(parsed(posted.body)):
            found += event(
                _kind(each),
                address=text(each, "email"),
                at=each.get("time"),
                issue=_issue(text(each, "Payload")),
                message_id=text(each, "Message_GUID") or text(each, "MessageID"),
                detail=text(each, "comment") or text(each, "error"),
            )
        return found


def _kind(each: Mapping[str, Any]) -> EventKind | None:
    if text(each, "event") == "bounce":
        return EventKind.BOUNCED if each.get("hard_bounce") is True else EventKind.DELAYED
    return _KINDS.get(text(each, "event"))


def _issue(payload: str) -> str:
    """Our own words come back as they were given: JSON, or nothing."""
    try:
        return text(parsed(payload), "issue") if payload else ""
    except RefusedError:
        return ""
