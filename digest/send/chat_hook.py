"""Decides how a few lines reach a chat by its incoming webhook: JSON `{"text": …}` as Slack takes it, posted once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from digest.models import Secret
from digest.send.http_outcome import request_once
from digest.send.providers import Answer
from digest.send.secret_address import address_problems

_SECONDS = 10.0
_LONGEST = 4_000
"""Characters: Slack splits what is longer (https://api.slack.com/changelog/2018-04-truncating-really-long-messages)."""


@dataclass(frozen=True, slots=True)
class ChatHook:
    """The incoming webhook of a chat; whoever knows its address can write there, so it is a secret."""

    url: Secret

    def problems(self) -> Sequence[str]:
        """Return what keeps it from being used, one sentence each, without the address."""
        return address_problems(self.url)

    async def tell(self, text: str) -> str:
        """Post the text; return what went wrong in one line, or nothing. What the chat answers is not repeated."""
        import httpx  # nobody else in a run without reports needs it

        if problems := self.problems():
            return problems[0]
        url = self.url.value
        content = json.dumps({"text": _plain(text)}, ensure_ascii=False).encode("utf-8", "replace")
        async with httpx.AsyncClient(
            timeout=_SECONDS, follow_redirects=False, trust_env=url.startswith("https:")
        ) as client:
            headers = {"Content-Type": "application/json"}
            reply = await request_once(client, url, headers=headers, content=content, deadline=_SECONDS)
        if isinstance(reply, Answer):
            return reply.detail.partition(":")[0]
        # Neither its words nor an exception's: they may hold the address ("cannot POST /…").
        return "" if 200 <= reply.status < 300 else f"the chat answered {reply.status}"


def _plain(text: str) -> str:
    """Write the text so that nothing in it is a link or calls people: Slack's syntax stands between < and >.

    https://api.slack.com/reference/surfaces/formatting#escaping
    """
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
