"""What SparkPost's webhooks tell; they are not signed, so a name and password stand for a signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import require_login
from digest.send.events.reading import event, inside, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, missing

_KINDS = {
    "delivery": EventKind.DELIVERED,
    "delay": EventKind.DELAYED,
    "policy_rejection": EventKind.DELAYED,
    "spam_complaint": EventKind.COMPLAINED,
    "list_unsubscribe": EventKind.UNSUBSCRIBED,
    "link_unsubscribe": EventKind.UNSUBSCRIBED,
    "open": EventKind.OPENED,
    "initial_open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}
_FOR_EVER = {"10", "30", "90"}
"""SparkPost's classes of bounces: no such mailbox, no such domain, unsubscribed by its server."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/sparkpost`."""

    password: Secret
    user: str = "digest"

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.password)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse without the name and password."""
        require_login(posted, self.user, self.password)

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read a list of events; an empty one is SparkPost's try whether we are there."""
        found: list[ProviderEvent] = []
        for each in objects(parsed(posted.body)):
            told = inside(each, "msys")
            for one in objects(list(told.values())) if isinstance(told, dict) else ():
                found += event(
                    _kind(text(one, "type"), text(one, "bounce_class")),
                    address=text(one, "rcpt_to"),
                    at=one.get("timestamp"),
                    identity=text(one, "event_id"),
                    issue=text(one, "rcpt_meta", "issue"),
                    message_id=text(one, "transmission_id"),
                    detail=text(one, "raw_reason") or text(one, "reason"),
                )
        return found


def _kind(name: str, bounce_class: str) -> EventKind | None:
    if name in {"bounce", "out_of_band"}:
        return EventKind.BOUNCED if bounce_class in _FOR_EVER else EventKind.DELAYED
    return _KINDS.get(name)
