"""MailerSend as far as its bulk endpoint goes, for an account that may send headers of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened


@contextmanager
def mailersend(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        options = {"api_key": "env:CANARY", "base_url": server.url, "own_headers": True}
        yield Peer(
            provider=opened("mailersend", root, **options),
            received=lambda: [copy for request in server.requests for copy in as_mailersend_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json) for request in server.requests),
            secret=SECRET,
        )


def answered(request: http.Received) -> http.Scripted:
    if request.headers["authorization"] != f"Bearer {SECRET}":
        return http.reply(401, body={"message": "Unauthenticated."})
    return http.reply(202, body={"message": "The bulk email is being processed.", "bulk_email_id": "614470d1588b866d"})


def as_mailersend_would(body: Any) -> Iterator[Received]:
    """Make the mails: both headers for leaving are made of `list_unsubscribe`, as the help pages say."""
    for message in body:
        (to,) = message["to"]
        leaving = message.get("list_unsubscribe")
        written = {"List-Unsubscribe": f"<{leaving}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        own = {each["name"]: each["value"] for each in message.get("headers", [])}
        yield Received(
            address=to["email"],
            subject=message["subject"],
            headers={**(written if leaving else {}), **own, "To": f"{to.get('name')} <{to['email']}>"},
            html=message["html"],
            text=message["text"],
            everything=str(message),
        )
