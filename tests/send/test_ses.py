"""Amazon SES: the signed request against the service's own model, and every answer against what it means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.ses import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, P, R, U, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing
from tests.servers.peers_ses import NOW, as_ses_would, signed_right

KEY = Secret("AWS_SECRET_ACCESS_KEY", "secret-canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    options = {"api_key": KEY, "access_key_id": Secret("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), "region": "ap-northeast-1"}
    return Provider(**{**options, "base_url": url, "timeout": 5.0, "clock": lambda: NOW, **changes})


def body(**changes: Any) -> Any:
    return to().describe(make_mailing(2, **changes)).body


def results(*statuses: str | tuple[str, str]) -> Scripted:
    pairs = [(each, "") if isinstance(each, str) else each for each in statuses]
    found = [{"Status": status, "Error": error, "MessageId": f"id-{at}"} for at, (status, error) in enumerate(pairs)]
    return reply(200, body={"BulkEmailEntryResults": found})


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("ses", to())


@pytest.mark.parametrize("options", [{}, {"tracking": True}, {"configuration_set": "news"}])
@pytest.mark.parametrize("changes", [{}, {"proof": True}, {"email": make_email(text="", headers=())}])
def test_the_request_satisfies_the_model_of_the_service(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("ses_v2.json")
    closed(document["components"]["schemas"])
    schema = {"components": document["components"], "$ref": "#/components/schemas/SendBulkEmailRequest"}
    request = to(**options).describe(make_mailing(2, **changes)).body
    jsonschema.Draft202012Validator(schema).validate(request)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({**request, "Entries": []})), "it would notice"


@pytest.mark.anyio
async def test_the_signature_is_made_of_what_arrives() -> None:
    with HttpServer(default=results("SUCCESS")) as server:
        await ask(to(server.url, session_token=Secret("AWS_SESSION_TOKEN", "temporary/+=")), 1)
        (request,) = server.requests
        assert signed_right(request, KEY.value)
        assert not signed_right(request, "another key")
        assert request.headers["x-amz-security-token"] == "temporary/+="
        assert request.headers["authorization"].startswith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260119/ap-northeast-1/ses/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        )


@pytest.mark.anyio
async def test_a_batch_tried_again_an_hour_later_is_signed_with_the_time_of_then() -> None:
    later = datetime(2026, 1, 19, 1, 0, tzinfo=UTC)
    with HttpServer(default=results("SUCCESS")) as server:
        await ask(to(server.url), 1)
        await ask(to(server.url, clock=lambda: later), 1)
        assert [request.headers["x-amz-date"] for request in server.requests] == [
            "20260119T000000Z",
            "20260119T010000Z",
        ]
        assert server.requests[0].json == server.requests[1].json


def test_for_people_the_names_of_the_keys_stand_where_they_would_be() -> None:
    provider = to(session_token=Secret("AWS_SESSION_TOKEN", "temporary"))
    shown = dict(provider.describe(make_mailing(1)).headers)
    assert shown["Authorization"].endswith("Signature=env:AWS_SECRET_ACCESS_KEY")
    assert "Credential=env:AWS_ACCESS_KEY_ID/" in shown["Authorization"]
    assert shown["X-Amz-Security-Token"] == "env:AWS_SESSION_TOKEN"


def test_braces_of_a_post_reach_the_reader_and_are_no_variables() -> None:
    email = make_email(html="<style>@media x{a{b:c}}</style><code>{{ name }}</code>", text="{{#if}} \\{{x}}\n")
    (first, _) = as_ses_would(body(email=email))
    assert (first.html, first.text) == (email.html, email.text)


def test_names_are_encoded_because_amazon_does_not() -> None:
    found = body(recipients=(make_recipient(1, name="山田, 太郎 (編集)"),))
    assert found["FromEmailAddress"].isascii()
    (to_,) = found["BulkEmailEntries"][0]["Destination"]["ToAddresses"]
    assert to_.isascii()
    assert to_.endswith("<reader1@example.com>")
    assert next(as_ses_would(found)).headers["To"] == "山田, 太郎 (編集) <reader1@example.com>"


def test_a_name_that_makes_an_address_too_long_is_left_out() -> None:
    found = body(recipients=(make_recipient(1, name="長" * 100),))
    assert found["BulkEmailEntries"][0]["Destination"]["ToAddresses"] == ["reader1@example.com"]


def test_tags_name_issue_batch_and_proof_in_the_letters_that_amazon_takes() -> None:
    assert {each["Name"]: each["Value"] for each in body(proof=True)["DefaultEmailTags"]} == {
        "issue": "weekly_2026-W04",
        "batch": "weekly_2026-W04_1_0123abcd",
        "proof": "yes",
    }


def test_nothing_is_tracked_unless_asked_for_whatever_the_configuration_set_says() -> None:
    off, on = ({"OpenTrackingEnabled": word, "ClickTrackingEnabled": word} for word in ("DISABLED", "ENABLED"))
    assert body()["ConfigurationOverrides"] == {"Tracking": off}
    assert to(tracking=True).describe(make_mailing(1)).body["ConfigurationOverrides"] == {"Tracking": on}


@pytest.mark.parametrize(
    ("email", "said"),
    [
        (make_email(headers=tuple((f"X-{number}", "x") for number in range(16))), "16 headers"),
        (make_email(headers=(("X-Long", "x" * 996),)), "more than 995 characters"),
    ],
)
@pytest.mark.anyio
async def test_headers_that_amazon_does_not_take_stop_the_issue_before_anything_leaves(email: Any, said: str) -> None:
    answer = await ask(to(), email=email)
    assert answer.verdict is Verdict.REFUSED
    assert said in answer.detail


@pytest.mark.anyio
async def test_a_request_above_a_megabyte_is_not_posted() -> None:
    answer = await ask(to(), email=make_email(html="あ" * 340_000))
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert "takes 1,000,000" in answer.detail


# ---------------------------------------------------------------- the answers


@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own() -> None:
    with HttpServer(results("SUCCESS", "SUCCESS", "SUCCESS")) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, A, A])
        assert [delivery.message_id for delivery in answer.deliveries] == ["id-0", "id-1", "id-2"]


UNVERIFIED = ("MESSAGE_REJECTED", "Email address is not verified. The following identities failed: r@example.com")
ENTRIES: dict[str, tuple[list[str | tuple[str, str]], Verdict, list[Any]]] = {
    "one bad address": (["SUCCESS", ("INVALID_PARAMETER", "bad"), "SUCCESS"], Verdict.ANSWERED, [A, R, A]),
    "one rejected": (["SUCCESS", "MESSAGE_REJECTED", "SUCCESS"], Verdict.ANSWERED, [A, R, A]),
    "all addresses bad": ([("INVALID_PARAMETER", "Illegal address")] * 3, Verdict.ANSWERED, [R, R, R]),
    "the mail is at fault": ([("INVALID_PARAMETER", "Template is wrong")] * 3, Verdict.REFUSED, [P, P, P]),
    "an account in Amazon's sandbox": (["SUCCESS", UNVERIFIED, UNVERIFIED], Verdict.REFUSED, [A, P, P]),
    "for a moment": (["SUCCESS", "TRANSIENT_FAILURE", "SUCCESS"], Verdict.ANSWERED, [A, P, A]),
    "throttled": (["SUCCESS", "ACCOUNT_THROTTLED", "ACCOUNT_THROTTLED"], Verdict.NOT_SENT, [A, P, P]),
    "quota": (["SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED", "ACCOUNT_THROTTLED"], Verdict.REFUSED, [A, P, P]),
    "suspended": (["ACCOUNT_SUSPENDED"] * 3, Verdict.REFUSED, [P, P, P]),
    "paused": (["ACCOUNT_SENDING_PAUSED"] * 3, Verdict.REFUSED, [P, P, P]),
    "set paused": (["CONFIGURATION_SET_SENDING_PAUSED"] * 3, Verdict.REFUSED, [P, P, P]),
    "no such set": (["CONFIGURATION_SET_NOT_FOUND"] * 3, Verdict.REFUSED, [P, P, P]),
    "no such template": (["TEMPLATE_NOT_FOUND"] * 3, Verdict.REFUSED, [P, P, P]),
    "no such pool": (["INVALID_SENDING_POOL_NAME"] * 3, Verdict.REFUSED, [P, P, P]),
    "sender": (["MAIL_FROM_DOMAIN_NOT_VERIFIED"] * 3, Verdict.REFUSED, [P, P, P]),
    "nobody knows": (["SUCCESS", ("FAILED", "see the logs"), "SUCCESS"], Verdict.ANSWERED, [A, U, A]),
    "a word of tomorrow": (["SUCCESS", "DEFERRED", "SUCCESS"], Verdict.ANSWERED, [A, U, A]),
    "no word": (["SUCCESS", "", "SUCCESS"], Verdict.ANSWERED, [A, U, A]),
}


@pytest.mark.parametrize("case", ENTRIES)
@pytest.mark.anyio
async def test_each_entry_of_a_reply_is_read_on_its_own(case: str) -> None:
    statuses, verdict, expected = ENTRIES[case]
    with HttpServer(results(*statuses)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (verdict, expected)
        assert answer.detail or case == "no word"
        assert len(server.requests) == 1


@pytest.mark.anyio
async def test_who_was_put_off_in_person_is_told_from_who_was_only_not_reached() -> None:
    with HttpServer(results("SUCCESS", "TRANSIENT_FAILURE"), results("SUCCESS", "ACCOUNT_THROTTLED")) as server:
        in_person, not_reached = [(await ask(to(server.url), 2)).deliveries[1] for _ in range(2)]
        assert "TRANSIENT_FAILURE" in in_person.error
        assert not not_reached.error


def refusal(status: int, name: str, message: str) -> Scripted:
    return reply(status, {"x-amzn-ErrorType": f"{name}:http://internal.amazon.com/"}, {"message": message})


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded."), Verdict.NOT_SENT),
        (refusal(400, "ThrottlingException", "Rate exceeded"), Verdict.NOT_SENT),
        (refusal(429, "TooManyRequestsException", "Daily message quota exceeded."), Verdict.REFUSED),
        (refusal(400, "LimitExceededException", "too many"), Verdict.REFUSED),
        (refusal(400, "AccountSuspendedException", "suspended"), Verdict.REFUSED),
        (refusal(400, "SendingPausedException", "paused"), Verdict.REFUSED),
        (refusal(400, "MessageRejected", "no"), Verdict.REFUSED),
        (refusal(400, "MailFromDomainNotVerifiedException", "no"), Verdict.REFUSED),
        (refusal(400, "BadRequestException", "no"), Verdict.REFUSED),
        (refusal(404, "NotFoundException", "no configuration set"), Verdict.REFUSED),
        (refusal(403, "SignatureDoesNotMatch", "check the key"), Verdict.REFUSED),
        (refusal(403, "ExpiredTokenException", "the token is old"), Verdict.REFUSED),
        (refusal(500, "InternalFailure", "oops"), Verdict.AMBIGUOUS),
        (refusal(503, "ServiceUnavailable", "oops"), Verdict.AMBIGUOUS),
        (results("SUCCESS"), Verdict.AMBIGUOUS),
        (results(*["SUCCESS"] * 4), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_a_refusal_of_the_whole_request_rejects_nobody(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous_and_a_refusal_is_still_one(page: bytes) -> None:
    with HttpServer(reply(200, body=page), reply(400, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS
        assert (await ask(to(server.url))).verdict is Verdict.REFUSED


@pytest.mark.anyio
async def test_a_refusal_that_repeats_key_or_address_is_told_without_them() -> None:
    with HttpServer(refusal(403, "X", f"{KEY.value} AKIDEXAMPLE reader1@example.com")) as server:
        detail = (await ask(to(server.url))).detail
        assert detail.endswith("env:AWS_SECRET_ACCESS_KEY env:AWS_ACCESS_KEY_ID r…@example.com")


# ---------------------------------------------------------------- the set-up


def test_the_region_says_where_to_post() -> None:
    provider = to("", region="us-gov-west-1")
    assert not provider.problems()
    assert provider.url == "https://email.us-gov-west-1.amazonaws.com/v2/email/outbound-bulk-emails"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"region": ""}, "region must look like ap-northeast-1"),
        ({"region": "tokyo", "base_url": ""}, "region must look like ap-northeast-1"),
        ({"access_key_id": None}, "access_key_id is missing"),
        ({"access_key_id": Secret("AWS_ACCESS_KEY_ID")}, "AWS_ACCESS_KEY_ID is not set"),
        ({"session_token": Secret("AWS_SESSION_TOKEN")}, "AWS_SESSION_TOKEN is not set"),
        ({"batch_limit": 51}, "from 1 to 50"),
    ],
)
def test_what_is_wrong_with_the_set_up_is_said(options: dict[str, Any], problem: str) -> None:
    (found,) = to(**options).problems()
    assert problem in found


def test_the_body_is_json_that_holds_the_data_of_the_template_as_text() -> None:
    entry = body(email=make_email(reply_to=Mailbox("editor@example.com")))["BulkEmailEntries"][0]
    data = entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
    assert json.loads(data)["reader"] == "tok0001"
