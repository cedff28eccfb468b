"""Buttondown as far as `/v1/emails` goes: drafts, what publishing and previews do, keys, and Django's templates."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import http
from tests.servers.list_peer import ListMail, ListPeer, Troubles, opened
from tests.servers.peer import SECRET

LEAVE = "https://buttondown.com/unsubscribe/newsletter/reader1"
TAG = "tag_01h8xg4j3k2m1n0p9q8r7s6t5v"
_MARK = "<!-- buttondown-editor-mode: fancy -->"
_TEMPLATE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
"""As Django has it: what begins and ends on one line."""
_VALUES = {"{% templatetag openbrace %}": "{", "{{ unsubscribe_url }}": LEAVE}


@contextmanager
def buttondown(root: Path) -> Iterator[ListPeer]:
    emails: dict[str, dict[str, Any]] = {}
    issues: list[ListMail] = []
    proofs: list[ListMail] = []
    answers: dict[tuple[str, str], http.Scripted] = {}
    troubles = Troubles()

    def answered(request: http.Received) -> http.Scripted:
        assert request.headers["x-api-version"] == "2026-04-01"
        if request.headers.get("authorization") != f"Token {SECRET}":
            return _error(401, "authentication_invalid", "The provided token is invalid.")
        key = (request.headers.get("x-idempotency-key", ""), request.path)
        if not key[0]:
            return done(request)
        answers.setdefault(key, done(request) if key not in answers else answers[key])
        return answers[key]

    def done(request: http.Received) -> http.Scripted:
        url = urlsplit(request.path)
        found, action = [*url.path.removeprefix("/v1/emails").strip("/").split("/"), ""][:2]
        match request.method, found:
            case "POST", "":
                return _made(emails, request.json)
            case "GET", "":
                return http.reply(200, body=_listed(emails, parse_qs(url.query)))
        email = emails.get(found)
        if email is None:
            return _error(404, "not_found", "Not found")
        match request.method, action:
            case "GET", "":
                return http.reply(200, body=email)
            case "DELETE", "":
                del emails[found]
                return http.reply(204)
            case "POST", "send-draft":
                assert request.json.keys() == {"recipients"}
                proofs.append(rendered(email, tuple(request.json["recipients"])))
                return http.reply(200, body={})
            case "POST", "publish":
                if email["status"] != "draft":
                    return _error(400, "status_invalid", "The email has been sent already.")
                email["status"] = "about_to_send"
                tagged = email["filters"]["filters"]
                issues.append(rendered(email, (f"list:{tagged[0]['value'] if tagged else 'all'}",)))
                return http.reply(200, body=email)
        return _error(405, "method_not_allowed", "Method not allowed")

    with http.HttpServer(default=troubles.around(answered)) as server:
        yield ListPeer(
            provider=opened("buttondown", root, base_url=server.url),
            server=server,
            troubles=troubles,
            issues=lambda: issues,
            proofs=lambda: proofs,
            drafts=lambda: [name for name, each in emails.items() if each["status"] == "draft"],
            delete=emails.__delitem__,
            list_name=TAG,
            leave=LEAVE,
            withheld=frozenset({"From", "List-Unsubscribe", "List-Id", "X-Campaign", "X-Digest-Proof", "text"}),
        )


def _made(emails: dict[str, dict[str, Any]], new: Mapping[str, Any]) -> http.Scripted:
    if len(new["subject"]) > 2000:
        return _error(400, "subject_invalid", "The subject is too long.")
    if new["body"].startswith("---"):
        return _error(400, "body_contains_frontmatter", "The body begins with frontmatter.")
    assert new["status"] == "draft", "it would leave at once"
    name = f"em_{uuid.uuid4()}"
    nobody_in_particular = {"filters": [], "groups": [], "predicate": "and"}
    emails[name] = {"filters": nobody_in_particular, **new, "id": name, "source": "api"}
    return http.reply(201, body=emails[name])


def _listed(emails: Mapping[str, dict[str, Any]], asked: Mapping[str, list[str]]) -> dict[str, Any]:
    found = [
        {key: value for key, value in each.items() if key not in asked.get("excluded_fields", [])}
        for each in list(emails.values())[::-1]
        if each["status"] in asked["status"] and asked["subject"][0] in each["subject"]
    ]
    return {"results": found, "next": None, "previous": None, "count": len(found)}


def rendered(email: Mapping[str, Any], to: tuple[str, ...]) -> ListMail:
    """Make the mail of an email. The mark of the editor's mode is for Buttondown alone; text is its own affair."""
    assert email["template"] == "naked", "another template puts its page around the body"
    assert email["body"].startswith(_MARK), "it might be taken for Markdown"
    return ListMail(
        to=to,
        subject=filled(email["subject"]),
        sender="newsletter@buttondown.email",
        headers={"List-Unsubscribe": f"<{LEAVE}>"},
        html=filled(email["body"].removeprefix(_MARK)),
        text="",
    )


def filled(template: str) -> str:
    """Render as Django does; a variable that it does not know is nothing."""
    return _TEMPLATE.sub(lambda found: _VALUES.get(found[0], ""), template)


def _error(status: int, code: str, detail: str) -> http.Scripted:
    return http.reply(status, body={"code": code, "detail": detail, "metadata": {}})
