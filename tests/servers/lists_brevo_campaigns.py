"""Brevo as far as `/v3/emailCampaigns` goes: drafts sent once, tests to contacts, and its template language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import http
from tests.servers.list_peer import ListMail, ListPeer, Troubles, opened
from tests.servers.peer import SECRET

LEAVE = "https://lists.example.com/leave/reader1"
CONTACTS = {"kay@example.com", "lee@example.com"}
LISTS = {7}
_MARKUP = re.compile(r"\{\{\s*([\w.]+)\s*\}\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@contextmanager
def brevo_campaigns(root: Path) -> Iterator[ListPeer]:
    campaigns: dict[int, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    troubles = Troubles()

    def answered(request: http.Received) -> http.Scripted:
        if request.headers.get("api-key") != SECRET:
            return _error(401, "unauthorized", "Key not found")
        url = urlsplit(request.path)
        number, action = [*url.path.removeprefix("/v3/emailCampaigns").split("/"), "", ""][1:3]
        match request.method, number:
            case "POST", "":
                return _made(campaigns, request.json)
            case "GET", "":
                asked = parse_qs(url.query)
                drafts = [_overview(each) for each in campaigns.values() if [each["status"]] == asked["status"]]
                return http.reply(200, body={"campaigns": drafts[::-1][: int(asked["limit"][0])], "count": len(drafts)})
        campaign = campaigns.get(int(number))
        if campaign is None:
            return _error(404, "document_not_found", "Campaign ID does not exist")
        match request.method, action:
            case "GET", "":
                return http.reply(200, body=_overview(campaign))
            case "DELETE", "":
                del campaigns[int(number)]
                return http.reply(204)
            case "POST", "sendNow":
                if campaign["status"] != "draft":
                    return _error(400, "campaign_sent", "Campaign is already sent")
                campaign["status"] = "in_process"
                issues.append(rendered(campaign, tuple(f"list:{each}" for each in campaign["recipients"]["listIds"])))
                return http.reply(204)
            case "POST", "sendTest":
                wanted = request.json["emailTo"]
                assert wanted, "Brevo would send to its whole test list"
                if strangers := [each for each in wanted if each not in CONTACTS]:
                    return http.reply(400, body={"message": "Not sent", "unexistingEmails": strangers})
                proofs.append(rendered(campaign, tuple(wanted)))
                return http.reply(204)
        return _error(405, "method_not_allowed", "Method Not Allowed")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("brevo_campaigns", root, base_url=server.url),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [str(number) for number, each in campaigns.items() if each["status"] == "draft"],
            delete=lambda number: campaigns.__delitem__(int(number)),
            leave=LEAVE,
            withheld=frozenset({"List-Unsubscribe", "List-Id", "X-Campaign", "X-Digest-Proof", "text"}),
        )


def _made(campaigns: dict[int, dict[str, Any]], new: dict[str, Any]) -> http.Scripted:
    if not new.get("name") or "email" not in new.get("sender", {}) or len(new["htmlContent"]) <= 10:
        return _error(400, "missing_parameter", "name, sender or htmlContent is missing")
    if not set(new["recipients"]["listIds"]) <= LISTS:
        return _error(400, "invalid_parameter", "List does not exist")
    number = len(campaigns) + 1
    campaigns[number] = {**json.loads(json.dumps(new)), "id": number, "status": "draft"}
    return http.reply(201, body={"id": number})


def _overview(campaign: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: campaign[key] for key in ("id", "name", "status")}, "type": "classic", "htmlContent": ""}


def rendered(campaign: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of a campaign: variables are filled in, and whatever else looks like the language disappears."""
    values = {"unsubscribe": LEAVE, **{f"params.{name}": value for name, value in campaign.get("params", {}).items()}}

    def filled(template: str) -> str:
        return _MARKUP.sub(lambda found: values.get(found[1] or "", ""), template)

    return ListMail(
        to=to,
        subject=filled(campaign["subject"]),
        sender=campaign["sender"]["email"],
        headers={"List-Unsubscribe": f"<{LEAVE}>"},
        html=filled(campaign["htmlContent"]),
        text="",
    )


def _error(status: int, code: str, message: str) -> http.Scripted:
    return http.reply(status, body={"code": code, "message": message})
