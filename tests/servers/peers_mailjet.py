"""Mailjet as far as its Send API v3.1 goes: globals are the defaults of every message."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digest.send.opening import open_provider
from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received

FORBIDDEN = {"list-id", "message-id", "date", "x-mailer", "user-agent", "sender", "return-path", "x-csa-complaints"}


@contextmanager
def mailjet(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        options = {"api_key": "env:PUBLIC", "secret_key": "env:CANARY", "base_url": server.url}
        yield Peer(
            provider=open_provider("mailjet", options, {"CANARY": SECRET, "PUBLIC": "public"}, root=root),
            received=lambda: [copy for request in server.requests for copy in as_mailjet_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json["Messages"]) for request in server.requests),
            secret=SECRET,
            withheld=frozenset({"List-Id"}),
        )


def answered(request: http.Received) -> http.Scripted:
    """Refuse another key and forbidden headers; else take every message."""
    if request.headers["authorization"] != "Basic " + base64.b64encode(f"public:{SECRET}".encode()).decode():
        return http.reply(401, body={"ErrorCode": "mj-0015", "ErrorMessage": "API key authentication failure"})
    if any(FORBIDDEN & {name.lower() for name in each.get("Headers", {})} for each in request.json["Messages"]):
        return http.reply(400, body={"ErrorCode": "send-0011", "ErrorMessage": "a header cannot be customized"})
    return http.reply(200, body={"Messages": [taken(at) for at, _ in enumerate(request.json["Messages"])]})


def taken(number: int) -> dict[str, Any]:
    to = {"Email": "x@example.com", "MessageUUID": f"uuid-{number}", "MessageID": 1000 + number, "MessageHref": "…"}
    return {"Status": "success", "CustomID": "", "To": [to], "Cc": [], "Bcc": []}


def as_mailjet_would(body: Any) -> Iterator[Received]:
    for own in body["Messages"]:
        message = {**body["Globals"], **own}
        (to,) = message["To"]
        yield Received(
            address=to["Email"],
            subject=message["Subject"],
            headers={**message.get("Headers", {}), "To": f"{to.get('Name')} <{to['Email']}>"},
            html=message["HTMLPart"],
            text=message["TextPart"],
            everything=str(message),
        )
