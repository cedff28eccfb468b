"""SparkPost as far as transmissions go: it renders its template language, and writes List-Unsubscribe itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.servers import http
from tests.servers.handlebars import rendered
from tests.servers.peer import SECRET, Peer, Received, opened

OWN = ("List-Unsubscribe", "List-Unsubscribe-Post")
BRACES = {"opening_single_curly()": "{", "closing_single_curly()": "}"}


@contextmanager
def sparkpost(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("sparkpost", root, api_key="env:CANARY", base_url=server.url),
            received=lambda: [copy for request in server.requests for copy in as_sparkpost_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json["recipients"]) for request in server.requests),
            secret=SECRET,
            withheld=frozenset(OWN),
        )


def answered(request: http.Received) -> http.Scripted:
    if request.headers["authorization"] != SECRET:
        return http.reply(401, body={"errors": [{"message": "Unauthorized."}]})
    return http.reply(200, body={"results": results(len(request.json["recipients"]), 0)})


def results(taken: int, left: int) -> dict[str, Any]:
    return {"id": "11668787484950529", "total_accepted_recipients": taken, "total_rejected_recipients": left}


def as_sparkpost_would(body: Any) -> Iterator[Received]:
    content = body["content"]
    for recipient in body["recipients"]:
        values = {**recipient["substitution_data"], **BRACES}
        to = recipient["address"]
        parts = {name: rendered(_links(content[name], values), values) for name in ("subject", "html", "text")}
        headers = {name: rendered(value, values) for name, value in content.get("headers", {}).items()}
        if "list_id" in body.get("override", {}):
            headers["List-Id"] = body["override"]["list_id"]
        for name in OWN:
            if headers.pop(name, ""):
                headers[name] = "<mailto:unsubscribe@sparkpost.example>"
        yield Received(
            address=to["email"],
            subject=parts["subject"],
            headers={**headers, "To": f"{to.get('name')} <{to['email']}>"},
            html=parts["html"],
            text=parts["text"],
            everything=str(recipient) + str(parts),
        )


def _links(text: str, values: dict[str, str]) -> str:
    """Percent-encode the value of an expression with two braces in a link, as SparkPost does."""

    def encoded(found: re.Match[str]) -> str:
        return re.sub(r"(?<!\{)\{\{(\w+)\}\}(?!\})", lambda inner: quote(values[inner[1]], safe=""), found[0])

    return re.sub(r"https?://[^\s\"'<>]+", encoded, text)
