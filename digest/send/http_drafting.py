"""The steps to a provider that keeps the list: a draft found or made, sent by its id, and asked about when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.models import Delivery, DeliveryState
from digest.send.detail import retell
from digest.send.drafts import Call, Standing, encoded
from digest.send.http_access import value_of
from digest.send.http_outcome import Outcome, Reply, request_once
from digest.send.providers import Answer, Mailing, Verdict

if TYPE_CHECKING:
    import httpx

    from digest.send.http_list import HttpList

_NOT_LET_IN = 401
"""Whoever has no valid key is told nothing, neither now nor when asking once more."""


@dataclass(frozen=True, slots=True)
class ListConnection:
    """An open client of one provider that keeps the list."""

    provider: HttpList
    client: httpx.AsyncClient

    async def send(self, mailing: Mailing) -> Answer:
        """Make the draft, or send the one that is there; a proof is both, to its recipients only."""
        provider = self.provider
        if problems := provider.problems():
            return Answer(Verdict.REFUSED, detail=problems[0])
        try:
            if mailing.proof:
                return await self._prove(mailing)
            if mailing.draft_id:
                return await self._send_draft(mailing)
            return await self._draft(mailing)
        except (DigestError, UnicodeEncodeError) as error:
            return Answer(Verdict.REFUSED, detail=retell(str(error), *provider.secrets))

    async def look_up(self, mailing: Mailing) -> Answer:
        """Ask what became of the draft; without one nobody can have got anything."""
        if not mailing.draft_id:
            found = await self._find(mailing)
            if not isinstance(found, str):
                return found
            if not found:
                return _all(mailing, DeliveryState.PENDING)
            mailing = replace(mailing, draft_id=found)
        return await self._ask(mailing)

    async def _draft(self, mailing: Mailing) -> Answer:
        """Find or make the draft. Whatever goes wrong here, nothing has been sent."""
        drafting = self.provider.drafting(mailing)  # raises before anything leaves
        found = await self._find(mailing)
        if not isinstance(found, str):
            return found
        if found:
            return Answer(Verdict.DRAFTED, draft_id=found)
        made = await self._call(drafting, mailing)
        if isinstance(made, Answer):
            return _nothing_sent(made)
        draft_id = self.provider.draft_id(made)
        if not draft_id:
            return Answer(Verdict.NOT_SENT, detail=self.provider.retold(made, "a success without an id"))
        return Answer(Verdict.DRAFTED, draft_id=draft_id, http_status=made.status)

    async def _send_draft(self, mailing: Mailing) -> Answer:
        provider = self.provider
        for call in provider.filling(mailing, mailing.draft_id):
            filled = await self._call(call, mailing)
            if isinstance(filled, Answer):
                if filled.verdict is not Verdict.REFUSED:
                    return _nothing_sent(filled)
                # A draft that was sent already cannot be filled any more.
                return await self._unless_it_is_on_its_way(mailing, filled)
        sent = await self._call(provider.sending(mailing.draft_id), mailing)
        if isinstance(sent, Reply):
            return replace(_all(mailing, DeliveryState.ACCEPTED), http_status=sent.status)
        if sent.verdict in {Verdict.AMBIGUOUS, Verdict.NOT_SENT}:
            return sent
        return await self._unless_it_is_on_its_way(mailing, sent)

    async def _unless_it_is_on_its_way(self, mailing: Mailing, refusal: Answer) -> Answer:
        """Return a refusal, unless it is one because the draft was sent before."""
        if refusal.http_status == _NOT_LET_IN:
            return refusal
        asked = await self._ask(mailing)
        if asked.verdict is Verdict.ANSWERED and asked.deliveries[0].state is DeliveryState.PENDING:
            return refusal
        if asked.verdict is Verdict.ANSWERED:
            return asked
        return Answer(Verdict.AMBIGUOUS, detail=refusal.detail, http_status=refusal.http_status)

    async def _ask(self, mailing: Mailing) -> Answer:
        reply = await self._call(self.provider.asking(mailing.draft_id), mailing)
        if isinstance(reply, Answer):
            gone = reply.http_status in self.provider.gone
            error = f"{self.provider.title} has no draft {mailing.draft_id} any more"
            return _all(mailing, DeliveryState.UNKNOWN, error) if gone else reply
        match self.provider.standing(reply):
            case Standing.ON_ITS_WAY:
                return _all(mailing, DeliveryState.ACCEPTED)
            case Standing.DRAFT:
                return replace(_all(mailing, DeliveryState.PENDING), draft_id=mailing.draft_id)
            case Standing.STOPPED:
                error = f"{self.provider.title} says that it was stopped or failed; look at {mailing.draft_id} there"
                return _all(mailing, DeliveryState.UNKNOWN, error)
            case Standing.UNCLEAR:
                return Answer(Verdict.AMBIGUOUS, detail=self.provider.retold(reply, "an unknown status"))

    async def _find(self, mailing: Mailing) -> str | Answer:
        call = self.provider.searching(mailing)
        if call is None:
            return ""
        reply = await self._call(call, mailing)
        return _nothing_sent(reply) if isinstance(reply, Answer) else self.provider.found(reply, mailing)

    async def _prove(self, mailing: Mailing) -> Answer:
        if instead := self.provider.prover(mailing):
            prover, single = instead
            async with prover.connect() as connection:
                return await connection.send(single)
        made = await self._call(self.provider.drafting(mailing), mailing)
        if isinstance(made, Answer):
            return made
        draft_id = self.provider.draft_id(made)
        if not draft_id:
            return Answer(Verdict.REFUSED, detail=self.provider.retold(made, "a success without an id"))
        answer = _all(replace(mailing, draft_id=draft_id), DeliveryState.ACCEPTED)
        for call in self.provider.proving(mailing, draft_id):
            done = await self._call(call, mailing)
            if isinstance(done, Answer):
                answer = done
                break
        if removing := self.provider.removing(draft_id):
            await self._call(removing, mailing)  # a draft left behind is an eyesore, and nothing worse
        return answer

    async def _call(self, call: Call, mailing: Mailing) -> Reply | Answer:
        """Return the reply to a request that succeeded, or the answer that its failure comes to."""
        provider = self.provider
        reply = await request_once(
            self.client,
            provider.url(call),
            method=call.method,
            headers=provider.headers(call, mailing, value_of),
            content=encoded(call),
            deadline=provider.timeout,
        )
        if isinstance(reply, Answer):
            return replace(reply, detail=retell(reply.detail, *provider.secrets))
        outcome = provider.outcome(reply)
        if outcome is Outcome.ACCEPTED:
            return reply
        verdict = {Outcome.NOT_SENT: Verdict.NOT_SENT, Outcome.AMBIGUOUS: Verdict.AMBIGUOUS}.get(outcome)
        wait = provider.wait(reply) if verdict is Verdict.NOT_SENT else None
        detail = provider.retold(reply)
        return Answer(verdict or Verdict.REFUSED, detail=detail, http_status=reply.status, retry_after=wait)


def _nothing_sent(answer: Answer) -> Answer:
    """Return the answer to a request that sends nothing, whatever became of it."""
    return replace(answer, verdict=Verdict.NOT_SENT) if answer.verdict is Verdict.AMBIGUOUS else answer


def _all(mailing: Mailing, state: DeliveryState, error: str = "") -> Answer:
    message_id = mailing.draft_id if state is DeliveryState.ACCEPTED else ""
    told: Sequence[Delivery] = [Delivery(each, state, message_id, error) for each in mailing.recipients]
    return Answer(Verdict.ANSWERED, tuple(told), detail=error)
