"""What became of copies, from what a provider has on record: nothing is missing unless all of it was seen.

A copy is accepted or rejected when a record says so. It is missing only when the provider was asked to the end, in
time for it to remember, and showed no record that might be this copy. In every other case nobody can tell.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from digest.models import Delivery, DeliveryState, Recipient
from digest.send.detail import retell
from digest.send.headers import wire_address
from digest.send.http_access import HEADERS, value_of
from digest.send.http_outcome import Outcome, Reply, request_once
from digest.send.look_ups import Asking, LookUp, Question, Record, Sign
from digest.send.providers import LONGEST_TIMEOUT, Answer, Mailing, Verdict

if TYPE_CHECKING:
    import httpx

    from digest.send.http_batch import HttpBatch

EARLIER = timedelta(minutes=30)
"""How much before our first attempt a record may be: the provider's clock and ours differ."""
_SECONDS = 1.8 * LONGEST_TIMEOUT
"""For one look-up with all its requests."""
_MOST_CALLS = 40
"""For one question, pages included."""


async def what_became(
    provider: HttpBatch, client: httpx.AsyncClient, mailing: Mailing, clock: Callable[[], float] = time.monotonic
) -> Answer:
    """Ask about every recipient; see `Inquiry.look_up`. `clock` returns seconds."""
    look_up = provider.inquiry()
    if look_up is None:
        return Answer(Verdict.REFUSED, detail=f"{provider.title} cannot be asked what became of single copies")
    if problems := provider.problems():
        return Answer(Verdict.REFUSED, detail=problems[0])
    search = _Search(provider, client, mailing, look_up, clock, clock() + _SECONDS - provider.timeout)
    spelled = {address for each in mailing.recipients if (address := _spelled(each))}
    failure = await search.ask_about(sorted(spelled))
    # Some providers look for addresses exactly as they are written, and write them in their own way.
    lower = {address.lower() for address in search.missing(spelled)} - spelled
    failure = failure or (await search.ask_about(sorted(lower)) if lower else None)
    return search.answer(failure)


