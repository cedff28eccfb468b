"""Mailtrap: the request against its published schema, and every answer against what it means."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.mailtrap import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, P, R, U, ask, assert_recorded, description, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing
from tests.servers.peers_mailtrap import taken

KEY = Secret("MAILTRAP_API_KEY", "canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(**changes: Any) -> Any:
    return to().describe(make_mailing(2, **changes)).body


def failed(*errors: str) -> dict[str, Any]:
    return {"success": False, "errors": list(errors)}


def responses(*items: Any, success: bool = True) -> Scripted:
    return reply(200, body={"success": success, "responses": list(items)})


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("mailtrap", to())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com", "編集部"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(500))},
    ],
)
def test_the_request_satisfies_mailtraps_own_schema(changes: dict[str, Any]) -> None:
    document = description("mailtrap_bulk.yaml")
    schema = document["components"]["schemas"]["BatchEmail"]
    # Several schemas describe one object together, so each alone cannot be closed: all of them can.
    schema["properties"]["base"]["unevaluatedProperties"] = False
    schema["properties"]["requests"]["items"]["unevaluatedProperties"] = False
    schema["unevaluatedProperties"] = False
    validator = jsonschema.Draft202012Validator({"components": document["components"], **schema})
    request = to(batch_limit=500).describe(make_mailing(2, **changes)).body
    validator.validate(request)
    request["requests"][0]["hedaers"] = {}
    assert list(validator.iter_errors(request)), "the schema would notice"


def test_a_readers_request_holds_all_headers_because_they_are_not_merged() -> None:
    (first, _) = body()["requests"]
    assert list(first["headers"]) == ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
    assert "headers" not in body()["base"]


def test_issue_batch_and_proof_are_named() -> None:
    base = body(proof=True)["base"]
    assert base["category"] == "weekly"
    assert base["custom_variables"] == {
        "issue": "weekly/2026-W04",
        "batch": "weekly/2026-W04/1/0123abcd",
        "proof": "yes",
    }


def test_a_sandbox_has_an_address_of_its_own() -> None:
    assert to("").url == "https://bulk.api.mailtrap.io/api/batch"
    assert to("", sandbox_id="12/3").url == "https://sandbox.api.mailtrap.io/api/batch/12%2F3"
    assert not to("").problems()


@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own() -> None:
    with HttpServer(responses(taken(0), taken(1), {"success": True})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, A, A])
        assert [delivery.message_id for delivery in answer.deliveries] == ["mt-0", "mt-1", ""]


CASES: dict[str, tuple[list[Any], Verdict, list[Any]]] = {
    "one bad address": ([taken(0), failed("'to' address is invalid"), taken(2)], Verdict.ANSWERED, [A, R, A]),
    "one refused for another reason": ([taken(0), failed("no"), taken(2)], Verdict.ANSWERED, [A, R, A]),
    "only bad addresses": ([failed("'to' address is invalid")] * 3, Verdict.ANSWERED, [R, R, R]),
    "the sender": ([failed("'from' address is invalid, not allowed to send")] * 3, Verdict.REFUSED, []),
    "no reason": ([failed()] * 3, Verdict.REFUSED, []),
    "the sender, and a bad address": (
        [failed("'from' is wrong"), failed("'to' is wrong"), failed("'from' is wrong")], Verdict.REFUSED, [P, R, P],
    ),
    "nobody says": ([taken(0), {"errors": 5}, taken(2)], Verdict.ANSWERED, [A, U, A]),
}  # fmt: skip


@pytest.mark.parametrize("success", [True, False])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.anyio
async def test_each_response_is_read_on_its_own(case: str, success: bool) -> None:
    items, verdict, expected = CASES[case]
    with HttpServer(responses(*items, success=success)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (verdict, expected)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (reply(400, body=failed("'subject' is required")), Verdict.REFUSED),
        (reply(401, body=failed("Unauthorized")), Verdict.REFUSED),
        (reply(403, body=failed("Forbidden")), Verdict.REFUSED),
        (reply(429, {"Retry-After": "3"}, failed("too many requests")), Verdict.NOT_SENT),
        (reply(500, body=failed("Internal server error")), Verdict.AMBIGUOUS),
        (reply(200, body={"success": False, "errors": ["something general"]}), Verdict.AMBIGUOUS),
        (responses(taken(0)), Verdict.AMBIGUOUS),
        (responses(*map(taken, range(4))), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_an_answer_about_the_whole_request_rejects_nobody(scripted: Scripted, verdict: Verdict) -> None:
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
    with HttpServer(reply(401, body=failed(f"{KEY.value} reader1@example.com"))) as server:
        assert (await ask(to(server.url))).detail.endswith("env:MAILTRAP_API_KEY r…@example.com")
