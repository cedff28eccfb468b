"""Postmark as far as `/email/batch` goes, with a stream whose owner manages unsubscribes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened


@contextmanager
def postmark(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        options = {"api_key": "env:CANARY", "base_url": server.url, "own_unsubscribe": True}
        yield Peer(
            provider=opened("postmark", root, **options),
            received=lambda: [as_postmark_would(each) for request in server.requests for each in request.json],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json) for request in server.requests),
            secret=SECRET,
        )


def answered(request: http.Received) -> http.Scripted:
    """Answer for every message, in order."""
    if request.headers["x-postmark-server-token"] != SECRET:
        return http.reply(401, body={"ErrorCode": 10, "Message": "Bad or missing server API token"})
    return http.reply(
        200,
        body=[
            {"To": each["To"], "MessageID": f"id-{at}", "ErrorCode": 0, "Message": "OK"}
            for at, each in enumerate(request.json)
        ],
    )


def as_postmark_would(message: Any) -> Received:
    """Make the mail of one message of a request."""
    return Received(
        address=parseaddr(message["To"])[1],
        subject=message["Subject"],
        headers={
            **{each["Name"]: each["Value"] for each in message.get("Headers", [])},
            "From": message["From"],
            "To": message["To"],
        },
        html=message.get("HtmlBody", ""),
        text=message.get("TextBody", ""),
        everything=str(message),
    )
