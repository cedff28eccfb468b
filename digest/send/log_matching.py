"""Which readers an exported log settles: whoever stands in it with a copy of this issue, and nobody else.

An event counts when it names the issue. Where a log names none, its subject has to be the issue's, and its time within
the hours after the sending; one that tells neither counts as well, as the file was handed over for this issue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from digest.models import Delivery, DeliveryState, Finding, Recipient
from digest.send.detail import retell
from digest.send.event_log import Logged
from digest.send.headers import wire_address
from digest.send.look_ups import Sign
from digest.send.look_ups.asking import EARLIER
from digest.send.providers import Mailing

_UNTIL = timedelta(hours=20)
"""So long after the sending, an event that names no issue is of this one: a day later there may be another."""
_FORBIDDEN_IN_TAGS = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(slots=True)
class _Place:
    mailing: int
    place: int
    best: Logged | None = None


def deliveries_from(
    log: Iterable[Logged | Finding], mailings: Sequence[Mailing], tell: Callable[[Finding], None]
) -> list[tuple[Delivery, ...]]:
    """Return what a log says of the readers of some mailings, all of one issue: a delivery for each, in their order.

    Accepted or rejected is who stands in the log; everybody else is unknown. What is wrong with the log goes to `tell`.
    Memory is needed for the readers only, however long the log.
    """
    places: dict[str, list[_Place]] = {}
    for number, mailing in enumerate(mailings):
        for place, reader in enumerate(mailing.recipients):
            places.setdefault(_one(reader.address), []).append(_Place(number, place))
    for entry in log:
        if isinstance(entry, Finding):
            tell(entry)
            continue
        for each in places.get(_one(entry.address), ()):
            better = each.best is None or each.best.sign < entry.sign
            if better and _is_of(entry, mailings[each.mailing]):
                each.best = entry
    told = [[_delivery(reader, None) for reader in mailing.recipients] for mailing in mailings]
    for some in places.values():
        for each in some:
            told[each.mailing][each.place] = _delivery(mailings[each.mailing].recipients[each.place], each.best)
    return [tuple(each) for each in told]


def _is_of(entry: Logged, mailing: Mailing) -> bool:
    if entry.at is not None and entry.at < mailing.sent_at - EARLIER:
        return False
    if entry.issue:
        # Some providers take only letters and digits in a tag, and others shorten it; Mailjet has our name of a batch.
        written = {mailing.issue, _FORBIDDEN_IN_TAGS.sub("_", mailing.issue), mailing.issue[-80:]}
        if entry.proof or entry.issue == f"{mailing.issue}/proof":
            return False
        return entry.issue in written or entry.issue.startswith(f"{mailing.issue}/")
    if entry.proof or (entry.tags and mailing.issue.split("/")[0] not in entry.tags):
        return False
    if entry.subject and entry.subject.strip() != mailing.email.subject.strip():
        return False
    return entry.at is None or entry.at <= mailing.sent_at + _UNTIL


def _delivery(reader: Recipient, entry: Logged | None) -> Delivery:
    if entry is None:
        return Delivery(reader, DeliveryState.UNKNOWN, error="the log has nothing of it")
    if entry.sign is Sign.DROPPED:
        said = retell(f"by the log, the provider did not send it: {entry.said or 'no reason is given'}")
        return Delivery(reader, DeliveryState.REJECTED, entry.message_id, said, entry.at)
    return Delivery(reader, DeliveryState.ACCEPTED, entry.message_id, at=entry.at)


def _one(address: str) -> str:
    """Return an address in the one spelling that is compared."""
    try:
        return wire_address(address.strip()).casefold()
    except ValueError:
        return address.strip().casefold()
