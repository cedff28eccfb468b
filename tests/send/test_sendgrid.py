"""SendGrid: the request against its published schema, and every answer against what it means."""

from __future__ import annotations

import copy
import json
import os
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from digest.models import DeliveryState, Mailbox, Secret
from digest.send.providers import Answer, Verdict
from digest.send.providers.sendgrid import Provider
from tests.conftest import SHARED, skip_or_fail
from tests.factories import make_email, make_recipient
from tests.servers.http import (
    HttpServer,
    Scripted,
    closed_port,
    garbage,
    reply,
    reset_after_body,
    reset_before_reading,
    reset_on_arrival,
    silence,
    trickle,
    unfinished_body,
)
from tests.servers.mailings import make_mailing
from tests.servers.peers import send_once

A, P, R = DeliveryState.ACCEPTED, DeliveryState.PENDING, DeliveryState.REJECTED
GOLDEN = Path(__file__).parent.parent / "data" / "providers" / "sendgrid" / "request.json"
KEY = Secret("SENDGRID_API_KEY", "SG.canary-0451")


def to(url: str, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(**changes: Any) -> Any:
    return to("http://127.0.0.1:1").describe(make_mailing(2, **changes)).body


async def answer_to(server: HttpServer, count: int = 3, **changes: Any) -> Answer:
    found = await send_once(to(server.url, **changes), make_mailing(count))
    assert isinstance(found, Answer)
    return found


def states(answer: Answer) -> list[DeliveryState]:
    return [delivery.state for delivery in answer.deliveries]


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    mailing = make_mailing(2, email=make_email(reply_to=Mailbox("editor@example.com", "編集部")))
    request = to("http://127.0.0.1:1").describe(mailing)
    found = {"method": request.method, "target": request.target, "headers": dict(request.headers), "body": request.body}
    if os.environ.get("DIGEST_RECORD_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    file = SHARED / "specs" / "sendgrid.json"
    if not file.is_file():
        skip_or_fail("shared", "SendGrid's API description is not on this machine")
    document = json.loads(file.read_text(encoding="utf-8"))
    request = document["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    # The description says that custom_args of the whole mail is a text; the API takes an object.
    request["properties"]["custom_args"]["type"] = "object"
    _close(request)
    _close(document["components"]["schemas"])
    return {"components": document["components"], **request}


def _close(node: Any) -> None:
    """Refuse properties that the description does not know: SendGrid may ignore them silently."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for value in node.values():
            _close(value)


@pytest.mark.parametrize("options", [{}, {"sandbox": True}, {"tracking": True}])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(1000))},
    ],
)
def test_the_request_satisfies_sendgrids_own_schema(
    schema: dict[str, Any], options: dict[str, bool], changes: dict[str, Any]
) -> None:
    request = to("http://127.0.0.1:1", **options).describe(make_mailing(2, **changes)).body
    jsonschema.Draft202012Validator(schema).validate(request)
    broken = copy.deepcopy(request)
    broken["personalizatoins"] = broken.pop("personalizations")
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(broken)), "the schema would notice"


def test_nothing_is_tracked_unless_asked_for() -> None:
    settings = body()["tracking_settings"]
    assert settings["click_tracking"] == {"enable": False, "enable_text": False}
    assert settings["open_tracking"] == {"enable": False}
    tracked = to("http://127.0.0.1:1", tracking=True).describe(make_mailing(1)).body
    assert tracked["tracking_settings"]["click_tracking"]["enable"] is True


def test_text_stands_before_html_and_an_empty_part_is_left_out() -> None:
    assert [part["type"] for part in body()["content"]] == ["text/plain", "text/html"]
    assert [part["type"] for part in body(email=make_email(text=""))["content"]] == ["text/html"]


def test_what_ends_an_address_in_a_name_is_taken_out() -> None:
    (personal,) = body(recipients=(make_recipient(1, name="Sato, Taro; Dr."),))["personalizations"]
    assert personal["to"] == [{"email": "reader1@example.com", "name": "Sato Taro Dr."}]


def test_headers_are_ascii_because_nobody_says_what_else_would_become_of_them() -> None:
    found = body(email=make_email(headers=(("List-Id", "週刊 <weekly.example.com>"), ("X-Campaign", "春"))))
    assert "".join(found["headers"].values()).isascii()
    assert found["headers"]["List-Id"].endswith(" <weekly.example.com>")


def test_a_proof_says_so_in_its_arguments() -> None:
    (personal, _) = body(proof=True)["personalizations"]
    assert personal["custom_args"]["proof"] == "yes"
    assert "proof" not in body()["personalizations"][0]["custom_args"]


@pytest.mark.anyio
async def test_an_address_that_would_spoil_the_batch_is_kept_out_of_it() -> None:
    readers = (
        make_recipient(1),
        make_recipient(2, address="Reader1@Example.com"),
        make_recipient(3, address="太郎@example.com"),
        make_recipient(4, address="taro@例え.jp"),
    )
    with HttpServer() as server:
        answer = await send_once(to(server.url), make_mailing(recipients=readers))
        assert states(answer) == [A, R, R, A]
        assert "twice" in answer.deliveries[1].error
        assert "ASCII" in answer.deliveries[2].error
        posted = [personal["to"][0]["email"] for personal in server.requests[0].json["personalizations"]]
        assert posted == ["reader1@example.com", "taro@xn--r8jz45g.jp"]


@pytest.mark.anyio
async def test_a_batch_without_anybody_to_write_to_is_not_posted() -> None:
    with HttpServer() as server:
        answer = await send_once(to(server.url), make_mailing(recipients=(make_recipient(1, address="nobody"),)))
        assert states(answer) == [R]
        assert not server.requests


# ---------------------------------------------------------------- the answers


@pytest.mark.anyio
async def test_202_is_accepted_for_everybody_with_the_id_for_looking_it_up() -> None:
    with HttpServer(reply(202, {"X-Message-Id": "abc.123"})) as server:
        answer = await answer_to(server)
        assert (answer.verdict, states(answer), answer.http_status) == (Verdict.ANSWERED, [A, A, A], 202)
        assert {delivery.message_id for delivery in answer.deliveries} == {"abc.123"}
        assert len(server.requests) == 1


@pytest.mark.anyio
async def test_200_is_success_in_the_sandbox_only() -> None:
    with HttpServer(default=reply(200)) as server:
        assert (await answer_to(server, sandbox=True)).verdict is Verdict.ANSWERED
        assert (await answer_to(server)).verdict is Verdict.AMBIGUOUS
        assert server.requests[0].json["mail_settings"] == {"sandbox_mode": {"enable": True}}
        assert "mail_settings" not in server.requests[1].json


def errors(*entries: tuple[str, str | None, Any]) -> dict[str, Any]:
    return {"errors": [{"message": message, "field": field, "help": help_} for message, field, help_ in entries]}


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.anyio
async def test_a_payload_that_is_never_taken_rejects_nobody_and_says_why(status: int) -> None:
    said = errors(("Bad Request", None, "https://docs.sendgrid.com/why"))
    with HttpServer(reply(status, body=said)) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.REFUSED, (), status)
        assert answer.detail == f"SendGrid answered {status}: Bad Request (https://docs.sendgrid.com/why)"
        assert len(server.requests) == 1


@pytest.mark.parametrize("field", ["personalizations.1.to.0.email", "personalizations[1].to", "personalizations.1"])
@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.anyio
async def test_a_400_that_names_the_bad_reader_leaves_the_others_pending(status: int, field: str) -> None:
    entries = ("Bad Request", None, None), ("Does not contain a valid address.", field, None)
    with HttpServer(reply(status, body=errors(*entries))) as server:
        answer = await answer_to(server)
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [P, R, P])
        assert f"field {field}" in answer.detail
        assert [delivery.error for delivery in answer.deliveries] == ["", answer.detail, ""]


@pytest.mark.parametrize(
    "field", ["personalizations", "personalizations.7.to", "personalizations.x", "personalizations.10"]
)
@pytest.mark.anyio
async def test_a_400_that_names_nobody_in_the_batch_rejects_nobody(field: str) -> None:
    with HttpServer(reply(400, body=errors(("bad", field, None)))) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())


@pytest.mark.parametrize(
    "field", ["from.email", "subject", "content.0.value", "reply_to", "personalizations.1.headers.List-Id"]
)
@pytest.mark.parametrize("also", [(), (("bad too", "personalizations.1.to", None),)])
@pytest.mark.anyio
async def test_a_400_about_the_mail_itself_stops_the_issue_instead_of_rejecting_its_readers(
    field: str, also: tuple[tuple[str, str, None], ...]
) -> None:
    with HttpServer(reply(400, body=errors(("is not right", field, None), *also))) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert field in answer.detail


NOW = time.time()
AMBIGUOUS: dict[str, tuple[Scripted, int]] = {
    "500": (reply(500, body=errors(("oops", None, None))), 1),
    "502": (reply(502, body="<html>Bad Gateway</html>"), 1),
    "503": (reply(503, {"Retry-After": "5"}), 1),
    "504": (reply(504), 1),
    "a page of a proxy with 200": (reply(200, {"Content-Type": "text/html"}, "<html>Please log in</html>"), 1),
    "an empty 200": (reply(200), 1),
    "201": (reply(201, body={"id": 1}), 1),
    "204": (reply(204), 1),
    "something that is not HTTP": (garbage(), 1),
    "reset before reading": (reset_before_reading(), 0),
    "reset after the body": (reset_after_body(), 1),
}
ENDLESS = {
    "headers that never end": trickle(),
    "half a status line": trickle(b"HTTP/1.1 2"),
    "silence": silence(),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
@pytest.mark.anyio
async def test_without_a_clear_answer_it_is_ambiguous_and_posted_once(case: str) -> None:
    scripted, requests = AMBIGUOUS[case]
    with HttpServer(scripted) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())
        assert answer.detail
        assert (len(server.requests), server.connections) == (requests, 1)


@pytest.mark.parametrize("case", ENDLESS)
@pytest.mark.anyio
async def test_an_answer_that_never_ends_is_ambiguous_at_the_deadline_and_posted_once(case: str) -> None:
    with HttpServer(ENDLESS[case]) as server:
        answer = await answer_to(server, timeout=0.4)
        assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())
        assert "TimeoutError" in answer.detail
        assert (len(server.requests), server.connections) == (1, 1)


@pytest.mark.anyio
async def test_a_door_slammed_on_arrival_is_not_sent_or_ambiguous_but_never_more() -> None:
    with HttpServer(reset_on_arrival()) as server:
        answer = await answer_to(server)
        # Whether the client still saw the door open is the system's to decide; each answer is true where it is given.
        assert answer.verdict is (Verdict.NOT_SENT if "no connection" in answer.detail else Verdict.AMBIGUOUS)
        assert (answer.deliveries, len(server.requests), server.connections) == ((), 0, 1)


@pytest.mark.parametrize(
    ("status", "verdict"), [(202, Verdict.ANSWERED), (401, Verdict.REFUSED), (429, Verdict.NOT_SENT)]
)
@pytest.mark.anyio
async def test_a_status_counts_even_when_its_body_never_comes(status: int, verdict: Verdict) -> None:
    with HttpServer(unfinished_body(status)) as server:
        assert (await answer_to(server, timeout=0.3)).verdict is verdict


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 406])
@pytest.mark.anyio
async def test_a_refusal_of_us_stops_the_issue_and_rejects_nobody(status: int) -> None:
    with HttpServer(reply(status, body=errors(("authorization required", None, None)))) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.REFUSED, (), status)
        assert "authorization required" in answer.detail
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.anyio
async def test_a_redirect_is_not_followed_because_the_address_is_wrong(status: int) -> None:
    with HttpServer() as elsewhere, HttpServer(reply(status, {"Location": f"{elsewhere.url}/v3/mail/send"})) as server:
        assert (await answer_to(server)).verdict is Verdict.REFUSED
        assert (len(server.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": formatdate(NOW + 60, usegmt=True), "Date": formatdate(NOW, usegmt=True)}, 60, 60),
        ({"X-RateLimit-Reset": str(int(NOW) + 30), "Date": formatdate(int(NOW), usegmt=True)}, 30, 30),
    ],
)
@pytest.mark.anyio
async def test_too_many_requests_is_not_sent_and_says_when_to_come_back(
    headers: dict[str, str], least: float, most: float
) -> None:
    with HttpServer(reply(429, headers, errors(("too many requests", None, None)))) as server:
        answer = await answer_to(server)
        assert answer.verdict is Verdict.NOT_SENT
        assert answer.retry_after is not None
        assert least <= answer.retry_after <= most
        assert len(server.requests) == 1


@pytest.mark.anyio
async def test_too_many_requests_without_a_hint_leaves_the_wait_to_the_outbox() -> None:
    with HttpServer(reply(429)) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, None)


@pytest.mark.anyio
async def test_nobody_listening_is_not_sent() -> None:
    answer = await send_once(to(f"http://127.0.0.1:{closed_port()}"), make_mailing(2))
    assert (answer.verdict, answer.deliveries) == (Verdict.NOT_SENT, ())


@pytest.mark.anyio
async def test_a_connection_survives_an_error_and_is_used_again() -> None:
    with HttpServer(reply(429), reply(500, body="x" * 200_000)) as server:
        async with to(server.url).connect() as connection:
            verdicts = [(await connection.send(make_mailing(1))).verdict for _ in range(3)]
        assert verdicts == [Verdict.NOT_SENT, Verdict.AMBIGUOUS, Verdict.ANSWERED]
        assert server.connections == 1


@pytest.mark.anyio
async def test_an_error_that_repeats_the_key_or_an_address_is_told_without_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    said = errors((f"key {KEY.value} may not write to reader1@example.com", None, None))
    with HttpServer(reply(401, body=said)) as server:
        answer = await answer_to(server)
    assert answer.detail.endswith("key env:SENDGRID_API_KEY may not write to r…@example.com")
    assert KEY.value not in caplog.text


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>Bad Request</html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"errors": 5}',
        b'{"errors": [5, null, {}]}',
        b'"errors"',
        b"[" * 5000,
    ],
)
@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.anyio
async def test_a_refusal_in_any_shape_is_no_crash_and_rejects_nobody(status: int, page: bytes) -> None:
    with HttpServer(reply(status, body=page)) as server:
        answer = await answer_to(server)
        assert (answer.verdict, answer.deliveries, answer.http_status) == (Verdict.REFUSED, (), status)


# ---------------------------------------------------------------- the set-up


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"api_key": Secret("SENDGRID_API_KEY")}, "SENDGRID_API_KEY is not set"),
        ({"api_key": Secret("SENDGRID_API_KEY", "SG.x\n")}, "SENDGRID_API_KEY holds a space"),
        ({"api_key": Secret("SENDGRID_API_KEY", "ＳＧ.x")}, "SENDGRID_API_KEY holds a space"),
        ({"base_url": "http://api.sendgrid.com"}, "must start with https://"),
        ({"base_url": "http://127.0.0.1.example.com"}, "must start with https://"),
        ({"base_url": "https://key@api.sendgrid.com"}, "must look like"),
        ({"base_url": "api.sendgrid.com"}, "must look like"),
        ({"base_url": "ftp://localhost"}, "must look like"),
        ({"base_url": "https://[bad"}, "must look like"),
        ({"base_url": "https://x:99999"}, "must look like"),
        ({"batch_limit": 1001}, "from 1 to 1000"),
        ({"timeout": 0.0}, "above zero"),
        ({"timeout": 60.0}, "at most 50 seconds"),
    ],
)
@pytest.mark.anyio
async def test_what_is_wrong_with_the_set_up_is_said_and_nothing_is_posted(
    options: dict[str, Any], problem: str
) -> None:
    provider = Provider(**{"api_key": KEY, **options})
    (found,) = provider.problems()
    assert problem in found
    assert "SG.x" not in found
    answer = await send_once(provider, make_mailing(1))
    assert (answer.verdict, answer.detail) == (Verdict.REFUSED, found)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8025", "http://localhost", "http://[::1]:80/", "https://api.eu.sendgrid.com/"]
)
def test_a_proxy_on_this_machine_and_another_region_are_fine(url: str) -> None:
    provider = to(url)
    assert not provider.problems()
    assert provider.url == url.rstrip("/") + "/v3/mail/send"


@pytest.mark.anyio
async def test_a_proxy_of_the_environment_never_sees_what_stays_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with HttpServer() as server, HttpServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert (await answer_to(server)).verdict is Verdict.ANSWERED
        assert (len(server.requests), proxy.connections) == (1, 0)
