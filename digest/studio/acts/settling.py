"""What a person does about copies: a proof for a short list, and a decision about those that are unclear or refused."""

from __future__ import annotations

import asyncio
import re

from digest import pipeline
from digest.errors import AudienceError, IssueStateError
from digest.models import DeliveryState, Issue
from digest.send.audience import normal_form
from digest.studio.acts import Deed, Said

_MOST_PROOFS = 20
_BECOMES = {
    (DeliveryState.UNKNOWN, "resend"): DeliveryState.PENDING,
    (DeliveryState.UNKNOWN, "accept"): DeliveryState.ACCEPTED,
    (DeliveryState.UNKNOWN, "abandon"): DeliveryState.ABANDONED,
    (DeliveryState.REJECTED, "resend"): DeliveryState.PENDING,
    (DeliveryState.PENDING, "abandon"): DeliveryState.ABANDONED,
}
_NEEDS_A_YES = {(DeliveryState.UNKNOWN, "resend"), (DeliveryState.PENDING, "abandon")}
"""What cannot be taken back, and may not be what was meant."""


def proof(deed: Deed) -> Said:
    """Send the stored version to some addresses, marked as a proof; it is counted nowhere."""
    issue, addresses = _known(deed), _addresses(deed.field("proof_to"))
    asyncio.run(pipeline.send_proof(deed.press, issue, addresses, deed.now))
    return "proof_sent", {"count": len(addresses), "to": ", ".join(addresses)}


def settle(deed: Deed) -> Said:
    """Decide about all readers whose copy is in one state."""
    issue, decision = _known(deed), deed.field("decision")
    key = next((each for each in _BECOMES if each == (deed.field("of"), decision)), None)
    if key is None:
        raise IssueStateError("there is no such decision", fix="choose one of those that the page shows")
    if key in _NEEDS_A_YES and deed.field("sure") != "yes":
        raise IssueStateError("this was not confirmed, so nothing was done", fix="tick the box beside the button first")
    changed = deed.press.store.outbox.resolve(issue, key[0], _BECOMES[key], deed.now, deed.who)
    deed.press.store.outbox.finish(issue, deed.now)
    return ("resent" if decision == "resend" else "settled"), {"count": changed}


def _addresses(text: str) -> list[str]:
    found: dict[str, str] = {}
    for each in filter(None, re.split(r"[\s,;、，；]+", text)):
        try:
            address = normal_form(each)
        except ValueError as error:
            raise AudienceError(f"'{each[:100]}' is no address: {error}", fix="correct it, or leave it out") from error
        found[address.casefold()] = address
    if not found:
        raise AudienceError("no address was given", fix="write the address that the proof is for")
    if len(found) > _MOST_PROOFS:
        raise AudienceError(f"a proof goes to {_MOST_PROOFS} addresses at most", fix="leave some out")
    return list(found.values())


def _known(deed: Deed) -> Issue:
    if deed.issue is None:
        raise IssueStateError("there is no such issue yet", fix="freeze its draft first")
    return deed.issue
