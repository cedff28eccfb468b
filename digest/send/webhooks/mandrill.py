"""What Mandrill's webhooks tell, signed over the address that it posts to and all that it posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from digest.models import EventKind, ProviderEvent, Secret
from digest.send.events.proof import header, hmac_bytes, require_any
from digest.send.events.reading import event, objects, parsed, text
from digest.send.webhooks import Fetch, Posted, RefusedError, missing

_KINDS = {
    "delivered": EventKind.DELIVERED,
    "deferral": EventKind.DELAYED,
    "soft_bounce": EventKind.DELAYED,
    "hard_bounce": EventKind.BOUNCED,
    "spam": EventKind.COMPLAINED,
    "unsub": EventKind.UNSUBSCRIBED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}
_REJECTED = {
    "hard-bounce": EventKind.BOUNCED,
    "spam": EventKind.COMPLAINED,
    "unsub": EventKind.UNSUBSCRIBED,
}
"""Why Mandrill did not even try."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Events of `/webhooks/mandrill`."""

    key: Secret
    """The webhook's authentication key."""

    def problems(self) -> Sequence[str]:
        """Say what is missing."""
        return missing(self.key)

    def verify(self, posted: Posted, now: datetime, fetch: Fetch) -> None:
        """Refuse what Mandrill did not sign. It signs no time: a repeated request tells nothing new."""
        signed = posted.url + "".join(name + value for name, value in sorted(_form(posted)))
        require_any(
            [header(posted, "X-Mandrill-Signature")], hmac_bytes(self.key.value.encode(), signed.encode(), "sha1")
        )

    def events(self, posted: Posted, fetch: Fetch) -> Sequence[ProviderEvent]:
        """Read a list of events."""
        found: list[ProviderEvent] = []
        for each in objects(parsed(dict(_form(posted)).get("mandrill_events", ""))):
            found += event(
                _REJECTED.get(text(each, "msg", "reject", "reason"), EventKind.DELAYED)
                if text(each, "event") == "reject"
                else _KINDS.get(text(each, "event")),
                address=text(each, "msg", "email"),
                at=each.get("ts"),
                issue=text(each, "msg", "metadata", "issue"),
                message_id=text(each, "msg", "_id"),
                detail=text(each, "msg", "diag") or text(each, "msg", "bounce_description"),
            )
        return found


def _form(posted: Posted) -> list[tuple[str, str]]:
    try:
        return parse_qsl(posted.body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=20)
    except ValueError:
        raise RefusedError("it is no form") from None
