"""Mailchimp as far as `/campaigns` goes: a campaign, its content, the checklist, tests, and what merge tags become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import http
from tests.servers.list_peer import ListMail, ListPeer, Troubles, opened
from tests.servers.peer import SECRET

LEAVE = "https://example.us6.list-manage.com/unsubscribe?u=1&id=2&e=reader1"
AUDIENCE = "a1B2c3D4e5"
_TAG = re.compile(r"\*\|(.*?)\|\*", re.DOTALL)
_HTML, _TEXT = "html", "plain_text"


@contextmanager
def mailchimp(root: Path) -> Iterator[ListPeer]:
    campaigns: dict[str, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    troubles = Troubles()
    made = 0

    def answered(request: http.Received) -> http.Scripted:
        nonlocal made
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return _problem(401, "API Key Invalid", "Your API key may be invalid.")
        url = urlsplit(request.path)
        found, *action = [*url.path.removeprefix("/3.0/campaigns").strip("/").split("/", 1), ""][:2]
        match request.method, found:
            case "POST", "":
                if request.json["recipients"]["list_id"] != AUDIENCE:
                    return _problem(400, "Invalid Resource", "The list does not exist.")
                made += 1
                campaigns[f"c{made:09d}"] = {**request.json, "id": f"c{made:09d}", "status": "save", "content": {}}
                return http.reply(200, body=campaigns[f"c{made:09d}"])
            case "GET", "":
                return http.reply(200, body={"campaigns": _listed(campaigns, parse_qs(url.query))})
        campaign = campaigns.get(found)
        if campaign is None:
            return _problem(404, "Resource Not Found", "The requested resource could not be found.")
        match request.method, *action:
            case "GET", "":
                return http.reply(200, body={"id": found, "status": campaign["status"]})
            case "DELETE", "":
                del campaigns[found]
                return http.reply(204)
            case "GET", "send-checklist":
                missing = [] if "*|UNSUB|*" in campaign["content"].get(_HTML, "") else ["There is no way to leave."]
                items = [{"type": "error", "id": 1, "heading": "Content", "details": each} for each in missing]
                return http.reply(200, body={"is_ready": not missing, "items": items})
            case "POST", "actions/test":
                assert request.json["send_type"] == "html"
                proofs.append(rendered(campaign, tuple(request.json["test_emails"])))
                return http.reply(204)
        if campaign["status"] != "save":
            return _problem(400, "Bad Request", "This campaign has been sent, and cannot be edited or sent.")
        match request.method, *action:
            case "PUT", "content":
                campaign["content"] = request.json
                return http.reply(200, body=request.json)
            case "POST", "actions/send":
                campaign["status"] = "sending"
                issues.append(rendered(campaign, (f"list:{campaign['recipients']['list_id']}",)))
                return http.reply(204)
        return _problem(405, "Method Not Allowed", "The requested method and resource are not compatible.")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("mailchimp", root, base_url=f"{server.url}/3.0"),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [name for name, each in campaigns.items() if each["status"] == "save"],
            delete=campaigns.__delitem__,
            list_name=AUDIENCE,
            leave=LEAVE,
            withheld=frozenset({"List-Unsubscribe", "List-Id", "X-Campaign", "X-Digest-Proof"}),
        )


def rendered(campaign: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of a campaign; a mail program shows the character reference for a bar as a bar."""
    settings, content = campaign["settings"], campaign["content"]
    assert settings["auto_footer"] is False
    return ListMail(
        to=to,
        subject=_merged(settings["subject_line"]),
        sender=settings["reply_to"],
        headers={"List-Unsubscribe": f"<{LEAVE}>"},
        html=_merged(content[_HTML]).replace("&#124;", "|"),
        text=_merged(content.get(_TEXT, "")),
    )


def _merged(text: str) -> str:
    return _TAG.sub(lambda tag: LEAVE if tag[1] == "UNSUB" else "", text)


def _listed(campaigns: Mapping[str, dict[str, Any]], asked: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return what a list shows of the campaigns of one status and audience: ten, unless more are asked for."""
    found = [
        {key: each[key] for key in ("id", "status", "settings", "recipients")}
        for each in list(campaigns.values())[::-1]
        if each["status"] == asked["status"][0] and each["recipients"]["list_id"] == asked["list_id"][0]
    ]
    return found[: int(asked.get("count", ["10"])[0])]


def _problem(status: int, title: str, detail: str) -> http.Scripted:
    body = {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status}
    return http.reply(status, body={**body, "detail": detail, "instance": "995c5cb0"})
