"""What providers keep of the mails that they took, and how each tells of it: page by page, as it is documented.

    archive = Archive("postmark", mails); HttpServer(default=archive)

A mail is marked as our own request marks it (`marks`), so that a look-up tells copies by what is really sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from digest.send.http_batch import HttpBatch
from digest.send.providers import Mailing
from tests.servers.http import Received, Scripted, reply


@dataclass(frozen=True)
class Mail:
    address: str
    marks: Any
    """What our request says of its issue, as this provider takes it; None for somebody else's mail."""
    subject: str
    at: datetime
    status: str = "taken"
    """`taken`, `dropped`, `delivered`, or a word that no provider knows."""
    name: str = "id-1"


def marks(kind: str, provider: HttpBatch, mailing: Mailing) -> Any:
    """Return what the real request for a mailing says of its issue."""
    body: Any = provider.describe(mailing).body
    look: dict[str, Callable[[], Any]] = {
        "postmark": lambda: body[0]["Metadata"],
        "sendgrid": lambda: body["personalizations"][0]["custom_args"],
        "mailgun": lambda: {key[2:]: value for key, value in body.items() if key.startswith("v:")},
        "sparkpost": lambda: body["metadata"],
        "brevo": lambda: body["tags"],
        "mandrill": lambda: body["message"]["metadata"],
        "mailjet": lambda: body["Globals"]["CustomID"],
    }
    return look[kind]()


