"""MailerSend: the request against the models of its SDK, and every answer against what it means."""

from __future__ import annotations

from html import unescape
from typing import Any

import jsonschema
import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.mailersend import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing

KEY = Secret("MAILERSEND_API_KEY", "mlsn.canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def mails(options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**(options or {})).describe(make_mailing(2, **changes)).body


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("mailersend", to(own_headers=True))


@pytest.mark.parametrize("options", [{}, {"own_headers": True}, {"tracking": True, "batch_limit": 500}])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com", "編集部"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(500))},
    ],
)
def test_the_request_satisfies_the_models_of_mailersends_sdk(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("mailersend.json")
    closed(document["components"]["schemas"])
    # The SDK does not know it yet; it is documented at https://www.mailersend.com/help/custom-headers
    document["components"]["schemas"]["EmailRequest"]["properties"]["list_unsubscribe"] = {"type": "string"}
    operation = document["paths"]["/bulk-email"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator({"components": document["components"], **operation})
    request = mails(options, **changes)
    validator.validate(request)
    request[0]["hedaers"] = []
    assert list(validator.iter_errors(request)), "the models would notice"


def test_without_a_plan_for_it_no_header_of_ours_is_sent_and_that_is_told() -> None:
    (first, _) = mails()
    assert not {"headers", "list_unsubscribe"} & first.keys()
    caution = to().cautions()[0]
    assert all(name in caution for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"))
    assert not any("List-" in each for each in to(own_headers=True).cautions())


def test_with_such_a_plan_leaving_has_a_field_of_its_own() -> None:
    (first, second) = mails({"own_headers": True})
    assert first["list_unsubscribe"] == "https://news.example.com/u/tok0001"
    assert second["list_unsubscribe"] == "https://news.example.com/u/tok0002"
    assert first["headers"] == [{"name": "List-Id", "value": "<weekly.news.example.com>"}]


@pytest.mark.parametrize(("said", "bulk"), [("bulk", True), ("List", True), ("first-class", False), (None, None)])
def test_precedence_has_a_field_on_every_plan(said: str | None, bulk: bool | None) -> None:
    (first, _) = mails(email=make_email(headers=(("Precedence", said),) if said else ()))
    assert first.get("precedence_bulk") is bulk


def test_braces_of_a_post_are_no_variables_in_html_and_that_they_may_be_in_text_is_told() -> None:
    email = make_email(html="<style>@media x{#a{b:c}}</style><code>{{ name }} {$x} {% if %} {{{{</code>")
    (first, _) = mails(email=email)
    assert not any(sign in first["html"] for sign in ("{{", "{$", "{%"))
    assert unescape(first["html"]) == email.html
    assert any("{{ … }}" in each for each in to().cautions())


def test_nothing_is_tracked_unless_asked_for() -> None:
    assert mails()[0]["settings"] == {"track_clicks": False, "track_opens": False, "track_content": False}
    assert mails({"tracking": True})[0]["settings"]["track_clicks"] is True


def test_tags_name_newsletter_issue_batch_and_proof() -> None:
    assert mails(proof=True)[0]["tags"] == ["weekly", "weekly/2026-W04", "weekly/2026-W04/1/0123abcd", "proof"]


@pytest.mark.anyio
async def test_202_is_accepted_for_everybody_with_the_id_to_ask_for() -> None:
    with HttpServer(reply(202, body={"message": "being processed", "bulk_email_id": "614470d1"})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, A, A])
        assert {delivery.message_id for delivery in answer.deliveries} == {"bulk:614470d1"}


def refused(status: int, message: str, **headers: str) -> Scripted:
    return reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, {"message": message})


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (refused(401, "Unauthenticated."), Verdict.REFUSED),
        (refused(403, "this plan may not"), Verdict.REFUSED),
        (refused(408, "there is an error on our system"), Verdict.AMBIGUOUS),
        (refused(421, "under maintenance"), Verdict.NOT_SENT),
        (refused(422, "The from.email domain must be verified. #MS42207"), Verdict.REFUSED),
        (refused(429, "Too many requests #MS42903"), Verdict.NOT_SENT),
        (refused(429, "You have reached your daily API quota #MS42901"), Verdict.REFUSED),
        (refused(500, "oops"), Verdict.AMBIGUOUS),
        (refused(200, "what?"), Verdict.AMBIGUOUS),
        (reply(202, body={"message": "no id"}), Verdict.AMBIGUOUS),
        (reply(202, body={"bulk_email_id": 5}), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_an_answer_about_the_whole_request_rejects_nobody(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail
        assert len(server.requests) == 1


@pytest.mark.anyio
async def test_what_is_wrong_with_a_field_is_told() -> None:
    said = {"message": "The given data was invalid.", "errors": {"0.from.email": ["must be verified"], "x": 5}}
    with HttpServer(reply(422, body=said)) as server:
        detail = (await ask(to(server.url))).detail
        assert detail.endswith("The given data was invalid.; 0.from.email: must be verified; x: 5")


@pytest.mark.anyio
async def test_the_last_request_of_a_minute_says_how_long_to_wait() -> None:
    scripted = refused(429, "#MS42903", retry_after="9")
    with HttpServer(scripted) as server:
        assert (await ask(to(server.url))).retry_after == 9


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous_and_a_refusal_is_still_one(page: bytes) -> None:
    with HttpServer(reply(202, body=page), reply(422, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS
        assert (await ask(to(server.url))).verdict is Verdict.REFUSED


@pytest.mark.anyio
async def test_a_refusal_that_repeats_key_or_address_is_told_without_them() -> None:
    with HttpServer(refused(401, f"{KEY.value} reader1@example.com")) as server:
        assert (await ask(to(server.url))).detail.endswith("env:MAILERSEND_API_KEY r…@example.com")
