"""Mandrill as far as messages/send goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened


@contextmanager
def mandrill(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("mandrill", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [as_mandrill_would(request.json) for request in server.requests],
            sent=lambda: {**server.requests[-1].json, "key": _masked(server.requests[-1].json["key"])},
            copies=lambda: len(server.requests),
            secret=SECRET,
        )


def _masked(key: str) -> str:
    assert key == SECRET
    return "env:CANARY"


def answered(request: http.Received) -> http.Scripted:
    if request.json["key"] != SECRET:
        return http.reply(500, body={"status": "error", "code": -1, "name": "Invalid_Key", "message": "Invalid key"})
    (to,) = request.json["message"]["to"]
    found = {"email": to["email"], "status": "sent", "_id": "abc123abc123", "reject_reason": None}
    return http.reply(200, body=[found])


def as_mandrill_would(body: Any) -> Received:
    message = body["message"]
    (to,) = message["to"]
    return Received(
        address=to["email"],
        subject=message["subject"],
        headers={**message["headers"], "To": f"{to.get('name')} <{to['email']}>"},
        html=message["html"],
        text=message["text"],
        everything=str(message),
    )
