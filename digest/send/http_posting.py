"""One batch on its way by HTTP: posted once, and an answer for every reader, also for those who were kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.models import Delivery, DeliveryState, Recipient, Secret
from digest.send.detail import retell
from digest.send.http_outcome import Outcome, Reply, request_once, window_left
from digest.send.look_ups.asking import what_became
from digest.send.providers import Answer, Mailing, Verdict

if TYPE_CHECKING:
    import httpx

    from digest.send.http_batch import HttpBatch


@dataclass(frozen=True, slots=True)
class HttpConnection:
    """An open client of one provider."""

    provider: HttpBatch
    client: httpx.AsyncClient

    async def send(self, mailing: Mailing) -> Answer:
        """Post the batch once and tell what the reply means for every reader."""
        provider = self.provider
        if problems := provider.problems():
            return Answer(Verdict.REFUSED, detail=problems[0])
        batch = provider.sorted_out(mailing)
        readers = [reader for reader, reason in batch if not reason]
        if not readers:
            return _with_the_others(batch, Answer(Verdict.ANSWERED, detail="no reader of this batch can be written to"))
        try:
            kind, content = provider.content(mailing, readers, _value)
        except (DigestError, UnicodeEncodeError) as error:
            return Answer(Verdict.REFUSED, detail=retell(str(error), *provider.secrets))
        if reason := _too_large(provider, len(readers), len(content)):
            return Answer(Verdict.REFUSED, detail=reason)
        headers = provider.headers(mailing, kind, content, _value)
        reply = await request_once(
            self.client, provider.url, headers=headers, content=content, deadline=provider.timeout
        )
        if isinstance(reply, Answer):
            return replace(reply, detail=retell(reply.detail, *provider.secrets))
        answer = _answer(provider, readers, reply)
        return replace(_with_the_others(batch, answer), window_left=window_left(reply.headers))

    async def look_up(self, mailing: Mailing) -> Answer:
        """Ask what became of copies; see `Inquiry`."""
        return await what_became(self.provider, self.client, mailing)


def _value(secret: Secret) -> str:
    return secret.value


def _too_large(provider: HttpBatch, readers: int, octets: int) -> str:
    if not provider.largest or octets <= provider.largest:
        return ""
    fits = readers * provider.largest // octets
    advice = f"set batch_limit to {fits} or less" if fits else "the mail has to become smaller"
    most = f"{provider.title} takes {provider.largest:,}"
    return f"the request for {readers} readers has {octets:,} octets, {most}: {advice}"


def _answer(provider: HttpBatch, readers: Sequence[Recipient], reply: Reply) -> Answer:
    match provider.outcome(reply):
        case Outcome.ACCEPTED | Outcome.REJECTED:
            return provider.told(readers, reply)
        case outcome:
            verdict = _VERDICTS[outcome]
    wait = provider.wait(reply) if verdict is Verdict.NOT_SENT else None
    detail = provider.retold(reply, provider.said(reply))
    return Answer(verdict, detail=detail, http_status=reply.status, retry_after=wait)


_VERDICTS = {
    Outcome.NOT_SENT: Verdict.NOT_SENT,
    Outcome.REFUSED: Verdict.REFUSED,
    Outcome.AMBIGUOUS: Verdict.AMBIGUOUS,
}


def _with_the_others(batch: Sequence[tuple[Recipient, str]], answer: Answer) -> Answer:
    """Put the readers that were never posted between the others, in their own order."""
    if not answer.deliveries and answer.verdict is not Verdict.ANSWERED:
        return answer
    if not any(why for _, why in batch):
        return answer
    rest = iter(answer.deliveries)
    told = [Delivery(reader, DeliveryState.REJECTED, error=why) if why else next(rest) for reader, why in batch]
    return replace(answer, deliveries=tuple(told))
