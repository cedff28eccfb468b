"""Amazon SES as far as SendBulkEmail goes: it checks the signature of what arrived, and renders the inline template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from digest.send.opening import open_provider
from digest.send.providers.ses import Provider
from digest.send.sigv4 import Signer
from tests.servers import http
from tests.servers.handlebars import rendered
from tests.servers.peer import SECRET, Peer, Received

REGION = "ap-northeast-1"
NOW = datetime(2026, 1, 19, 0, 0, tzinfo=UTC)


@contextmanager
def ses(root: Path) -> Iterator[Peer]:
    with http.HttpServer(default=answered) as server:
        options = {"api_key": "env:CANARY", "access_key_id": "env:KEY_ID", "region": REGION, "base_url": server.url}
        provider = open_provider("ses", options, {"CANARY": SECRET, "KEY_ID": "AKIDEXAMPLE"}, root=root)
        assert isinstance(provider, Provider)
        yield Peer(
            provider=replace(provider, clock=lambda: NOW),
            received=lambda: [copy for request in server.requests for copy in as_ses_would(request.json)],
            sent=lambda: server.requests[-1].json,
            copies=lambda: sum(len(request.json["BulkEmailEntries"]) for request in server.requests),
            secret=SECRET,
        )


def answered(request: http.Received) -> http.Scripted:
    """Answer for every entry, or refuse a signature that is not made of this very request."""
    if not signed_right(request, SECRET):
        return http.reply(403, {"x-amzn-ErrorType": "SignatureDoesNotMatch"}, {"message": "it does not match"})
    count = len(request.json["BulkEmailEntries"])
    results = [{"Status": "SUCCESS", "MessageId": f"0102-{number}"} for number in range(count)]
    return http.reply(200, body={"BulkEmailEntryResults": results})


def signed_right(request: http.Received, secret: str, method: str = "POST") -> bool:
    given = request.headers["authorization"]
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    signed = {name: request.headers[name] for name in names}
    at = datetime.strptime(signed["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    signature = Signer("", secret, REGION, "ses").signature(method, f"http://x{request.path}", signed, request.body, at)
    wanted = {"host", "content-type"} if request.body else {"host"}
    return wanted <= set(names) and given.endswith(f"Signature={signature}")


def as_ses_would(body: Any) -> Iterator[Received]:
    """Make the mails of a request, the way Amazon's documentation tells: headers of both levels are merged."""
    template = body["DefaultContent"]["Template"]
    for entry in body["BulkEmailEntries"]:
        (to,) = entry["Destination"]["ToAddresses"]
        assert to.isascii()
        values = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
        parts = {
            name: rendered(text, values, backslash_escapes=True) for name, text in template["TemplateContent"].items()
        }
        own = entry.get("ReplacementHeaders", [])
        yield Received(
            address=parseaddr(to)[1],
            subject=parts["Subject"],
            headers={
                **{each["Name"]: each["Value"] for each in (*template.get("Headers", []), *own)},
                "To": str(make_header(decode_header(to))),
            },
            html=parts.get("Html", ""),
            text=parts.get("Text", ""),
            everything=str(entry) + str(parts),
        )
