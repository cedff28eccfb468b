"""What Brevo's transactional webhooks tell; they are not signed: a token that we chose comes with each."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.reading import event, inside, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, RefusedError, missing

_KINDS = {
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DELAYED,
    "soft_bounce": EventKind.DELAYED,
    "blocked": EventKind.DELAYED,
    "hard_bounce": EventKind.BOUNCED,
    "invalid_email": EventKind.BOUNCED,
    "spam": EventKind.COMPLAINED,
    "complaint": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "unique_opened": EventKind.OPENED,
    "opened": EventKind.OPENED,
    "click": EventKind.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/brevo`."""

    token: Secret
    """What Brevo sends as `Authorization: Bearer …`."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.token)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse without the token."""
        given = posted.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.token.value}".encode()):
            raise RefusedError("the token does not fit")

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read one event, or a list of them."""
        found: list[ProviderEvent] = []
        for each in objects(parsed(posted.body)):
            found += event(
                _KINDS.get(text(each, "event")),
                address=text(each, "email"),
                at=each.get("ts_event") or each.get("ts"),
                issue=_issue(inside(each, "tags")) or _issue([text(each, "tag")]),
                message_id=text(each, "message-id"),
                detail=text(each, "reason"),
            )
        return found


def _issue(tags: object) -> str:
    """Return the tag that names an issue: only ours have a stroke in them."""
    return next((each for each in tags if isinstance(each, str) and "/" in each), "") if isinstance(tags, list) else ""
