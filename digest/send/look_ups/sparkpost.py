"""What SparkPost has on record of some addresses: its message events, which carry our metadata.

https://developers.sparkpost.com/api/events/: several addresses in one request, whose address may have 4,096 characters;
pages by a cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from digest.send.drafts import Call
from digest.send.events.reading import inside, moment, text
from digest.send.http_batch import parsed
from digest.send.http_outcome import Reply
from digest.send.look_ups import Asking, Page, Question, Record, Sign, is_ours, listed, utc
from digest.send.providers import Mailing

_PATH = "/api/v1/events/message"
_PER_PAGE = 500
_LONGEST = 2500
"""Characters of the addresses in one request."""
_SIGNS = {
    "injection": Sign.TAKEN,
    "policy_rejection": Sign.DROPPED,
    "generation_failure": Sign.DROPPED,
    "generation_rejection": Sign.DROPPED,
    **dict.fromkeys(
        (
            "delivery",
            "bounce",
            "delay",
            "out_of_band",
            "spam_complaint",
            "open",
            "initial_open",
            "click",
            "amp_open",
            "amp_initial_open",
            "amp_click",
            "list_unsubscribe",
            "link_unsubscribe",
        ),
        Sign.HANDED_ON,
    ),
}


@dataclass(frozen=True, slots=True)
class SparkPostLookUp:
    """List the events of some addresses since the sending."""

    remembers: ClassVar[timedelta] = timedelta(days=9)
    """Ten days, as the page above says."""
    needs: ClassVar[str] = "an API key with the permission Events Search"

    def questions(self, mailing: Mailing, addresses: Sequence[str], since: datetime) -> Sequence[Question]:
        """Ask about as many addresses at once as a request may name."""
        return [Question(tuple(some), Asking(_call(some, since))) for some in _portions(addresses)]

    def read(self, mailing: Mailing, asking: Asking, reply: Reply) -> Page | None:
        """Read a page of events, and ask for the next one while there is one."""
        found = parsed(reply.body)
        events = listed(inside(found, "results"))
        if events is None:
            return None
        records = [_record(mailing, each) for each in events if text(each, "rcpt_to") or text(each, "raw_rcpt_to")]
        following = _next(inside(found, "links"))
        if not following:
            cut_short = "cursor=initial" in asking.call.path and text(found, "total_count") not in {
                "",
                str(len(events)),
            }
            return Page(records, whole=not cut_short)
        # Only where it leads is taken from the reply: our key goes to nobody but the address that we were given.
        if not following.startswith(f"{_PATH}?"):
            return Page(records, whole=False)
        return Page(records, [Asking(Call("GET", following))])


def _portions(addresses: Sequence[str]) -> list[list[str]]:
    portions: list[list[str]] = []
    room = 0
    for each in addresses:
        taken = len(urlencode({"": each}))
        if taken > room:
            portions.append([])
            room = _LONGEST
        portions[-1].append(each)
        room -= taken + 3
    return portions


def _call(addresses: Sequence[str], since: datetime) -> Call:
    asked = {"recipients": ",".join(addresses), "from": utc(since), "per_page": _PER_PAGE, "cursor": "initial"}
    return Call("GET", f"{_PATH}?{urlencode(asked)}")


def _next(links: object) -> str:
    """Return the path of the next page; the description shows an object, and a list has been seen."""
    if isinstance(links, list):
        return next((text(each, "href") for each in links if text(each, "rel") == "next"), "")
    return text(links, "next")


def _record(mailing: Mailing, event: Mapping[str, Any]) -> Record:
    ours = is_ours(
        mailing,
        text(event, "rcpt_meta", "issue"),
        proof=text(event, "rcpt_meta", "proof") == "yes",
        subject=text(event, "subject"),
    )
    return Record(
        address=text(event, "rcpt_to") or text(event, "raw_rcpt_to"),
        sign=_SIGNS.get(text(event, "type"), Sign.UNCLEAR),
        ours=ours,
        at=moment(event.get("timestamp")),
        message_id=text(event, "transmission_id"),
        said=text(event, "raw_reason") or text(event, "reason"),
    )
