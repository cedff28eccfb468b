"""The cheapest question that each provider documents and that needs a key; beside each where that is written.

What a 401 or a 403 means differs: `of_status` or `judge` says so where it is not 401 for a wrong key, 403 for one that
may not ask this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from digest.send.http_outcome import Reply
from digest.send.key_checks import KeyState
from digest.send.key_checks.answers import (
    Judged,
    of_listmonk,
    of_mandrill,
    of_resend,
    of_sendgrid,
    of_ses,
)

_OF_STATUS: Mapping[int, KeyState] = {401: KeyState.INVALID, 403: KeyState.LIMITED}
_MAILTRAP = "https://mailtrap.io"
_MAILTRAP_SENDS = {"https://bulk.api.mailtrap.io", "https://sandbox.api.mailtrap.io"}


@dataclass(frozen=True, slots=True)
class Question:
    """One request that changes nothing."""

    path: Callable[[Any], str]
    """Of the provider."""
    method: str = "GET"
    keyed: bool = False
    """Whether the key goes into the body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    of_status: Mapping[int, KeyState] = field(default_factory=lambda: _OF_STATUS)
    judge: Callable[[Reply], Judged | None] = lambda _: None
    """What the answer means besides its status; None where the status says it all."""
    host: Callable[[Any], str] = lambda provider: provider.base_url
    needs: str = ""
    """What a key needs that may ask this."""


def _at(path: str) -> Callable[[Any], str]:
    return lambda _: path


def _host_of_mailtrap(provider: Any) -> str:
    # Its hosts for sending answer nothing else; another base_url is a proxy or a test.
    given: str = provider.base_url.rstrip("/")
    return _MAILTRAP if given in _MAILTRAP_SENDS else given


_SENDGRID = Question(_at("/v3/scopes"), judge=of_sendgrid)
"""https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions: the scopes of the very key that asks."""
_BREVO = Question(_at("/v3/account"), needs="no more than any key has")
"""https://developers.brevo.com/reference/get-account; the quickstart there: 200 "confirms your key is valid"."""
_RESEND = Question(_at("/domains"), judge=of_resend, needs="Full access")
"""https://resend.com/docs/api-reference/errors: 401 restricted_api_key, 403 invalid_api_key; /domains: its OpenAPI."""

QUESTIONS: Mapping[str, Question] = {
    "sendgrid": _SENDGRID,
    "sendgrid_single_sends": _SENDGRID,
    "brevo": _BREVO,
    "brevo_campaigns": _BREVO,
    "resend": _RESEND,
    "resend_broadcasts": _RESEND,
    # https://documentation.mailgun.com/docs/mailgun/api-reference/authentication: a sending key may only POST messages.
    # With what status it is kept from anything else is not written, so a refusal says either.
    "mailgun": Question(
        lambda provider: f"/v4/domains/{provider.domain}",
        of_status={401: KeyState.UNSURE, 403: KeyState.UNSURE},
        needs="the rights of an account key; a domain sending key has none",
    ),
    # https://postmarkapp.com/developer/api/server-api: the server that the token is for; 401 (.../api/overview).
    "postmark": Question(_at("/server")),
    # https://developers.mailersend.com/general: /v1/api-quota does not count against the quota that it tells.
    "mailersend": Question(_at("/v1/api-quota")),
    # The account's profile, `MyProfile` in Mailjet's own client: https://github.com/mailjet/mailjet-apiv3-nodejs
    "mailjet": Question(_at("/v3/REST/myprofile")),
    # https://developers.sparkpost.com/api/account/. Its table of errors asks at 401 for "a valid API key with the
    # necessary permissions", so that says either.
    "sparkpost": Question(
        _at("/api/v1/account"),
        of_status={401: KeyState.UNSURE, 403: KeyState.LIMITED},
        needs="the right to read the account",
    ),
    # users/ping2: "Validate an API key and respond to a ping"; https://mailchimp.com/developer/transactional/api/users/
    "mandrill": Question(_at("/api/1.0/users/ping2.json"), "POST", keyed=True, judge=of_mandrill),
    # https://github.com/mailtrap/mailtrap-skills (authorizing-api-requests): mailtrap.io/api/accounts. Tokens have
    # scopes, and what one for sending only is answered there is not written.
    "mailtrap": Question(
        _at("/api/accounts"),
        of_status={401: KeyState.UNSURE, 403: KeyState.LIMITED},
        host=_host_of_mailtrap,
        needs="access to the account; a token for sending only may have none",
    ),
    # GetAccount: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
    "ses": Question(_at("/v2/email/account"), judge=of_ses, needs="the permission ses:GetAccount"),
    # "A health check for the API that won't return any account-specific information"; base_url holds /3.0:
    # https://mailchimp.com/developer/marketing/api/ping/
    "mailchimp": Question(_at("/ping")),
    # Buttondown's OpenAPI: list_newsletters; /ping says nothing about a key.
    "buttondown": Question(_at("/v1/newsletters"), headers={"X-API-Version": "2026-04-01"}),
    # https://listmonk.app/docs/apis/campaigns/: what sending needs the right for, too.
    "listmonk": Question(
        _at("/api/campaigns?query=&status=draft&no_body=true&per_page=1"),
        judge=of_listmonk,
        needs="the permission campaigns:get",
    ),
}
"""By the kind of provider; `smtp` is asked in its own language, and `file` needs nobody's leave."""
