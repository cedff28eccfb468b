"""Mailtrap as far as its batches go: what a request says replaces what the base says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened


@contextmanager
def mailtrap(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("mailtrap", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [copy for request in server.requests for copy in as_mailtrap_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json["requests"]) for request in server.requests),
            secret=SECRET,
        )


def answered(request: http.Received) -> http.Scripted:
    if request.headers["authorization"] != f"Bearer {SECRET}":
        return http.reply(401, body={"success": False, "errors": ["Unauthorized"]})
    return http.reply(200, body={"success": True, "responses": [taken(at) for at, _ in enumerate(_of(request))]})


def taken(number: int) -> dict[str, Any]:
    return {"success": True, "message_ids": [f"mt-{number}"]}


def _of(request: http.Received) -> list[Any]:
    found: list[Any] = request.json["requests"]
    return found


def as_mailtrap_would(body: Any) -> Iterator[Received]:
    for own in body["requests"]:
        message = {**body["base"], **own}
        (to,) = message["to"]
        yield Received(
            address=to["email"],
            subject=message["subject"],
            headers={**message.get("headers", {}), "To": f"{to.get('name')} <{to['email']}>"},
            html=message["html"],
            text=message["text"],
            everything=str(message),
        )
