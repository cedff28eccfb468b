"""What Brevo has on record of an address: its list of mails, which shows our tags, and the events of the one found.

https://developers.brevo.com/reference/get-transac-emails-list and /reference/get-email-event-report; the fields as in
Brevo's own library. Neither shows our metadata, so the issue is among the tags. Without dates both tell of thirty days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from digest.send.drafts import Call
from digest.send.events.reading import inside, moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed
from digest.send.providers import Mailing

_MAILS, _EVENTS = "/v3/smtp/emails", "/v3/smtp/statistics/events"
_LIMIT = 500
_MOST_EVENTS = 500
_SIGNS = {
    "requests": Sign.TAKEN,
    "blocked": Sign.DROPPED,
    "invalid": Sign.DROPPED,
    "error": Sign.DROPPED,
    **dict.fromkeys(
        (
            "delivered",
            "deferred",
            "bounces",
            "hardBounces",
            "softBounces",
            "spam",
            "opened",
            "clicks",
            "unsubscribed",
            "loadedByProxy",
        ),
        Sign.HANDED_ON,
    ),
}


@dataclass(frozen=True, slots=True)
class BrevoLookUp:
    """List an address's mails; of the issue's, ask for the events."""

    remembers: ClassVar[timedelta] = timedelta(days=29)
    needs: ClassVar[str] = "an account in which transactional logs are kept"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about each address on its own."""
        return [Question((each,), Asking(_mails(each, 0))) for each in addresses]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read a page of mails, or the events of one."""
        found = parsed(reply.body)
        if asking.about is not None:
            return _with_events(asking.about, found)
        # An address without mails has no list.
        mails = listed(inside(found, "transactionalEmails") or []) if isinstance(found, dict) else None
        if mails is None or not found.keys() & {"count", "transactionalEmails"}:
            return None
        records = [_record(mailing, each) for each in mails]
        asked = parse_qs(urlsplit(asking.call.path).query)
        offset = int(asked["offset"][0]) + _LIMIT
        further = [Asking(_events(each), each) for each in records if each.ours and each.message_id]
        settled = [each for each in records if not (each.ours and each.message_id)]
        if len(mails) >= _LIMIT:
            return Page(settled, [*further, Asking(_mails(asked["email"][0], offset))])
        count = text(found, "count")
        return Page(settled, further, whole=not count.isdecimal() or int(count) <= offset - _LIMIT + len(mails))


def _mails(address: str, offset: int) -> Call:
    return Call("GET", f"{_MAILS}?{urlencode({'email': address, 'limit': _LIMIT, 'offset': offset})}")


def _events(mail: Record) -> Call:
    asked = {"messageId": mail.message_id, "email": mail.address, "limit": _MOST_EVENTS}
    return Call("GET", f"{_EVENTS}?{urlencode(asked)}")


def _record(mailing: Mailing, mail: Mapping[str, Any]) -> Record:
    tags = mail.get("tags")
    issue = next((each for each in tags if isinstance(each, str) and "/" in each), "") if isinstance(tags, list) else ""
    # A proof has no such tag, and another subject.
    ours = is_ours(mailing, issue, proof=False, subject=text(mail, "subject"))
    return Record(text(mail, "email"), Sign.TAKEN, ours, moment(mail.get("date")), text(mail, "messageId"))


def _with_events(mail: Record, found: object) -> Page | None:
    # A mail without events has no list.
    events = listed(inside(found, "events") or []) if isinstance(found, dict) else None
    if events is None:
        return None
    signs = [(_SIGNS.get(text(each, "event"), Sign.UNCLEAR), text(each, "reason")) for each in events]
    sign, said = max(signs, default=(mail.sign, ""))
    return Page([replace(mail, sign=max(mail.sign, sign), said=said)])
