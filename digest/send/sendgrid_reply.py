"""What SendGrid's reply to a batch means for every one of its readers.

SendGrid takes a batch as a whole or not at all. When it names the reader whose address it minds, only that one is
rejected and the others are pending: certainly not sent, so that they may go out in another batch. A refusal that names
nobody rejects nobody: the next batch would meet the same one, so a person has to look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from digest.models import Delivery, DeliveryState, Recipient, Secret
from digest.send.detail import retell
from digest.send.http_outcome import Outcome, Reply, outcome_of, retry_after
from digest.send.providers import Answer, Verdict

Batch: TypeAlias = Sequence[tuple[Recipient, str]]
"""Every reader of a batch, and why they were left out of the request (empty for those who were posted)."""

_ONE_READER = re.compile(r"personalizations[.\[](\d+)\]?(\.to\b|$)")
"""Headers and substitutions of a personalization are ours: what is wrong with one is wrong with all."""


def answer_to(batch: Batch, reply: Reply, *, key: Secret, sandbox: bool) -> Answer:
    """Return what the reply means; 200 is success in the sandbox only."""
    errors = _errors(reply.body)
    said = "; ".join(map(str, errors)) or "no explanation was given"
    detail = retell(f"SendGrid answered {reply.status}: {said}", key)
    posted = [reader for reader, reason in batch if not reason]
    match outcome_of(reply.status, accepted={200, 202} if sandbox else {202}):
        case Outcome.ACCEPTED:
            known_as = reply.headers.get("x-message-id", "")
            accepted = [Delivery(reader, DeliveryState.ACCEPTED, message_id=known_as) for reader in posted]
            return answered(batch, accepted, "sandbox: nothing is delivered" if sandbox else "", reply.status)
        case Outcome.REJECTED:
            culprits = {error.reader for error in errors} & set(range(len(posted)))
            if not culprits or any(error.about_the_mail for error in errors):
                return Answer(Verdict.REFUSED, detail=detail, http_status=reply.status)
            told = [
                Delivery(reader, DeliveryState.REJECTED, error=detail)
                if at in culprits
                else Delivery(reader, DeliveryState.PENDING)
                for at, reader in enumerate(posted)
            ]
            return answered(batch, told, detail, reply.status)
        case outcome:
            verdict = _VERDICTS[outcome]
    wait = retry_after(reply.headers) if verdict is Verdict.NOT_SENT else None
    return Answer(verdict, detail=detail, http_status=reply.status, retry_after=wait)


def answered(batch: Batch, posted: Sequence[Delivery], detail: str, status: int | None = None) -> Answer:
    """Put the readers that were never posted between the others, in their own order."""
    rest = iter(posted)
    told = [Delivery(reader, DeliveryState.REJECTED, error=why) if why else next(rest) for reader, why in batch]
    return Answer(Verdict.ANSWERED, tuple(told), detail=detail, http_status=status)


_VERDICTS = {
    Outcome.NOT_SENT: Verdict.NOT_SENT,
    Outcome.REFUSED: Verdict.REFUSED,
    Outcome.AMBIGUOUS: Verdict.AMBIGUOUS,
}


@dataclass(frozen=True, slots=True)
class _Error:
    """One entry of the `errors` array."""

    message: str
    field: str
    help: str

    @property
    def reader(self) -> int | None:
        """The position of the one reader whose address it is about."""
        found = _ONE_READER.match(self.field)
        return int(found[1]) if found else None

    @property
    def about_the_mail(self) -> bool:
        """Whether it names a part that all readers share: sender, subject, content, the way we write headers."""
        return bool(self.field) and self.reader is None

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.field and f"field {self.field}", self.help) if part)
        return f"{self.message} ({place})" if place else self.message


def _errors(body: bytes) -> list[_Error]:
    """Return the explanations in a reply; a page of a proxy has none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return []
    entries = found.get("errors") if isinstance(found, dict) else None
    return [
        _Error(*(str(entry.get(key) or "") for key in ("message", "field", "help")))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    ]
