"""SendGrid as far as Single Sends go: drafts that are scheduled once, single mails for proofs, and Handlebars."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http
from tests.servers.list_peer import ListMail, ListPeer, Troubles, opened
from tests.servers.lists_resend_broadcasts import shown
from tests.servers.peer import SECRET

LEAVE = "https://lists.example.com/leave/reader1"
LIST_ID = "f2fe66a1-43f3-4e3a-87b1-c6a600d805f0"
SENDERS = {3: "news@example.com"}
GROUPS = {12}
_VARIABLE = re.compile(r"\\?\{\{\{\{.*?\}\}\}\}|\\?\{\{\{(.*?)\}\}\}|\\?\{\{.*?\}\}", re.DOTALL)
_ROOT = "/v3/marketing/singlesends"


@contextmanager
def sendgrid_single_sends(root: Path) -> Iterator[ListPeer]:
    sends: dict[str, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    troubles = Troubles()

    def answered(request: http.Received) -> http.Scripted:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return _error(401, "The provided authorization grant is invalid, expired, or revoked")
        if request.path == "/v3/mail/send":
            proofs.extend(_singles(request.json))
            return http.accepted()
        match request.method, *request.path.removeprefix(_ROOT).split("/")[1:]:
            case ("POST",):
                return _made(sends, request.json)
            case "POST", "search":
                wanted = request.json
                assert 1 <= len(wanted["name"]) <= 100
                found = [
                    {key: each[key] for key in ("id", "name", "status")}
                    for each in sends.values()
                    if wanted["name"] in each["name"] and each["status"] in wanted["status"]
                ]
                return http.reply(200, body={"result": found, "_metadata": {"count": len(found)}})
            case method, name, *action if name in sends:
                return _done(sends[name], method, action, request, issues)
        return _error(404, "resource not found")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("sendgrid_single_sends", root, base_url=server.url, sender_id=3, suppression_group_id=12),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [name for name, each in sends.items() if each["status"] == "draft"],
            delete=sends.__delitem__,
            list_name=LIST_ID,
            leave=LEAVE,
            withheld=frozenset({"List-Unsubscribe", "List-Id", "X-Campaign", "subject", "text"}),
        )


def _made(sends: dict[str, dict[str, Any]], new: dict[str, Any]) -> http.Scripted:
    if not 1 <= len(new["name"]) <= 100:
        return _error(400, "length should be between 1 and 100", "name")
    assert "send_at" not in new
    name = str(uuid.uuid4())
    sends[name] = {**new, "id": name, "status": "draft"}
    return http.reply(201, body=sends[name])


def _done(
    send: dict[str, Any], method: str, action: list[str], request: http.Received, issues: list[ListMail]
) -> http.Scripted:
    match method, *action:
        case ("GET",):
            return http.reply(200, body=send)
        case "PUT", "schedule":
            config, to = send["email_config"], send["send_to"]
            if send["status"] != "draft":
                return _error(400, "single send has already been triggered")
            if config["sender_id"] not in SENDERS or config.get("suppression_group_id") not in GROUPS:
                return _error(400, "sender or unsubscribe group is missing", "email_config")
            assert request.json == {"send_at": "now"}
            send["status"] = "triggered"
            issues.append(
                rendered(send, ("list:all",) if to.get("all") else tuple(f"list:{x}" for x in to["list_ids"]))
            )
            return http.reply(201, body={"send_at": "2026-11-22T08:00:00Z", "status": "scheduled"})
    return _error(405, "method not allowed")


def rendered(send: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of a Single Send; a mail program shows character references for braces as braces."""
    config = send["email_config"]
    assert config["generate_plain_content"] is False

    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda found: LEAVE if found[0] == "{{{unsubscribe}}}" else "", text)

    return ListMail(
        to=to,
        subject=filled(config["subject"]),
        sender=SENDERS[config["sender_id"]],
        headers={"List-Unsubscribe": f"<{LEAVE}>"},
        html=shown(filled(config["html_content"])),
        text=filled(config["plain_content"]),
    )


def _singles(body: Mapping[str, Any]) -> Iterator[ListMail]:
    content = {part["type"]: part["value"] for part in body["content"]}
    for personal in body["personalizations"]:
        yield ListMail(
            to=tuple(each["email"] for each in personal["to"]),
            subject=body["subject"],
            sender=body["from"]["email"],
            headers={**body.get("headers", {}), **personal.get("headers", {})},
            html=content["text/html"],
            text=content["text/plain"],
        )


def _error(status: int, message: str, field: str | None = None) -> http.Scripted:
    return http.reply(status, body={"errors": [{"message": message, "field": field}]})
