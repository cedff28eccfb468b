"""What Mailjet has on record since the sending: its list of messages, which shows our own id of a batch with each.

https://dev.mailjet.com/reference/email/messages/ and Mailjet's own library (node-mailjet, types/api/Message): messages
can be told apart by Mailjet's number of a contact and not by address, so all since the sending are listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from digest.send.drafts import Call
from digest.send.events.reading import inside, moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed, utc
from digest.send.providers import Mailing

_PATH = "/v3/REST/message"
_LIMIT = 1000
_SIGNS = {
    "queued": Sign.TAKEN,
    "blocked": Sign.DROPPED,
    **dict.fromkeys(
        ("sent", "opened", "clicked", "bounce", "hardbounced", "softbounced", "spam", "unsub", "deferred"),
        Sign.HANDED_ON,
    ),
}


@dataclass(frozen=True, slots=True)
class MailjetLookUp:
    """List all messages since the sending."""

    remembers: ClassVar[timedelta] = timedelta(days=7)
    """Mailjet does not say for how long it lists messages."""
    needs: ClassVar[str] = "a pair of keys that may read messages"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask for all of them at once."""
        return [Question(tuple(addresses), Asking(_call(utc(since), 0)))] if addresses else []

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read a page of messages, and ask for the next one while pages are full."""
        messages = listed(inside(parsed(reply.body), "Data"))
        if messages is None:
            return None
        records = [_record(mailing, each) for each in messages]
        asked = parse_qs(urlsplit(asking.call.path).query)
        if len(messages) < _LIMIT:
            return Page(records)
        return Page(records, [Asking(_call(asked["FromTS"][0], int(asked["Offset"][0]) + _LIMIT))])


def _call(since: str, offset: int) -> Call:
    shown = {"ShowContactAlt": "true", "ShowCustomID": "true", "ShowSubject": "true"}
    return Call("GET", f"{_PATH}?{urlencode({'FromTS': since, 'Limit': _LIMIT, 'Offset': offset, **shown})}")


def _record(mailing: Mailing, message: Mapping[str, Any]) -> Record:
    # We named the batch: the issue, a stroke, and its number, or the word "proof".
    issue, _, batch = text(message, "CustomID").removeprefix(f"{mailing.issue}/").partition("/")
    named = mailing.issue if text(message, "CustomID").startswith(f"{mailing.issue}/") else text(message, "CustomID")
    return Record(
        address=text(message, "ContactAlt"),
        sign=_SIGNS.get(text(message, "Status"), Sign.UNCLEAR),
        ours=is_ours(mailing, named, proof=issue == "proof" and not batch, subject=text(message, "Subject")),
        at=moment(message.get("ArrivedAt")),
        message_id=text(message, "ID"),
        said=text(message, "Status"),
    )
