"""What each provider answers to the harmless question: to the right key, to a wrong one, and to one that may not ask.

Whoever adds a provider adds a row here, or names it in `NOT_ASKED`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.http import HttpServer, Received, Scripted, reply
from tests.servers.peer import SECRET
from tests.servers.peers_ses import signed_right

Answer = tuple[int, Mapping[str, str], Any]
NOT_ASKED = {"file"}
"""Nobody has to let us in."""


def _said(status: int, body: Any = None, **headers: str) -> Answer:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, {} if body is None else body


def _bearer(request: Received) -> bool:
    return request.headers.get("authorization") == f"Bearer {SECRET}"


def _basic(user: str) -> Callable[[Received], bool]:
    pair = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    return lambda request: request.headers.get("authorization") == f"Basic {pair}"


def _header(name: str, value: str = SECRET) -> Callable[[Received], bool]:
    return lambda request: request.headers.get(name) == value


@dataclass(frozen=True)
class KeyPeer:
    """The other end of the line for one question."""

    path: str
    known: Callable[[Received], bool]
    right: Answer
    wrong: Answer
    limited: Answer | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    """Of the provider, besides `api_key` and `base_url`."""
    method: str = "GET"
    base: str = ""
    """What `base_url` ends with."""


_SENDGRID = KeyPeer(
    "/v3/scopes",
    _bearer,
    _said(200, {"scopes": ["mail.send", "alerts.read"]}),
    _said(401, {"errors": [{"message": "The provided authorization grant is invalid, expired, or revoked"}]}),
    _said(403, {"errors": [{"message": "access forbidden"}]}),
)
_BREVO = KeyPeer(
    "/v3/account",
    _header("api-key"),
    _said(200, {"email": "ops@example.com"}),
    _said(401, {"code": "unauthorized", "message": "Key not found"}),
    _said(403, {"code": "permission_denied", "message": "not allowed"}),
)
_RESEND = KeyPeer(
    "/domains",
    _bearer,
    _said(200, {"object": "list", "has_more": False, "data": []}),
    _said(403, {"statusCode": 403, "name": "invalid_api_key", "message": "API key is invalid"}),
    _said(401, {"statusCode": 401, "name": "restricted_api_key", "message": "This API key is restricted to only send"}),
)

_MAILGUN_DOMAIN = {
    "id": "123456789012345678901234",
    "name": "mg.example.com",
    "state": "active",
    "type": "custom",
    "created_at": "Thu, 13 Oct 2011 18:02:00 GMT",
    "is_disabled": False,
    "require_tls": True,
    "skip_verification": False,
    "smtp_login": "postmaster@mg.example.com",
    "spam_action": "disabled",
    "use_automatic_sender_security": True,
    "web_prefix": "email",
    "web_scheme": "https",
    "wildcard": False,
    "encrypt_incoming_message": False,
    "message_ttl": 259200,
}

KEY_PEERS: Mapping[str, KeyPeer] = {
    "sendgrid": _SENDGRID,
    "sendgrid_single_sends": replace(_SENDGRID, options={"sender_id": 3, "suppression_group_id": 12}),
    "brevo": _BREVO,
    "brevo_campaigns": _BREVO,
    "resend": _RESEND,
    "resend_broadcasts": _RESEND,
    "mailgun": KeyPeer(
        "/v4/domains/mg.example.com",
        _basic("api"),
        _said(200, {"domain": _MAILGUN_DOMAIN}),
        _said(401, {"message": "Forbidden"}),
        options={"domain": "mg.example.com"},
    ),
    "postmark": KeyPeer(
        "/server",
        _header("x-postmark-server-token"),
        _said(200, {"ID": 1, "ApiTokens": [SECRET]}),
        _said(401, {"ErrorCode": 10, "Message": "Bad or missing API token."}),
    ),
    "mailersend": KeyPeer(
        "/v1/api-quota",
        _bearer,
        _said(200, {"quota": 100, "remaining": 99}),
        _said(401, {"message": "Unauthenticated."}),
        _said(403, {"message": "This action is unauthorized."}),
    ),
    "mailjet": KeyPeer(
        "/v3/REST/myprofile",
        _basic("other-half"),
        _said(200, {"Count": 1, "Data": [{"ID": 1}]}),
        _said(401, {"ErrorMessage": "API key authentication/authorization failure", "StatusCode": 401}),
        options={"api_key": "env:OTHER", "secret_key": "env:CANARY"},
    ),
    "sparkpost": KeyPeer(
        "/api/v1/account",
        _header("authorization"),
        _said(200, {"results": {"status": "active"}}),
        _said(401, {"errors": [{"message": "Unauthorized."}]}),
        _said(403, {"errors": [{"message": "Forbidden."}]}),
    ),
    "mandrill": KeyPeer(
        "/api/1.0/users/ping2.json",
        lambda request: bool(request.json == {"key": SECRET}),
        _said(200, {"PING": "PONG!"}),
        _said(500, {"status": "error", "code": -1, "name": "Invalid_Key", "message": "Invalid API key"}),
        method="POST",
    ),
    "mailtrap": KeyPeer(
        "/api/accounts",
        _bearer,
        _said(200, [{"id": 1, "name": "ours"}]),
        _said(401, {"error": "Incorrect API token"}),
        _said(403, {"errors": "Access forbidden"}),
    ),
    "ses": KeyPeer(
        "/v2/email/account",
        lambda request: signed_right(request, SECRET, "GET"),
        _said(200, {"SendingEnabled": True, "ProductionAccessEnabled": True}),
        _said(403, {"message": "The security token is invalid."}, x_amzn_ErrorType="UnrecognizedClientException:http"),
        _said(403, {"message": "not authorized to perform: ses:GetAccount"}, x_amzn_ErrorType="AccessDeniedException"),
        options={"region": "ap-northeast-1", "access_key_id": "env:OTHER"},
    ),
    "mailchimp": KeyPeer(
        "/3.0/ping",
        _bearer,
        _said(200, {"health_status": "Everything's Chimpy!"}),
        _said(401, {"title": "API Key Invalid", "status": 401, "detail": "Your API key may be invalid."}),
        base="/3.0",
    ),
    "buttondown": KeyPeer(
        "/v1/newsletters",
        lambda request: (
            request.headers.get("authorization") == f"Token {SECRET}" and "x-api-version" in request.headers
        ),
        _said(200, {"results": [], "count": 0}),
        _said(401, {"code": "authentication_invalid", "detail": "The provided token is invalid."}),
        _said(403, {"code": "permission_denied", "detail": "This key may not do that."}),
    ),
    "listmonk": KeyPeer(
        "/api/campaigns",
        _header("authorization", f"token digest:{SECRET}"),
        _said(200, {"data": {"results": [], "total": 0}}),
        _said(403, {"message": "invalid API credentials"}),
        _said(403, {"message": "permission denied: campaigns:get"}),
        options={"user": "digest"},
    ),
}


def key_server(peer: KeyPeer, *, limited: bool = False) -> HttpServer:
    """Answer as the provider does; whoever comes with the right key may not ask when `limited`."""

    def answered(request: Received) -> Scripted:
        assert (request.method, request.path.partition("?")[0]) == (peer.method, peer.path)
        assert limited <= (peer.limited is not None)
        status, headers, body = peer.wrong
        if peer.known(request):
            status, headers, body = peer.limited if limited and peer.limited else peer.right
        return reply(status, headers, json.dumps(body))

    return HttpServer(default=answered)