@dataclass(slots=True)
class _Search:
    provider: HttpBatch
    client: httpx.AsyncClient
    mailing: Mailing
    look_up: LookUp
    clock: Callable[[], float]
    until: float
    found: dict[str, Record] = field(default_factory=dict)
    """By address, in one spelling: the best record of a copy that is certainly ours."""
    doubtful: set[str] = field(default_factory=set)
    """Who has a record that may be ours."""
    seen_whole: set[str] = field(default_factory=set)
    answered_at: datetime | None = None
    """By the provider's clock."""

    async def ask_about(self, addresses: Sequence[str]) -> Answer | None:
        """Ask all questions about addresses; return what failed, or None."""
        since = self.mailing.sent_at - EARLIER
        for address in addresses:
            self.seen_whole.discard(_one(address))
        for question in self.look_up.questions(self.mailing, addresses, since):
            whole = await self._ask(question, since)
            if isinstance(whole, Answer):
                return whole
            if whole:
                self.seen_whole |= set(map(_one, question.addresses))
        return None

    def missing(self, addresses: Iterable[str]) -> list[str]:
        """Return the addresses of which nothing was found."""
        return [each for each in addresses if _one(each) not in self.found]

    def answer(self, failure: Answer | None) -> Answer:
        """Return what the records come to; the failure itself when nothing could be told of anybody."""
        told = tuple(self._delivery(each, failure) for each in self.mailing.recipients)
        if failure and all(each.state is DeliveryState.UNKNOWN for each in told):
            return failure
        why = (failure.detail, failure.http_status, failure.retry_after) if failure else ("", None, None)
        return Answer(Verdict.ANSWERED, told, detail=why[0], http_status=why[1], retry_after=why[2])

    async def _ask(self, question: Question, since: datetime) -> bool | Answer:
        """Ask one question to its end; return whether that was reached, or what failed."""
        wanted, whole = set(map(_one, question.addresses)), True
        waiting, calls = [question.asking], 0
        while waiting and not wanted <= self.found.keys():
            asking, calls = waiting.pop(0), calls + 1
            if calls > _MOST_CALLS or self.clock() > self.until:
                return False
            reply = await self._call(asking)
            if isinstance(reply, Answer):
                return reply
            page = self.look_up.read(self.mailing, asking, reply)
            if page is None:
                said = self.provider.retold(reply, "this cannot be understood")
                return Answer(Verdict.AMBIGUOUS, detail=said, http_status=reply.status)
            self._note(page.records, since)
            waiting += page.further
            whole = whole and page.whole
        return whole

    def _note(self, records: Sequence[Record], since: datetime) -> None:
        for record in records:
            if record.ours is False or (record.at is not None and record.at < since):
                continue
            address = _one(record.address)
            if record.ours is None or record.sign is Sign.UNCLEAR:
                self.doubtful.add(address)
            elif address not in self.found or self.found[address].sign < record.sign:
                self.found[address] = record

    async def _call(self, asking: Asking) -> Reply | Answer:
        """Return the reply to a request that succeeded, or the answer that its failure comes to."""
        provider, call = self.provider, asking.call
        kind = {"Content-Type": "application/json"} if call.body is not None else {}
        body = None if call.body is None else provider.keyed(call.body, value_of)
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        reply = await request_once(
            self.client,
            provider.base_url.rstrip("/") + call.path,
            method=call.method,
            headers=provider.authorized({**HEADERS, **kind}, content, value_of),
            content=content,
            deadline=provider.timeout,
        )
        if isinstance(reply, Answer):
            return replace(reply, detail=retell(reply.detail, *provider.secrets))
        self.answered_at = _date(reply) or self.answered_at
        if reply.status == 200:
            return reply
        verdict = {Outcome.NOT_SENT: Verdict.NOT_SENT, Outcome.AMBIGUOUS: Verdict.AMBIGUOUS}.get(
            provider.outcome(reply), Verdict.REFUSED
        )
        wait = provider.wait(reply) if verdict is Verdict.NOT_SENT else None
        said = provider.said(reply) or "no explanation was given"
        if reply.status in {401, 402, 403, 404}:
            said = f"{said} (to look mails up, {provider.title} wants {self.look_up.needs})"
        return Answer(verdict, detail=provider.retold(reply, said), http_status=reply.status, retry_after=wait)

    def _delivery(self, reader: Recipient, failure: Answer | None) -> Delivery:
        title, address = self.provider.title, _one(_spelled(reader))
        if record := self.found.get(address):
            if record.sign is Sign.DROPPED:
                said = retell(f"{title} did not send it: {record.said or 'no reason is given'}", *self.provider.secrets)
                return Delivery(reader, DeliveryState.REJECTED, record.message_id, said)
            return Delivery(reader, DeliveryState.ACCEPTED, record.message_id)
        if address in self.doubtful:
            why = f"{title} has a mail on record that may be this one"
        elif address not in self.seen_whole:
            why = failure.detail if failure else f"{title} was not asked to the end"
        elif not self._remembers():
            why = f"{title} has nothing of it, and may have forgotten"
        else:
            return Delivery(reader, DeliveryState.PENDING)
        return Delivery(reader, DeliveryState.UNKNOWN, error=why)

    def _remembers(self) -> bool:
        """Tell whether the provider keeps records for as long as it is since the sending, by its own clock."""
        return self.answered_at is not None and self.answered_at - self.mailing.sent_at <= self.look_up.remembers


def _spelled(reader: Recipient) -> str:
    """Return the address as it was sent; empty for one that cannot have been."""
    try:
        return wire_address(reader.address)
    except ValueError:
        return ""


def _one(address: str) -> str:
    """Return an address in the one spelling that is compared."""
    try:
        return wire_address(address.strip()).casefold()
    except ValueError:
        return address.strip().casefold()


def _date(reply: Reply) -> datetime | None:
    try:
        found = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
