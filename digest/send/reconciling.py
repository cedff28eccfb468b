"""What became of copies that nobody answered for: the provider is asked once it must know, or its log is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from digest.models import Claim, Delivery, DeliveryState, Email, Finding, Issue
from digest.send.edge import Edge
from digest.send.event_log import Logged
from digest.send.ledger import Ledger
from digest.send.log_matching import deliveries_from
from digest.send.providers import LONGEST_TIMEOUT, Answer, Inquiry, Mailing, Provider, Verdict

_PORTION = 100
"""Readers in one look-up: most providers are asked about each by itself, and a look-up has to end."""
_WAITS = 3
"""So often a provider that says "later" is waited for, about the same readers."""
_LONGEST_WAIT = 120.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found out, in readers."""

    accepted: int = 0
    rejected: int = 0
    missing: int = 0
    """The provider has nothing of them."""
    unclear: int = 0
    too_young: int = 0
    """Asked for so lately that the provider may not tell of them yet."""
    said: str = ""
    """What the provider said when it could not tell of all; empty when it could."""

    def with_answers(self, deliveries: Sequence[Delivery]) -> Reconciled:
        """Return this with some more readers counted."""

        def count(state: DeliveryState) -> int:
            return sum(each.state is state for each in deliveries)

        return replace(
            self,
            accepted=self.accepted + count(DeliveryState.ACCEPTED),
            rejected=self.rejected + count(DeliveryState.REJECTED),
            missing=self.missing + count(DeliveryState.PENDING),
            unclear=self.unclear + count(DeliveryState.UNKNOWN),
        )


def provider_name(provider: Provider) -> str:
    """Return how a provider is named in the ledger."""
    return type(provider).__module__


async def reconcile(
    issue: Issue,
    email: Email,
    ledger: Ledger,
    provider: Provider,
    edge: Edge,
    *,
    resend_missing: bool,
    progress: Callable[[Reconciled], None] = lambda _: None,
) -> Reconciled:
    """Ask about every unknown reader whose request is old enough, and write down what is certain.

    With `resend_missing`, whom the provider has nothing of is `pending` again; else they stay `unknown`. Call it only
    for a provider with `settles_after`. `progress` is told after each portion.
    """
    name = provider_name(provider)
    claims = ledger.unclear(issue, name, edge.clock() - (provider.settles_after or timedelta()))
    asked = sum(len(claim.recipients) for claim in claims)
    waiting = sum(len(claim.recipients) for claim in ledger.unclear(issue, name, None)) - asked
    found = Reconciled(too_young=waiting)
    if not claims:
        return found
    async with provider.connect() as connection:
        # A provider with `settles_after` has connections that can look up: the contract suites hold it to that.
        inquiry = cast(Inquiry, connection)
        for part in (part for claim in claims for part in _portions(claim)):
            answer = await _patiently(inquiry, issue, email, part, edge)
            if answer.verdict is not Verdict.ANSWERED:
                told = found.accepted + found.rejected + found.missing
                return replace(found, unclear=asked - told, said=answer.detail)
            kept = answer.deliveries if resend_missing else tuple(map(_missing_is_unknown, answer.deliveries))
            ledger.settle(issue, part, kept, edge.clock(), draft_id=answer.draft_id)
            found = replace(found.with_answers(answer.deliveries), said=answer.detail or found.said)
            progress(found)
    return found


def take_log(
    issue: Issue,
    email: Email,
    ledger: Ledger,
    log: Iterable[Logged | Finding],
    edge: Edge,
    tell: Callable[[Finding], None],
) -> Reconciled:
    """Write down what an exported log says of unknown readers, whichever provider was asked; the rest stays unknown."""
    claims = ledger.unclear(issue, None, None)
    found = Reconciled()
    for claim, told in zip(
        claims, deliveries_from(log, [_about(issue, email, each) for each in claims], tell), strict=True
    ):
        ledger.settle(issue, claim, told, edge.clock(), draft_id="")
        found = found.with_answers(told)
    return found


async def _patiently(inquiry: Inquiry, issue: Issue, email: Email, claim: Claim, edge: Edge) -> Answer:
    """Ask about some readers, and again about those of whom a provider in haste said nothing yet."""
    answer = await _ask(inquiry, _about(issue, email, claim))
    for _ in range(_WAITS):
        left = [place for place, each in enumerate(answer.deliveries) if each.state is DeliveryState.UNKNOWN]
        in_haste = answer.retry_after is not None and (left or answer.verdict is Verdict.NOT_SENT)
        if not in_haste or edge.stopping():
            break
        await edge.sleep(min(answer.retry_after or 0.0, _LONGEST_WAIT))
        if answer.verdict is not Verdict.ANSWERED:
            answer = await _ask(inquiry, _about(issue, email, claim))
            continue
        again = await _ask(inquiry, _about(issue, email, _some_of(claim, left)))
        if again.verdict is not Verdict.ANSWERED:
            answer = replace(answer, detail=again.detail, retry_after=again.retry_after)
            continue
        told = list(answer.deliveries)
        for place, each in zip(left, again.deliveries, strict=True):
            told[place] = each
        answer = replace(again, deliveries=tuple(told))
    return answer


async def _ask(inquiry: Inquiry, mailing: Mailing) -> Answer:
    try:
        async with asyncio.timeout(LONGEST_TIMEOUT * 2):
            answer = await inquiry.look_up(mailing)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, nothing is known that was not known before
        return Answer(Verdict.AMBIGUOUS, detail=f"no clear answer ({type(error).__name__})")
    if answer.verdict is Verdict.ANSWERED and len(answer.deliveries) != len(mailing.recipients):
        return Answer(Verdict.AMBIGUOUS, detail="not an answer for each reader")
    return answer


def _portions(claim: Claim) -> Iterator[Claim]:
    for start in range(0, len(claim.recipients), _PORTION):
        yield _some_of(claim, range(start, min(start + _PORTION, len(claim.recipients))))


def _some_of(claim: Claim, places: Sequence[int]) -> Claim:
    recipients = tuple(claim.recipients[place] for place in places)
    return replace(claim, recipients=recipients, recipient_ids=tuple(claim.recipient_ids[place] for place in places))


def _about(issue: Issue, email: Email, claim: Claim) -> Mailing:
    return Mailing(
        email=email,
        recipients=claim.recipients,
        issue=issue.name,
        key=f"{issue.name}/{claim.seq}",
        sent_at=claim.first_attempt_at,
        draft_id=claim.draft_id,
    )


def _missing_is_unknown(delivery: Delivery) -> Delivery:
    if delivery.state is not DeliveryState.PENDING:
        return delivery
    return delivery._replace(state=DeliveryState.UNKNOWN, error="the provider has nothing of it")
