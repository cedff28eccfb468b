"""Brevo as far as `/v3/smtp/email` goes: its template language, and half an hour's memory for keys."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened

_MARKUP = re.compile(r"\{\{\s*params\.(\w+)\s*\}\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@contextmanager
def brevo(root: Path) -> Iterator[Peer]:
    remembered: set[str] = set()
    batches: list[Any] = []

    def answered(request: http.Received) -> http.Scripted:
        if request.headers["api-key"] != SECRET:
            return http.reply(401, body={"code": "unauthorized", "message": "Key not found"})
        key = str(uuid.UUID(request.json["headers"]["idempotencyKey"]))
        if key in remembered:
            return http.reply(400, body={"code": "duplicate_parameter", "message": "idempotencyKey is used already"})
        remembered.add(key)
        batches.append(request.json)
        ids = [f"<{key}.{at}@smtp-relay.mailin.fr>" for at, _ in enumerate(request.json["messageVersions"])]
        return http.reply(201, body={"messageIds": ids})

    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("brevo", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [copy for body in batches for copy in as_brevo_would(body)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(body["messageVersions"]) for body in batches),
            secret=SECRET,
            a_day_later=remembered.clear,
        )


def as_brevo_would(body: Any) -> Iterator[Received]:
    """Make the mails of a request; a version's headers stand instead of those of all, which is the worse case."""
    for version in body["messageVersions"]:
        (to,) = version["to"]

        def rendered(text: str, params: dict[str, str] = version["params"]) -> str:
            return _MARKUP.sub(lambda found: params.get(found[1] or "", ""), text)

        html, text = rendered(body["htmlContent"]), rendered(body.get("textContent", ""))
        yield Received(
            address=to["email"],
            subject=rendered(body["subject"]),
            headers={**version["headers"], "From": str(body["sender"]), "To": str(to)},
            html=html,
            text=text,
            everything=str(version) + html + text,
        )