@dataclass
class Archive:
    kind: str
    mails: Sequence[Mail]
    now: datetime
    exact: bool = False
    """Whether addresses are found only as they are written here."""
    asked: list[Received] = field(default_factory=list)

    def __call__(self, request: Received) -> Scripted:
        self.asked.append(request)
        body = getattr(self, f"_{self.kind}")(request)
        return reply(200, {"Date": format_datetime(self.now.astimezone(UTC), usegmt=True)}, body)

    def _to(self, address: str) -> list[Mail]:
        if self.exact:
            return [each for each in self.mails if each.address == address]
        return [each for each in self.mails if each.address.lower() == address.lower()]

    def _postmark(self, request: Received) -> dict[str, Any]:
        path, asked = _query(request)
        assert (request.method, path, asked["messagestream"]) == ("GET", "/messages/outbound", "broadcast")
        found = self._to(asked["recipient"])
        count, offset = int(asked["count"]), int(asked["offset"])
        assert count <= 500
        assert count + offset <= 10_000
        shown = [
            {
                "MessageID": each.name,
                "To": [{"Email": each.address, "Name": "x"}],
                "Recipients": [each.address],
                "ReceivedAt": each.at.astimezone(UTC).isoformat(),
                "Subject": each.subject,
                "Status": "Sent",
                "Metadata": each.marks or {},
                "MessageStream": "broadcast",
            }
            for each in found[offset : offset + count]
        ]
        return {"TotalCount": len(found), "Messages": shown}

    def _sendgrid(self, request: Received) -> dict[str, Any]:
        words = {"taken": "processed"}
        if request.method == "GET":
            name = unquote(request.path.removeprefix("/v3/logs/"))
            (one,) = [each for each in self.mails if each.name == name]
            args = {"custom_args": one.marks} if one.marks else {}
            return {"sg_message_id": name, "subject": one.subject, "to_email": one.address, "events": [], **args}
        asked = re.fullmatch(
            r"to_email = '([^']*)' AND sg_message_id_created_at >= TIMESTAMP \"([^\"]*)\"", request.json["query"]
        )
        assert asked, request.json
        assert (request.method, request.path) == ("POST", "/v3/logs")
        since = datetime.fromisoformat(asked[2])
        found = [each for each in self._to(asked[1]) if each.at >= since][: request.json["limit"]]
        return {
            "messages": [
                {
                    "sg_message_id": each.name,
                    "to_email": each.address,
                    "subject": each.subject,
                    "status": words.get(each.status, each.status),
                    "reason": "Bounced Address" if each.status == "dropped" else "",
                    "sg_message_id_created_at": each.at.isoformat(),
                }
                for each in found
            ]
        }

    def _mailgun(self, request: Received) -> dict[str, Any]:
        path, asked = _query(request)
        if path != "/v3/mg.example.com/events":
            asked = json.loads(bytes.fromhex(path.removeprefix("/v3/mg.example.com/events/")))
        assert request.method == "GET"
        assert asked["ascending"] == "yes"
        since, skipped = float(asked["begin"]), int(asked.get("skipped", 0))
        events = [each for each in self._to(asked["recipient"]) if each.at.timestamp() >= since]
        shown = sorted(events, key=lambda each: each.at)[skipped : skipped + int(asked["limit"])]
        following = json.dumps({**asked, "skipped": skipped + len(shown)}).encode().hex()
        words = {"taken": "accepted", "dropped": "failed"}
        return {
            "items": [
                {
                    "event": words.get(each.status, each.status),
                    "timestamp": each.at.timestamp(),
                    "recipient": each.address,
                    "user-variables": each.marks or {},
                    "message": {"headers": {"message-id": each.name, "subject": each.subject}},
                    **({"severity": "permanent", "reason": "suppress-bounce"} if each.status == "dropped" else {}),
                }
                for each in shown
            ],
            "paging": {"next": f"https://api.mailgun.net/v3/mg.example.com/events/{following}", "previous": "x"},
        }

    def _sparkpost(self, request: Received) -> dict[str, Any]:
        path, asked = _query(request)
        assert (request.method, path) == ("GET", "/api/v1/events/message")
        assert len(request.path) < 4096
        wanted = asked["recipients"].lower().split(",")
        since = datetime.fromisoformat(asked["from"])
        found = [each for each in self.mails if each.address.lower() in wanted and each.at >= since]
        start = 0 if asked["cursor"] == "initial" else int(asked["cursor"])
        end = start + int(asked["per_page"])
        words = {"taken": "injection", "dropped": "policy_rejection", "delivered": "delivery"}
        following = request.path.replace(f"cursor={asked['cursor']}", f"cursor={end}")
        return {
            "results": [
                {
                    "type": words.get(each.status, each.status),
                    "rcpt_to": each.address.lower(),
                    "raw_rcpt_to": each.address,
                    "rcpt_meta": each.marks or {},
                    "subject": each.subject,
                    "timestamp": each.at.isoformat(),
                    "transmission_id": each.name,
                    "reason": "suppressed" if each.status == "dropped" else "",
                }
                for each in found[start:end]
            ],
            "total_count": len(found),
            "links": {"next": following} if end < len(found) else {},
        }

    def _brevo(self, request: Received) -> dict[str, Any]:
        path, asked = _query(request)
        assert request.method == "GET"
        if path == "/v3/smtp/statistics/events":
            words = {"dropped": ["requests", "blocked"], "delivered": ["delivered", "requests"], "taken": ["requests"]}
            (one,) = [each for each in self._to(asked["email"]) if each.name == asked["messageId"]]
            return {
                "events": [
                    {"email": one.address, "event": word, "messageId": one.name, "reason": "blocklisted"}
                    for word in words.get(one.status, [one.status])
                ]
            }
        assert path == "/v3/smtp/emails"
        found, offset = self._to(asked["email"]), int(asked["offset"])
        if not found:
            return {"count": 0}
        return {
            "count": len(found),
            "transactionalEmails": [
                {
                    "email": each.address,
                    "subject": each.subject,
                    "messageId": each.name,
                    "uuid": "x",
                    "date": each.at.isoformat(),
                    "from": "news@example.com",
                    "tags": each.marks or [],
                }
                for each in found[offset : offset + int(asked["limit"])]
            ],
        }

    def _mandrill(self, request: Received) -> list[Any]:
        asked = request.json
        assert (request.method, request.path) == ("POST", "/api/1.0/messages/search.json")
        assert asked["key"]
        since = datetime.fromisoformat(asked["date_from"]).replace(tzinfo=UTC)
        # A mail without marks is somebody else's; it may have the same tag, as tags are anybody's words.
        found = [each for each in self.mails if each.at >= since]
        if "query" in asked:
            address = re.fullmatch(r'"([^"]+)"', asked["query"])
            assert address
            found = [each for each in found if each in self._to(address[1])]
        words = {"taken": "queued", "dropped": "rejected", "delivered": "sent"}
        return [
            {
                "_id": each.name,
                "ts": int(each.at.timestamp()),
                "email": each.address,
                "subject": each.subject,
                "state": words.get(each.status, each.status),
                **({"metadata": each.marks} if each.marks else {}),
            }
            for each in found[: asked["limit"]]
        ]

    def _mailjet(self, request: Received) -> dict[str, Any]:
        path, asked = _query(request)
        assert (request.method, path) == ("GET", "/v3/REST/message")
        assert int(asked["Limit"]) <= 1000
        since, offset = datetime.fromisoformat(asked["FromTS"]), int(asked["Offset"])
        found = [each for each in self.mails if each.at >= since]
        words = {"taken": "queued", "dropped": "blocked", "delivered": "sent"}
        data = [
            {
                "ID": each.name,
                "ArrivedAt": each.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "Status": words.get(each.status, each.status),
                **({"ContactAlt": each.address} if asked.get("ShowContactAlt") == "true" else {}),
                **({"CustomID": each.marks or ""} if asked.get("ShowCustomID") == "true" else {}),
                **({"Subject": each.subject} if asked.get("ShowSubject") == "true" else {}),
            }
            for each in found[offset : offset + int(asked["Limit"])]
        ]
        return {"Count": len(data), "Data": data, "Total": len(found)}


def others(count: int, address: str, at: datetime) -> list[Mail]:
    """Return mails of somebody else to one address, a second apart."""
    return [Mail(address, None, "Your receipt", at + timedelta(seconds=n), name=f"other-{n}") for n in range(count)]


def _query(request: Received) -> tuple[str, Mapping[str, str]]:
    parts = urlsplit(request.path)
    return parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()}
