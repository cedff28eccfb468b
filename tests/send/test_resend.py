"""Resend: the request against its published schema, and every answer against what it means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.resend import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, R, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, Scripted, reply, unfinished_body
from tests.servers.mailings import make_mailing

KEY = Secret("RESEND_API_KEY", "re_canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(**changes: Any) -> Any:
    return to().describe(make_mailing(2, **changes)).body


def key_of(**changes: Any) -> str:
    return dict(to().describe(make_mailing(1, **changes)).headers)["Idempotency-Key"]


def taken(ids: list[Any], *errors: Any) -> Scripted:
    return reply(200, body={"data": [{"id": each} for each in ids], "errors": list(errors)})


def refusal(status: int, name: str) -> Scripted:
    return reply(status, body={"statusCode": status, "name": name, "message": "No."})


def bad(index: Any, message: str = "Invalid `to` field.") -> dict[str, Any]:
    return {"index": index, "message": message}


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("resend", to())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(100))},
    ],
)
def test_the_request_satisfies_resends_own_schema(changes: dict[str, Any]) -> None:
    document = description("resend.json")
    schemas = document["components"]["schemas"]
    closed(schemas["SendEmailRequest"])
    mails = {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/SendEmailRequest"}}
    validator = jsonschema.Draft202012Validator({"components": document["components"], **mails})
    request = body(**changes)
    validator.validate(request)
    assert list(validator.iter_errors([{**request[0], "subjcet": "x"}])), "the schema would notice"


def test_a_name_that_holds_what_ends_an_address_stands_in_quotes() -> None:
    readers = (make_recipient(1, name='Sato, "Taro"; (Dr.)'), make_recipient(2, name="山田 太郎"))
    assert [mail["to"] for mail in body(recipients=readers)] == [
        ['"Sato, \\"Taro\\"; (Dr.)" <reader1@example.com>'],
        ["山田 太郎 <reader2@example.com>"],
    ]


def test_tags_hold_only_the_signs_that_resend_takes() -> None:
    assert body(proof=True, key="週刊/2026-W04/1/x" + "y" * 300)[0]["tags"] == [
        {"name": "issue", "value": "weekly_2026-W04"},
        {"name": "batch", "value": "y" * 256},
        {"name": "proof", "value": "yes"},
    ]


def test_the_key_names_the_batch_and_is_one_that_resend_takes() -> None:
    assert key_of() == "weekly/2026-W04/1/0123abcd"
    for odd in ("k" * 257, "週刊/1", "a\nb"):
        assert len(key_of(key=odd)) == 64
        assert key_of(key=odd).isalnum()
    assert len({key_of(key=f"{'k' * 256}{number}") for number in range(3)}) == 3


def test_a_second_proof_of_an_issue_has_a_key_of_its_own_and_the_same_proof_keeps_its_key() -> None:
    first = make_mailing(1, proof=True, key="weekly/2026-W04/proof")
    later = first.sent_at + timedelta(minutes=5)
    assert key_of(proof=True, key=first.key) == key_of(proof=True, key=first.key)
    assert key_of(proof=True, key=first.key) != key_of(proof=True, key=first.key, sent_at=later)
    assert key_of(sent_at=later) == key_of()


def test_a_batch_may_not_hold_more_than_a_hundred() -> None:
    assert to(batch_limit=101).problems() == ["batch_limit must be from 1 to 100"]


# ---------------------------------------------------------------- the answers


@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own() -> None:
    with HttpServer(reply(200, body={"data": [{"id": "x"}, {"id": "y"}, {"id": "z"}]})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer), answer.http_status) == (Verdict.ANSWERED, [A, A, A], 200)
        assert [delivery.message_id for delivery in answer.deliveries] == ["x", "y", "z"]
        assert server.requests[0].headers["x-batch-validation"] == "permissive"


@pytest.mark.anyio
async def test_a_bad_address_costs_only_its_owner_the_mail_and_ids_stay_with_their_readers() -> None:
    with HttpServer(taken(["x", "z"], bad(1))) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, R, A])
        assert [delivery.message_id for delivery in answer.deliveries] == ["x", "", "z"]
        assert answer.deliveries[1].error == answer.detail == "Resend answered 200: Invalid `to` field."


@pytest.mark.parametrize(
    ("message", "verdict", "expected"),
    [("Invalid `to` field.", Verdict.ANSWERED, [R, R]), ("Invalid `from` field.", Verdict.REFUSED, [])],
)
@pytest.mark.anyio
async def test_what_is_wrong_with_every_mail_is_the_mails_fault_unless_it_names_the_readers(
    message: str, verdict: Verdict, expected: list[Any]
) -> None:
    with HttpServer(taken([], bad(0, message), bad(1, message))) as server:
        answer = await ask(to(server.url), 2)
        assert (answer.verdict, states(answer)) == (verdict, expected)
        assert message in answer.detail


@pytest.mark.parametrize(
    "scripted",
    [
        taken(["x", "y"]),
        taken(["x", "y", "z", "a"]),
        taken(["x", "y", ""]),
        taken(["x", "y", 7]),
        taken(["x", "y"], bad(3)),
        taken(["x", "y"], bad(-1)),
        taken(["x", "y"], bad("1")),
        taken(["x", "y"], bad(True)),
        taken(["x", "y"], bad([1])),
        taken(["x"], bad(1), bad(1)),
        taken(["x", "y", "z"], bad(1)),
        unfinished_body(200),
    ],
)
@pytest.mark.anyio
async def test_ids_that_cannot_be_told_apart_leave_everybody_unknown(scripted: Scripted) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url, timeout=0.8))
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.AMBIGUOUS, (), 200)


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("status", "name", "verdict"),
    [
        (400, "validation_error", Verdict.REFUSED),
        (400, "invalid_idempotency_key", Verdict.REFUSED),
        (401, "missing_api_key", Verdict.REFUSED),
        (403, "invalid_api_key", Verdict.REFUSED),
        (403, "validation_error", Verdict.REFUSED),
        (404, "not_found", Verdict.REFUSED),
        (409, "invalid_idempotent_request", Verdict.AMBIGUOUS),
        (409, "concurrent_idempotent_requests", Verdict.AMBIGUOUS),
        (409, "resource_locked", Verdict.AMBIGUOUS),
        (422, "missing_required_field", Verdict.REFUSED),
        (422, "invalid_parameter", Verdict.REFUSED),
        (429, "rate_limit_exceeded", Verdict.NOT_SENT),
        (429, "daily_quota_exceeded", Verdict.REFUSED),
        (429, "monthly_quota_exceeded", Verdict.REFUSED),
        (500, "application_error", Verdict.AMBIGUOUS),
        (503, "service_unavailable", Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_each_documented_error_means_what_it_says(status: int, name: str, verdict: Verdict) -> None:
    with HttpServer(refusal(status, name)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail == f"Resend answered {status}: {name}: No."


@pytest.mark.anyio
async def test_a_window_that_is_used_up_is_told_with_the_answer() -> None:
    headers = {"RateLimit-Limit": "2", "RateLimit-Remaining": "0", "RateLimit-Reset": "1"}
    with HttpServer(reply(200, headers, {"data": [{"id": "x"}]})) as server:
        answer = await ask(to(server.url), 1)
        assert (answer.verdict, states(answer), answer.window_left) == (Verdict.ANSWERED, [A], 1.0)


def test_a_repeat_is_safe_for_less_than_the_day_after_which_resend_forgets_a_key() -> None:
    assert timedelta(hours=20) < to().repeatable_for < timedelta(hours=24)
