"""Mailjet: the request as recorded, and every answer against what it means."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from digest.models import Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.mailjet import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, P, R, U, ask, assert_recorded, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing
from tests.servers.peers_mailjet import taken

KEY, PAIR = Secret("MAILJET_API_KEY", "public-0451"), Secret("MAILJET_SECRET_KEY", "canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "secret_key": PAIR, "base_url": url, "timeout": 5.0, **changes})


def body(**changes: Any) -> Any:
    return to().describe(make_mailing(2, **changes)).body


def failed(code: str = "mj-0013", status: int = 400, related: Any = ("To[0].Email",)) -> dict[str, Any]:
    error = {"ErrorIdentifier": "f987008f", "ErrorCode": code, "StatusCode": status, "ErrorMessage": f"no {code}"}
    return {"Status": "error", "Errors": [{**error, "ErrorRelatedTo": list(related)}]}


def messages(*items: Any, status: int = 200) -> Scripted:
    return reply(status, body={"Messages": list(items)})


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("mailjet", to())


@pytest.mark.anyio
async def test_key_and_secret_key_go_as_a_pair_and_people_see_their_names() -> None:
    with HttpServer(messages(taken(0))) as server:
        await ask(to(server.url), 1)
        sent = server.requests[0].headers["authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "public-0451:canary-0451"
    shown = dict(to().describe(make_mailing(1)).headers)
    assert shown["Authorization"] == "Basic env:MAILJET_API_KEY:env:MAILJET_SECRET_KEY"


def test_a_header_that_mailjet_refuses_is_left_out_in_any_spelling() -> None:
    found = body(email=make_email(headers=(("LIST-ID", "<a.example.com>"), ("X-Campaign", "春"))))
    (first, _) = found["Messages"]
    assert list(first["Headers"]) == ["X-Campaign"]
    assert first["Headers"]["X-Campaign"].isascii()


def test_braces_of_a_post_are_no_variables() -> None:
    email = make_email(html="<code>{{ var:name }} {% if %}</code>", text="{{ data:x }}\n")
    found = body(email=email)
    assert "TemplateLanguage" not in json.dumps(found)
    assert (found["Messages"][0]["HTMLPart"], found["Messages"][0]["TextPart"]) == (email.html, email.text)


def test_names_with_signs_of_an_address_stay_as_they_are() -> None:
    (message,) = body(recipients=(make_recipient(1, name="山田, 太郎 (編集); <x>"),))["Messages"]
    assert message["To"] == [{"Email": "reader1@example.com", "Name": "山田, 太郎 (編集); <x>"}]


def test_nothing_is_tracked_unless_asked_for_and_only_html_can_be() -> None:
    assert (body()["Globals"]["TrackOpens"], body()["Globals"]["TrackClicks"]) == ("disabled", "disabled")
    assert to(tracking=True).describe(make_mailing(1)).body["Globals"]["TrackClicks"] == "enabled"
    assert "TrackOpens" not in body(email=make_email(html=""))["Globals"]


def test_issue_batch_and_proof_are_named() -> None:
    found = body(proof=True, email=make_email(reply_to=Mailbox("editor@example.com", "編集部")))["Globals"]
    assert found["ReplyTo"] == {"Email": "editor@example.com", "Name": "編集部"}
    assert (found["CustomCampaign"], found["CustomID"]) == ("weekly/2026-W04 (proof)", "weekly/2026-W04/1/0123abcd")
    assert json.loads(found["EventPayload"]) == {
        "issue": "weekly/2026-W04",
        "batch": "weekly/2026-W04/1/0123abcd",
        "proof": "yes",
    }


def test_the_sandbox_is_asked_for_only_when_wanted() -> None:
    assert to(sandbox=True).describe(make_mailing(1)).body["SandboxMode"] is True
    assert "SandboxMode" not in body()


# ---------------------------------------------------------------- the answers


@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own() -> None:
    with HttpServer(messages(taken(0), taken(1), {"Status": "success"})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, A, A])
        assert [delivery.message_id for delivery in answer.deliveries] == ["1000", "1001", ""]


CASES: dict[str, tuple[list[Any], Verdict, list[Any]]] = {
    "one bad address": ([taken(0), failed(), taken(2)], Verdict.ANSWERED, [A, R, A]),
    "one refused for another reason": ([taken(0), failed(related=["HTMLPart"]), taken(2)], Verdict.ANSWERED, [A, R, A]),
    "only bad addresses": ([failed(), failed(), failed()], Verdict.ANSWERED, [R, R, R]),
    "the sender": ([failed("send-0008", 403, ["From"])] * 3, Verdict.REFUSED, []),
    "the sender, and a bad address": (
        [failed("send-0008", 403, ["From"]), failed(), failed("send-0008", 403, ["From"])], Verdict.REFUSED, [P, R, P],
    ),
    "their fault for one": ([taken(0), failed("mj-0000", 500), taken(2)], Verdict.ANSWERED, [A, U, A]),
    "their fault": ([failed("mj-0000", 500)] * 3, Verdict.AMBIGUOUS, []),
    "too fast for one": ([taken(0), failed("mj-0030", 429), taken(2)], Verdict.NOT_SENT, [A, P, A]),
    "a word of tomorrow": ([taken(0), {"Status": "queued"}, taken(2)], Verdict.ANSWERED, [A, U, A]),
}  # fmt: skip


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.anyio
async def test_each_message_of_a_reply_is_read_on_its_own_whatever_the_status(case: str, status: int) -> None:
    items, verdict, expected = CASES[case]
    with HttpServer(messages(*items, status=status)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer), answer.http_status) == (verdict, expected, status)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (reply(400, body={"ErrorCode": "mj-0002", "ErrorMessage": "Malformed JSON"}), Verdict.REFUSED),
        (reply(401, body={"ErrorCode": "mj-0001", "ErrorMessage": "suspended"}), Verdict.REFUSED),
        (reply(403, body={"ErrorMessage": "not permitted"}), Verdict.REFUSED),
        (reply(429, {"Retry-After": "3"}, {"ErrorMessage": "slow down"}), Verdict.NOT_SENT),
        (reply(500, body={"ErrorIdentifier": "x", "ErrorMessage": "oops"}), Verdict.AMBIGUOUS),
        (messages(taken(0), taken(1), taken(2), status=500), Verdict.AMBIGUOUS),
        (messages(taken(0)), Verdict.AMBIGUOUS),
        (messages(*map(taken, range(4))), Verdict.AMBIGUOUS),
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


@pytest.mark.parametrize("errors", [None, 5, [None], [{"StatusCode": "x", "ErrorRelatedTo": 5}]])
@pytest.mark.anyio
async def test_errors_in_another_shape_are_no_crash(errors: Any) -> None:
    with HttpServer(messages({"Status": "error", "Errors": errors})) as server:
        assert (await ask(to(server.url), 1)).verdict is Verdict.REFUSED


@pytest.mark.anyio
async def test_a_refusal_that_repeats_keys_or_an_address_is_told_without_them() -> None:
    pair = base64.b64encode(f"{KEY.value}:{PAIR.value}".encode()).decode()
    said = f"Basic {pair} {KEY.value} {PAIR.value} reader1@example.com"
    with HttpServer(reply(401, body={"ErrorMessage": said})) as server:
        detail = (await ask(to(server.url))).detail
        assert detail.endswith(
            "Basic env:MAILJET_API_KEY:env:MAILJET_SECRET_KEY env:MAILJET_API_KEY env:MAILJET_SECRET_KEY r…@example.com"
        )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"secret_key": None}, "secret_key is missing"),
        ({"secret_key": Secret("MAILJET_SECRET_KEY")}, "MAILJET_SECRET_KEY is not set"),
        ({"batch_limit": 51}, "from 1 to 50"),
    ],
)
def test_what_is_wrong_with_the_set_up_is_said(options: dict[str, Any], problem: str) -> None:
    (found,) = to(**options).problems()
    assert problem in found
