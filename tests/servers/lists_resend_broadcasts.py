"""Resend as far as `/broadcasts` goes: drafts that are sent once, single mails for proofs, and what it fills in."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import http
from tests.servers.list_peer import ListMail, ListPeer, Troubles, opened
from tests.servers.peer import SECRET

LEAVE = "https://lists.example.com/leave/reader1"
SEGMENT = "78261eea-8f8b-4381-83c6-79fa7120f1cf"
_VARIABLE = re.compile(r"\{{2,3}(.*?)\}{2,3}", re.DOTALL)
"""Three braces are documented; two are taken for a variable, too, to be on the safe side."""


@contextmanager
def resend_broadcasts(root: Path) -> Iterator[ListPeer]:
    broadcasts: dict[str, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    remembered: set[str] = set()
    troubles = Troubles()

    def answered(request: http.Received) -> http.Scripted:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return _error(403, "invalid_api_key", "API key is invalid")
        url = urlsplit(request.path)
        if url.path == "/emails/batch":
            if request.headers["idempotency-key"] not in remembered:
                remembered.add(request.headers["idempotency-key"])
                proofs.extend(_single(mail) for mail in request.json)
            return http.reply(200, body={"data": [{"id": str(uuid.uuid4())} for _ in request.json]})
        found, action = [*url.path.removeprefix("/broadcasts").split("/"), "", ""][1:3]
        match request.method, found:
            case "POST", "":
                return _made(broadcasts, request.json)
            case "GET", "":
                youngest = list(broadcasts.values())[::-1][: int(parse_qs(url.query)["limit"][0])]
                kept = ("id", "name", "segment_id", "status")
                listed = [{key: each[key] for key in kept} for each in youngest]
                return http.reply(200, body={"object": "list", "has_more": False, "data": listed})
        broadcast = broadcasts.get(found)
        if broadcast is None:
            return _error(404, "not_found", "Broadcast not found")
        match request.method, action:
            case "GET", "":
                return http.reply(200, body=broadcast)
            case "POST", "send":
                if broadcast["status"] != "draft":
                    return _error(422, "validation_error", "Only draft broadcasts can be sent")
                broadcast["status"] = "queued"
                issues.append(rendered(broadcast, (f"list:{broadcast['segment_id']}",)))
                return http.reply(200, body={"id": found})
        return _error(405, "method_not_allowed", "Method is not allowed")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("resend_broadcasts", root, base_url=server.url),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [name for name, each in broadcasts.items() if each["status"] == "draft"],
            delete=broadcasts.__delitem__,
            list_name=SEGMENT,
            leave=LEAVE,
            withheld=frozenset({"List-Unsubscribe", "List-Id", "X-Campaign", "subject", "text"}),
        )


def _made(broadcasts: dict[str, dict[str, Any]], new: dict[str, Any]) -> http.Scripted:
    if not all(new.get(key) for key in ("from", "subject", "segment_id")):
        return _error(422, "missing_required_field", "from, subject or segment_id is missing")
    if new["segment_id"] != SEGMENT:
        return _error(404, "not_found", "Segment not found")
    assert not new.get("send"), "it would leave at once"
    name = str(uuid.uuid4())
    broadcasts[name] = {**new, "id": name, "status": "draft"}
    return http.reply(201, body={"id": name, "object": "broadcast"})


def rendered(broadcast: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of a broadcast; a mail program shows character references for braces as braces."""

    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda found: LEAVE if found[1] == "RESEND_UNSUBSCRIBE_URL" else "", text)

    return ListMail(
        to=to,
        subject=filled(broadcast["subject"]),
        sender=parseaddr(broadcast["from"])[1],
        headers={"List-Unsubscribe": f"<{LEAVE}>"},
        html=shown(filled(broadcast["html"])),
        text=filled(broadcast.get("text", "")),
    )


def shown(source: str) -> str:
    """Return HTML with the references that stand for braces and backslashes written out, as mail programs show it."""
    return re.sub(r"&#(123|125|92);", lambda found: html.unescape(found[0]), source)


def _single(mail: Mapping[str, Any]) -> ListMail:
    return ListMail(
        to=tuple(parseaddr(address)[1] for address in mail["to"]),
        subject=mail["subject"],
        sender=parseaddr(mail["from"])[1],
        headers=mail.get("headers", {}),
        html=mail.get("html", ""),
        text=mail.get("text", ""),
    )


def _error(status: int, name: str, message: str) -> http.Scripted:
    return http.reply(status, body={"statusCode": status, "name": name, "message": message})
