"""Mailgun as far as `/v3/<domain>/messages` goes: one form, filled in for each of its recipients."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.servers import http
from tests.servers.peer import SECRET, Peer, Received, opened

DOMAIN = "mg.example.com"
REPEATED = {"to", "o:tag"}


@contextmanager
def mailgun(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        yield Peer(
            provider=opened("mailgun", root, api_key="env:CANARY", base_url=server.url, domain=DOMAIN),
            received=lambda: [copy for request in server.requests for copy in as_mailgun_would(form_of(request))],
            sent=lambda: form_of(server.requests[-1]),
            copies=lambda: sum(len(form_of(request)["to"]) for request in server.requests),
            secret=SECRET,
        )


def answered(request: http.Received) -> http.Scripted:
    """Queue the batch, or say what Mailgun says where no endpoint is."""
    if request.path != f"/v3/{DOMAIN}/messages":
        return http.reply(200, body="Mailgun Magnificent API")
    if request.headers["authorization"] != "Basic " + base64.b64encode(f"api:{SECRET}".encode()).decode():
        return http.reply(401, body="Forbidden")
    return http.reply(200, body={"id": f"<20260119.1@{DOMAIN}>", "message": "Queued. Thank you."})


def form_of(request: http.Received) -> dict[str, Any]:
    """Return the fields, those that may be repeated as lists."""
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict")
    return {name: values if name in REPEATED else values[0] for name, values in fields.items()}


def as_mailgun_would(form: dict[str, Any]) -> Iterator[Received]:
    """Make the mails of a form: `%recipient.name%` stands for a value anywhere in them, and unknown ones stay."""
    variables = json.loads(form["recipient-variables"])
    for to in form["to"]:
        address = parseaddr(to)[1]
        own = variables[address]

        def filled(text: str, own: dict[str, str] = own) -> str:
            return re.sub(r"%recipient\.([\w-]+)%", lambda found: own.get(found[1], found[0]), text)

        headers = {name[2:]: filled(value) for name, value in form.items() if name.startswith("h:")}
        html, text = filled(form.get("html", "")), filled(form.get("text", ""))
        yield Received(
            address=address,
            subject=filled(form["subject"]),
            headers={**headers, "From": form["from"], "To": to},
            html=html,
            text=text,
            everything=str(headers) + to + html + text,
        )
