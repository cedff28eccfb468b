"""What Mailgun has on record of an address: its events, which carry our variables.

https://documentation.mailgun.com/docs/mailgun/user-manual/events: pages are asked for until one is empty. Of the newer
Logs interface, Mailgun does not publish by what its entries can be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from digest.send.drafts import Call
from digest.send.events.reading import inside, moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed
from digest.send.providers import Mailing

_LIMIT = 300
_SIGNS = {
    "accepted": Sign.TAKEN,
    "rejected": Sign.DROPPED,
    "delivered": Sign.HANDED_ON,
    "opened": Sign.HANDED_ON,
    "clicked": Sign.HANDED_ON,
    "unsubscribed": Sign.HANDED_ON,
    "complained": Sign.HANDED_ON,
}


@dataclass(frozen=True, slots=True)
class MailgunLookUp:
    """List the events of an address since the sending."""

    domain: str

    remembers: ClassVar[timedelta] = timedelta(days=1)
    """A day for free accounts, up to thirty for paid ones; what this account has, nobody tells us."""
    needs: ClassVar[str] = "a key that may read events; a domain sending key may not"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about each address on its own."""
        asked = {"begin": str(int(since.timestamp())), "ascending": "yes", "limit": str(_LIMIT)}
        return [
            Question((each,), Asking(Call("GET", f"{self._path}?{urlencode({**asked, 'recipient': each})}"), _of(each)))
            for each in addresses
        ]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read a page of events, and ask for the next until one is empty."""
        found = parsed(reply.body)
        items = listed(inside(found, "items"))
        if items is None:
            return None
        if not items:
            return Page()
        address = asking.about.address if asking.about else ""
        records = [_record(mailing, each, address) for each in items if text(each, "event") != "stored"]
        following = urlsplit(text(found, "paging", "next"))
        # Only where it leads is taken from the reply: our key goes to nobody but the address that we were given.
        if not following.path.startswith(f"{self._path}/"):
            return Page(records, whole=False)
        path = f"{following.path}?{following.query}" if following.query else following.path
        return Page(records, [Asking(Call("GET", path), asking.about)])

    @property
    def _path(self) -> str:
        return f"/v3/{self.domain}/events"


def _of(address: str) -> Record:
    return Record(address, Sign.UNCLEAR, None)


def _record(mailing: Mailing, event: Mapping[str, Any], address: str) -> Record:
    ours = is_ours(
        mailing,
        text(event, "user-variables", "issue"),
        proof=text(event, "user-variables", "proof") == "yes",
        subject=text(event, "message", "headers", "subject"),
    )
    said = text(event, "reject", "reason") or text(event, "delivery-status", "message") or text(event, "reason")
    return Record(
        address=text(event, "recipient") or address,
        sign=_sign(text(event, "event"), text(event, "reason")),
        ours=ours,
        at=moment(event.get("timestamp")),
        message_id=text(event, "message", "headers", "message-id"),
        said=said,
    )


def _sign(event: str, reason: str) -> Sign:
    if event == "failed":
        # suppress-bounce, suppress-complaint, suppress-unsubscribe: such an address is not written to.
        return Sign.DROPPED if reason.startswith("suppress-") else Sign.HANDED_ON
    return _SIGNS.get(event, Sign.UNCLEAR)
