"""What Postmark has on record of an address: its message search, which shows our metadata with every message.

https://postmarkapp.com/developer/api/messages-api; the fields and the parameter for the stream as in Postmark's own
library (postmark.js, models/messages): a search without it covers the transactional stream only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from digest.send.drafts import Call
from digest.send.events.reading import inside, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed
from digest.send.providers import Mailing

_PATH = "/messages/outbound"
_COUNT = 100
_MOST = 10_000
"""Count and offset may not exceed it."""
_LONGEST_METADATA = 80


@dataclass(frozen=True, slots=True)
class PostmarkLookUp:
    """Search by recipient within the stream."""

    stream: str

    remembers: ClassVar[timedelta] = timedelta(days=7)
    """45 days by default; an account may set it to 7."""
    needs: ClassVar[str] = "a server token that may read messages"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about each address on its own."""
        return [Question((each,), Asking(self._call(each, 0))) for each in addresses]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read the messages of a page, and ask for the next one while there is one."""
        found = parsed(reply.body)
        messages, total = listed(inside(found, "Messages")), text(found, "TotalCount")
        if messages is None or not total.isdecimal():
            return None
        asked = parse_qs(urlsplit(asking.call.path).query)
        offset = int(asked["offset"][0]) + _COUNT
        records = [record for each in messages for record in _records(mailing, each)]
        cut_short = len(messages) < min(_COUNT, int(total) - offset + _COUNT)
        if offset >= int(total):
            return Page(records, whole=not cut_short)
        if cut_short or offset + _COUNT > _MOST:
            return Page(records, whole=False)
        return Page(records, [Asking(self._call(asked["recipient"][0], offset))])

    def _call(self, address: str, offset: int) -> Call:
        asked = {"recipient": address, "messagestream": self.stream, "count": _COUNT, "offset": offset}
        return Call("GET", f"{_PATH}?{urlencode(asked)}")


def _records(mailing: Mailing, message: Mapping[str, Any]) -> list[Record]:
    named = replace(mailing, issue=mailing.issue[-_LONGEST_METADATA:])
    ours = is_ours(
        named,
        text(message, "Metadata", "issue"),
        proof=text(message, "Metadata", "proof") == "yes",
        subject=text(message, "Subject"),
    )
    to = listed(message.get("To")) or []
    addresses = dict.fromkeys(filter(None, (text(each, "Email") for each in to)))
    # Queued, sent or processed: Postmark has no record of what it refused.
    return [Record(each, Sign.TAKEN, ours, _at(message), text(message, "MessageID")) for each in addresses]


def _at(message: Mapping[str, Any]) -> datetime | None:
    # Postmark's times are Eastern Time, and say so; one that does not is not to be taken for any other.
    try:
        found = datetime.fromisoformat(text(message, "ReceivedAt"))
    except ValueError:
        return None
    return found if found.tzinfo else None
