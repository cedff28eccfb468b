"""Decides how a dead-man switch outside hears that all is well: a GET of its address, as healthchecks.io takes it.

Nothing is sent when something is wrong: its silence is the alarm, and that works when this machine is gone, too.
https://healthchecks.io/docs/http_api: HEAD, GET and POST count, and what was noted is answered 200.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.models import Secret
from digest.send.http_outcome import request_once
from digest.send.providers import Answer
from digest.send.secret_address import address_problems

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ping:
    """The address; whoever knows it can keep the switch quiet, so it is a secret."""

    url: Secret

    def problems(self) -> Sequence[str]:
        """Return what keeps it from being used, one sentence each, without the address."""
        return address_problems(self.url)

    async def go(self) -> str:
        """Say that all is well; return what went wrong in one line without the address, or nothing."""
        import httpx  # nobody else in a run without reports needs it

        if problems := self.problems():
            return problems[0]
        url = self.url.value
        async with httpx.AsyncClient(
            timeout=_SECONDS, follow_redirects=False, trust_env=url.startswith("https:")
        ) as client:
            headers = {"User-Agent": "newsletter-digest"}
            reply = await request_once(client, url, headers=headers, content=b"", deadline=_SECONDS, method="GET")
        if isinstance(reply, Answer):
            return reply.detail.partition(":")[0]  # what follows may hold the address
        return "" if 200 <= reply.status < 300 else f"it was answered {reply.status}"


def open_ping(asked: str, environment: Mapping[str, str]) -> Ping | None:
    """Return what `env:NAME` of the configuration asks for; None when that is empty."""
    name = asked.removeprefix("env:")
    return Ping(Secret(name, environment.get(name, ""))) if name else None
