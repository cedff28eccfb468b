"""Resend as far as `/emails/batch` goes: mails as they are, and a day's memory for keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened


@contextmanager
def resend(root: Path) -> Iterator[Peer]:
    remembered: dict[str, tuple[Any, http.Scripted]] = {}
    mails: list[Any] = []

    def answered(request: http.Received) -> http.Scripted:
        if request.headers["authorization"] != f"Bearer {SECRET}":
            return http.reply(403, body={"statusCode": 403, "name": "invalid_api_key", "message": "API key is invalid"})
        key = request.headers["idempotency-key"]
        if key in remembered:
            before, said = remembered[key]
            if before == request.json:
                return said
            return http.reply(409, body={"name": "invalid_idempotent_request", "message": "Same key, other payload"})
        mails.extend(request.json)
        said = http.reply(200, body={"data": [{"id": f"{key}-{at}"} for at, _ in enumerate(request.json)]})
        remembered[key] = (request.json, said)
        return said

    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("resend", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [as_resend_would(mail) for mail in mails],
            sent=lambda: server.requests[-1].json,
            copies=lambda: len(mails),
            secret=SECRET,
            a_day_later=remembered.clear,
        )


def as_resend_would(mail: Any) -> Received:
    """Make the mail of one entry of a request."""
    (to,) = mail["to"]
    return Received(
        address=parseaddr(to)[1],
        subject=mail["subject"],
        headers={**mail.get("headers", {}), "From": mail["from"], "To": to},
        html=mail.get("html", ""),
        text=mail.get("text", ""),
        everything=str(mail),
    )
