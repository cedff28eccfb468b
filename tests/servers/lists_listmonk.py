"""A listmonk as far as `/api/campaigns` goes: drafts that are started once, tests to subscribers, and Go's templates.

Of the template language it reads what its own source says about the actions that occur here; every other action is
an error, as an unknown function would be.
"""

from __future__ import annotations

import html
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

LEAVE = "https://lists.example.com/subscription/campaign/reader1"
_SUBSCRIBERS = {"kay@example.com", "lee@example.com"}
_TRACKED = re.compile(r"(https?://[\w\-.~!#$&'()*+,/:;=?@\[\]%]*)@TrackLink")
_ACTION = re.compile(r'\{\{\s*(Safe\s+)?("(?:[^"\\]|\\.)*"|UnsubscribeURL(?: \.)?|TrackLink "[^"]*" \.)\s*\}\}')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@contextmanager
def listmonk(root: Path) -> Iterator[ListPeer]:
    campaigns: dict[int, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    troubles = Troubles()

    def answered(request: http.Received) -> http.Scripted:
        if request.headers.get("authorization") != f"token digest:{SECRET}":
            return _error(403, "invalid session")
        url = urlsplit(request.path)
        _, _, _, number, *action = [*url.path.split("/"), ""][:5]
        match request.method, number, *filter(None, action):
            case "POST", "":
                try:
                    new = _validated(request.json)
                except ValueError as error:
                    return _error(400, str(error))
                new |= {"id": len(campaigns) + 1, "status": "draft", "lists": [{"id": each} for each in new["lists"]]}
                campaigns[new["id"]] = new
                return _data(new)
            case "GET", "":
                asked = parse_qs(url.query)
                found = [
                    {**each, "body": ""}
                    for each in campaigns.values()
                    if asked["query"][0].lower() in f"{each['name']} {each['subject']}".lower()
                    and each["status"] in asked["status"]
                ]
                return _data({"results": found, "total": len(found)})
        campaign = campaigns.get(int(number))
        if campaign is None:
            return _error(400, "Campaign not found")
        match request.method, *filter(None, action):
            case ("GET",):
                return _data({**campaign, "body": ""})
            case ("DELETE",):
                del campaigns[int(number)]
                return _data(True)
            case "PUT", "status":
                assert request.json == {"status": "running"}
                if campaign["status"] not in {"draft", "paused"}:
                    return _error(400, "Only paused campaigns and drafts can be started")
                campaign["status"] = "running"
                issues.append(rendered(campaign, tuple(f"list:{each['id']}" for each in campaign["lists"])))
                return _data(campaign)
            case "POST", "test":
                wanted = request.json
                known = tuple(each for each in wanted["subscribers"] if each.lower() in _SUBSCRIBERS)
                if not known:
                    return _error(400, "No known subscribers to test")
                proofs.append(rendered(_validated(wanted), known))
                return _data(True)
        return _error(405, "Method Not Allowed")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("listmonk", root, base_url=server.url, user="digest"),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [str(number) for number, each in campaigns.items() if each["status"] == "draft"],
            delete=lambda number: campaigns.__delitem__(int(number)),
            leave=LEAVE,
            withheld=frozenset({"List-Unsubscribe"}),
        )


def _validated(campaign: Mapping[str, Any]) -> dict[str, Any]:
    """Return the campaign as it is kept; the rules are those of `validateCampaignFields`."""
    kept = dict(campaign)
    if not re.search(r"((.+?)\s)?<(.+?)@(.+?)>|^[^\s<>]+@[^\s<>]+$", kept["from_email"]):
        raise ValueError("Invalid from_email")
    if not kept["lists"] or not all(type(each) is int for each in kept["lists"]):
        raise ValueError("Invalid list IDs")
    if not 1 <= len(kept["subject"]) <= 5000 or not 1 <= len(kept["name"]) <= 2000:
        raise ValueError("Invalid length for name or subject")
    as_html(kept["body"])
    return kept


def rendered(campaign: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of a campaign, the way `CompileTemplate` and `render` do."""
    assert campaign["content_type"] == "visual", "another type is put into the page template of the instance"
    headers = {"List-Unsubscribe": f"<{LEAVE}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    for entry in campaign.get("headers", ()):
        headers |= {name: as_line(value) for name, value in entry.items()}
    return ListMail(
        to=to,
        subject=as_line(campaign["subject"]),
        sender=re.sub(r".*<(.*)>", r"\1", campaign["from_email"]),
        headers=headers,
        html=as_html(campaign["body"]),
        text=as_html(campaign["altbody"]) if campaign.get("altbody") else "",
    )


def as_html(template: str) -> str:
    """Render with Go's html/template: it escapes what is not `Safe`, and drops comments of the template's own HTML."""
    template = _TRACKED.sub(r'{{ TrackLink "\1" . }}', template)
    return "".join(
        _value(action, escaped=True) if action else _COMMENT.sub("", plain) for plain, action in _parts(template)
    )


def as_line(template: str) -> str:
    """Render with Go's text/template, where something looks like an action at all."""
    if "}}" not in template.partition("{{")[2]:
        return template
    return "".join(_value(action, escaped=False) if action else plain for plain, action in _parts(template))


def _parts(template: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    at = 0
    for action in _ACTION.finditer(template):
        yield template[at : action.start()], None
        yield "", action
        at = action.end()
    yield template[at:], None
    if "{{" in _ACTION.sub("", template):
        raise ValueError("Error compiling campaign body: function not defined")


def _value(action: re.Match[str], *, escaped: bool) -> str:
    safe, expression = action.groups()
    if expression.startswith("UnsubscribeURL"):
        return html.escape(LEAVE) if escaped else LEAVE
    if expression.startswith("TrackLink"):
        return "https://lists.example.com/link/tracked"
    text = str(json.loads(expression, strict=False))  # what we write of Go's strings is written the same in JSON
    return html.escape(text) if escaped and not safe else text


def _data(found: Any) -> http.Scripted:
    return http.reply(200, body={"data": found})


def _error(status: int, message: str) -> http.Scripted:
    return http.reply(status, body={"message": message})
