"""What SendGrid has on record of an address: its Email Logs, in which our custom arguments stand by each message.

The list has no custom arguments, so each of its messages is asked for. As in Twilio's own description of the interface
(sendgrid-oai, tsg_logs_v3.json): strings in a query stand in single quotes, times in double ones, and case counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

from digest.send.drafts import Call
from digest.send.events.reading import inside, moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed, utc
from digest.send.providers import Mailing

_PATH = "/v3/logs"
_LIMIT = 30
"""Messages to one address since the sending; there are no pages."""
_SIGNS = {
    "processed": Sign.TAKEN,
    "dropped": Sign.DROPPED,
    "delivered": Sign.HANDED_ON,
    "deferred": Sign.HANDED_ON,
    "bounced": Sign.HANDED_ON,
    "blocked": Sign.HANDED_ON,
}


@dataclass(frozen=True, slots=True)
class SendGridLookUp:
    """List an address's messages, then ask for each of them until the issue's is found."""

    remembers: ClassVar[timedelta] = timedelta(days=29)
    """https://www.twilio.com/docs/sendgrid/api-reference/email-logs: thirty days in every plan."""
    needs: ClassVar[str] = "an API key with access to Email Logs (Email Activity)"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about each address on its own; how a quote in one is written is not documented."""
        return [
            Question((each,), Asking(Call("POST", _PATH, {"query": _query(each, since), "limit": _LIMIT})))
            for each in addresses
            if "'" not in each
        ]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read the list, or one message of it."""
        found = parsed(reply.body)
        if asking.about is not None:
            return _detail(mailing, asking.about, found)
        messages = listed(inside(found, "messages"))
        if messages is None or not all(text(each, "sg_message_id") for each in messages):
            return None
        further = []
        for each in messages:
            name = text(each, "sg_message_id")
            known = Record(
                address=text(each, "to_email"),
                sign=_SIGNS.get(text(each, "status"), Sign.UNCLEAR),
                ours=None,
                at=moment(text(each, "sg_message_id_created_at")),
                message_id=name,
                said=text(each, "reason"),
            )
            further.append(Asking(Call("GET", f"{_PATH}/{quote(name, safe='')}"), known))
        return Page((), further, whole=len(messages) < _LIMIT)


def _query(address: str, since: datetime) -> str:
    return f"to_email = '{address}' AND sg_message_id_created_at >= TIMESTAMP \"{utc(since)}\""


def _detail(mailing: Mailing, known: Record, found: object) -> Page | None:
    if text(found, "sg_message_id") != known.message_id:
        return None
    ours = is_ours(
        mailing,
        text(found, "custom_args", "issue"),
        proof=text(found, "custom_args", "proof") == "yes",
        subject=text(found, "subject"),
    )
    return Page([Record(known.address, known.sign, ours, known.at, known.message_id, known.said)])
