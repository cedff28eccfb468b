"""What Mandrill has on record of an address: its search, which shows our metadata with every message.

https://mailchimp.com/developer/transactional/api/messages/search-messages-by-date/: there are no pages, and twenty
requests a minute. How a search splits an address into words is not promised, so when it finds nothing, the newsletter's
messages since the sending are listed: only a whole list without the reader says that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from digest.send.drafts import Call
from digest.send.events.reading import moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed
from digest.send.providers import Mailing

_PATH = "/api/1.0/messages/search.json"
_LIMIT = 1000
_SIGNS = {
    "queued": Sign.TAKEN,
    "scheduled": Sign.TAKEN,
    "rejected": Sign.DROPPED,
    "invalid": Sign.DROPPED,
    **dict.fromkeys(("sent", "deferred", "bounced", "soft-bounced", "spam", "unsub"), Sign.HANDED_ON),
}


@dataclass(frozen=True, slots=True)
class MandrillLookUp:
    """Search for an address among the newsletter's messages since the sending."""

    remembers: ClassVar[timedelta] = timedelta(days=29)
    """Thirty days: https://mandrill.zendesk.com/hc/en-us/articles/360039298733."""
    needs: ClassVar[str] = "an API key that may call messages/search"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about each address on its own, as a phrase."""
        return [
            Question((each,), Asking(Call("POST", _PATH, {"query": f'"{each}"', **_since(mailing, since)})))
            for each in addresses
        ]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read the messages; where a search found none of the issue, list those of the newsletter."""
        messages = listed(parsed(reply.body))
        if messages is None:
            return None
        records = [_record(mailing, each) for each in messages]
        if "query" not in asking.call.body:
            return Page(records, whole=len(messages) < _LIMIT)
        listing = {key: value for key, value in asking.call.body.items() if key != "query"}
        return Page(records, [Asking(Call("POST", _PATH, listing))])


def _since(mailing: Mailing, since: datetime) -> dict[str, Any]:
    return {
        "date_from": since.astimezone(UTC).strftime("%Y-%m-%d"),
        "tags": [mailing.issue.split("/")[0]],
        "limit": _LIMIT,
    }


def _record(mailing: Mailing, message: Mapping[str, Any]) -> Record:
    ours = is_ours(
        mailing,
        text(message, "metadata", "issue"),
        proof=text(message, "metadata", "proof") == "yes",
        subject=text(message, "subject"),
    )
    sign = _SIGNS.get(text(message, "state"), Sign.UNCLEAR)
    said = f"{text(message, 'state')} {text(message, 'diag')}"
    return Record(text(message, "email"), sign, ours, moment(message.get("ts")), text(message, "_id"), said)
