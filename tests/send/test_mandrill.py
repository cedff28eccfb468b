"""Mandrill: the request as recorded, and every answer against what it means."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.mandrill import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, R, ask, assert_recorded, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing

KEY = Secret("MANDRILL_API_KEY", "md-canary-0451")


SENT = {"email": "reader1@example.com", "status": "sent", "_id": "a"}


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def message(**changes: Any) -> Any:
    return to().describe(make_mailing(1, **changes)).body["message"]


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("mandrill", to())


@pytest.mark.anyio
async def test_the_key_is_in_the_body_and_people_see_its_name() -> None:
    with HttpServer(reply(200, body=[SENT])) as server:
        await ask(to(server.url), 1)
        (request,) = server.requests
        assert (request.json["key"], "authorization" in request.headers) == (KEY.value, False)
    assert to().describe(make_mailing(1)).body["key"] == "env:MANDRILL_API_KEY"


def test_a_mail_is_sent_as_it_was_approved() -> None:
    found = message(email=make_email(text="*|UNSUB|* {{x}}\n"))
    assert found["text"] == "*|UNSUB|* {{x}}\n"
    assert not any(found[name] for name in ("merge", "auto_text", "auto_html", "inline_css", "preserve_recipients"))
    assert not any(found[name] for name in ("track_opens", "track_clicks"))
    assert to(tracking=True).describe(make_mailing(1)).body["message"]["track_opens"] is True


def test_reply_to_is_a_header_and_a_readers_own_headers_are_of_this_mail() -> None:
    found = message(email=make_email(reply_to=Mailbox("editor@example.com", "Sato, Taro")))["headers"]
    assert found["Reply-To"] == '"Sato, Taro" <editor@example.com>'
    assert found["List-Unsubscribe"] == "<https://news.example.com/u/tok0001>"


def test_issue_batch_and_proof_are_named() -> None:
    found = message(proof=True)
    assert found["tags"] == ["weekly"]
    assert found["metadata"] == {"issue": "weekly/2026-W04", "batch": "weekly/2026-W04/1/0123abcd", "proof": "yes"}


def test_more_than_one_reader_a_request_is_a_problem() -> None:
    (found,) = to(batch_limit=2).problems()
    assert "from 1 to 1" in found


@pytest.mark.anyio
async def test_several_readers_at_once_are_refused_before_anything_leaves() -> None:
    with HttpServer() as server:
        async with to(server.url).connect() as connection:
            answer = await connection.send(make_mailing(2))
        assert (answer.verdict, answer.deliveries, server.requests) == (Verdict.REFUSED, (), [])
        assert "one reader a request" in answer.detail


@pytest.mark.anyio
async def test_a_proof_goes_to_all_staff_at_once_and_nobody_sees_the_others() -> None:
    found = [{"email": f"Reader{number}@example.com", "status": "sent", "_id": f"id-{number}"} for number in (2, 1)]
    with HttpServer(reply(200, body=found)) as server:
        async with to(server.url).connect() as connection:
            answer = await connection.send(make_mailing(2, proof=True))
        (request,) = server.requests
        assert [each["email"] for each in request.json["message"]["to"]] == [
            "reader1@example.com",
            "reader2@example.com",
        ]
        assert request.json["message"]["preserve_recipients"] is False
    assert (states(answer), [each.message_id for each in answer.deliveries]) == ([A, A], ["id-1", "id-2"])


def test_a_batch_without_anybody_to_write_to_can_be_described() -> None:
    mailing = make_mailing(recipients=(make_recipient(1, address="nobody"),))
    assert to().describe(mailing).body == {"key": "env:MANDRILL_API_KEY", "message": {}}


@pytest.mark.parametrize(
    ("found", "verdict", "expected"),
    [
        ({"status": "sent", "_id": "abc"}, Verdict.ANSWERED, [A]),
        ({"status": "queued", "queued_reason": "hourly-quota", "_id": "abc"}, Verdict.ANSWERED, [A]),
        ({"status": "scheduled", "_id": "abc"}, Verdict.ANSWERED, [A]),
        ({"status": "invalid"}, Verdict.ANSWERED, [R]),
        *(
            ({"status": "rejected", "reject_reason": reason}, Verdict.ANSWERED, [R])
            for reason in ("hard-bounce", "soft-bounce", "spam", "unsub", "custom", "invalid")
        ),
        *(
            ({"status": "rejected", "reject_reason": reason}, Verdict.REFUSED, [])
            for reason in ("invalid-sender", "unsigned", "test-mode-limit", "rule")
        ),
        ({"status": "pending"}, Verdict.AMBIGUOUS, []),
        ({}, Verdict.AMBIGUOUS, []),
    ],
)
@pytest.mark.anyio
async def test_the_status_of_the_mail_is_the_readers(found: dict[str, str], verdict: Verdict, expected: Any) -> None:
    with HttpServer(reply(200, body=[{"email": "reader1@example.com", **found}])) as server:
        answer = await ask(to(server.url), 1)
        assert (answer.verdict, states(answer)) == (verdict, expected)
        assert [delivery.message_id for delivery in answer.deliveries] == [found.get("_id", "")] * len(expected)
        assert bool(answer.detail) is not (A in expected)


def refused(status: int, name: str) -> Scripted:
    return reply(status, body={"status": "error", "code": -1, "name": name, "message": f"about {name}"})


@pytest.mark.parametrize("status", [400, 401, 402, 404, 422, 500])
@pytest.mark.parametrize("name", ["Invalid_Key", "PaymentRequired", "Unknown_Subaccount", "ValidationError"])
@pytest.mark.anyio
async def test_what_is_refused_by_name_is_not_sent_whatever_the_status(status: int, name: str) -> None:
    with HttpServer(refused(status, name)) as server:
        answer = await ask(to(server.url), 1)
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert f"{name}: about {name}" in answer.detail
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (refused(500, "GeneralError"), Verdict.AMBIGUOUS),
        (refused(503, "ServiceUnavailable"), Verdict.AMBIGUOUS),
        (reply(429, {"Retry-After": "4"}), Verdict.NOT_SENT),
        (reply(200, body=[]), Verdict.AMBIGUOUS),
        (reply(200, body=[{**SENT, "email": "reader2@example.com"}]), Verdict.AMBIGUOUS),
        (reply(200, body=[SENT, {**SENT, "email": "reader2@example.com"}]), Verdict.AMBIGUOUS),
        (refused(200, "Invalid_Key"), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_without_a_clear_answer_nobody_is_rejected(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url), 1)
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous_and_a_refusal_is_still_one(page: bytes) -> None:
    with HttpServer(reply(200, body=page), reply(400, body=page)) as server:
        assert (await ask(to(server.url), 1)).verdict is Verdict.AMBIGUOUS
        assert (await ask(to(server.url), 1)).verdict is Verdict.REFUSED


@pytest.mark.anyio
async def test_a_refusal_that_repeats_key_or_address_is_told_without_them() -> None:
    with HttpServer(refused(500, f"{KEY.value} reader1@example.com")) as server:
        assert (await ask(to(server.url), 1)).detail.endswith("env:MANDRILL_API_KEY r…@example.com")
