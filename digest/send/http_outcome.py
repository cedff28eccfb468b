"""What one POST of mail came to: the table from status and exception to verdict, and the POST that feeds it.

Whatever happens after the first byte may have left is ambiguous unless the provider itself says otherwise. Nothing
here tries again, follows a redirect, or reads the clock: dates are compared with the reply's own `Date`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.send.detail import retell
from digest.send.providers import Answer, Verdict

if TYPE_CHECKING:
    import httpx

_BODY_READ = 2 * 1024 * 1024
"""Octets of a reply: some tell an id for each of a thousand readers; more is no reply that we could use."""
_LONGEST_WAIT = 3600.0
"""Seconds: a longer Retry-After is asked about again after an hour."""


class Outcome(StrEnum):
    """What a status says about the whole request."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """This payload will never be taken: the provider's words tell whether a reader is to blame, or the mail."""
    NOT_SENT = "not_sent"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"


_TABLE = {
    400: Outcome.REJECTED,
    413: Outcome.REJECTED,
    422: Outcome.REJECTED,
    408: Outcome.AMBIGUOUS,
    409: Outcome.AMBIGUOUS,
    429: Outcome.NOT_SENT,
    499: Outcome.AMBIGUOUS,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A provider's reply: its status is always known, its body only as far as it could be read."""

    status: int
    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: bytes = b""


def outcome_of(status: int, *, accepted: Container[int]) -> Outcome:
    """Return what `status` says; only the statuses that a provider documents as success count as `accepted`."""
    if status in accepted:
        return Outcome.ACCEPTED
    if status in _TABLE:
        return _TABLE[status]
    # 3xx and the other 4xx mean that address, key, plan or request are wrong for every batch alike.
    return Outcome.REFUSED if 300 <= status < 500 else Outcome.AMBIGUOUS


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that a 429 asks for: Retry-After (seconds or date), else X-RateLimit-Reset."""
    asked, answered_at = headers.get("retry-after", "").strip(), _date(headers.get("date", ""))
    if asked.isdecimal():
        return _bounded(float(asked))
    if (until := _date(asked)) and answered_at:
        return _bounded((until - answered_at).total_seconds())
    reset = headers.get("x-ratelimit-reset", "").strip()
    if reset.isdecimal() and answered_at:
        return _bounded(float(reset) - answered_at.timestamp())
    return None


_WINDOWS = (
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    ("x-sib-ratelimit-remaining", "x-sib-ratelimit-reset"),
)
_AN_INSTANT = 1_000_000_000
"""A reset above this is an instant (Unix time), one below a number of seconds."""


def window_left(headers: Mapping[str, str]) -> float:
    """Return the seconds until the rate allows another request; 0 when it does now, or nothing is said."""
    for remaining, reset in _WINDOWS:
        left, until = headers.get(remaining, "").strip(), headers.get(reset, "").strip()
        if left == "0" and until.isdecimal() and len(until) < len("10000000000000"):
            answered_at = _date(headers.get("date", ""))
            if int(until) < _AN_INSTANT:
                return _bounded(float(until))
            return _bounded(int(until) - answered_at.timestamp()) if answered_at else 0.0
    return 0.0


async def request_once(
    client: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes,
    deadline: float,
    method: str = "POST",
) -> Reply | Answer:
    """Ask once within `deadline` seconds; return the reply, or the answer that stands for its absence."""
    import httpx

    reply: Reply | None = None
    try:
        async with (
            asyncio.timeout(deadline),
            client.stream(method, url, headers=dict(headers), content=content) as response,
        ):
            reply = Reply(response.status_code, response.headers)
            reply = replace(reply, body=await _beginning(response))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Answer(Verdict.NOT_SENT, detail=retell(f"no connection: {_named(error)}"))
    except (httpx.HTTPError, TimeoutError) as error:
        if reply is None:
            return Answer(Verdict.AMBIGUOUS, detail=retell(f"no answer came: {_named(error)}"))
    return reply


async def _beginning(response: httpx.Response) -> bytes:
    """Return the beginning of the body; the rest is read too, within the deadline, so that the connection lives on."""
    kept = b""
    async for chunk in response.aiter_raw():
        kept = (kept + chunk)[:_BODY_READ]
    return kept


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
