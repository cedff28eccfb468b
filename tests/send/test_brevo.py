"""Brevo: the request against its SDK's types, and every answer against what it means."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from digest.models import READER_TOKEN, Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.brevo import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, R, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, Scripted, reply, unfinished_body
from tests.servers.mailings import make_mailing
from tests.servers.peers_brevo import as_brevo_would

KEY = Secret("BREVO_API_KEY", "xkeysib-canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(make_mailing(2, **changes)).body


def ids(*names: Any) -> Scripted:
    return reply(201, body={"messageIds": list(names)})


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("brevo", to())


@pytest.mark.parametrize("options", [{}, {"sandbox": True}])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(1000))},
    ],
)
def test_the_request_satisfies_the_types_of_brevos_sdk(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("brevo.json")
    media = document["paths"]["/smtp/email"]["post"]["requestBody"]["content"]["application/json"]
    schema = media["schema"]
    schemas = document["components"]["schemas"]
    # Brevo's own documentation shows headers of a version; the SDK has no type for them.
    schemas["SendTransacEmailRequestMessageVersionsItem"]["properties"]["headers"] = {"type": "object"}
    closed(schema)
    closed({name: each for name, each in schemas.items() if name.startswith("SendTransacEmailRequest")})
    validator = jsonschema.Draft202012Validator({"components": document["components"], **schema})
    request = body(options=options, **changes)
    validator.validate(request)
    assert list(validator.iter_errors({**request, "messageVersoins": []})), "the types would notice"


def test_braces_of_a_post_reach_the_reader_and_are_no_template() -> None:
    email = make_email(
        subject="{{ name }} と {% if %}",
        html=f"<style>@media x{{a{{b:c}}}}</style>{{{READER_TOKEN}}} {{{{{{ x }}}}}} {{# y #}} {{ z }}",
        text=f"{{% raw %}}{{{{params.reader}}}}{{{{% x %}} {{{{{READER_TOKEN}\n",
    )
    (copy, _) = as_brevo_would(body(email=email))
    assert copy.subject == email.subject
    assert copy.html == email.html.replace(READER_TOKEN, "tok0001")
    assert copy.text == email.text.replace(READER_TOKEN, "tok0001")


def test_a_japanese_name_has_its_punctuation_in_full_width_because_brevo_would_drop_it() -> None:
    email = make_email(sender=Mailbox("n@example.com", "編集部(週刊)"), reply_to=Mailbox("e@example.com", "編集: 部"))
    found = body(email=email, recipients=(make_recipient(1, name="山田, 太郎"), make_recipient(2, name="Sato, Taro")))
    assert found["sender"] == {"email": "n@example.com", "name": "編集部（週刊）"}
    assert found["replyTo"] == {"email": "e@example.com", "name": "編集： 部"}
    assert [version["to"][0]["name"] for version in found["messageVersions"]] == ["山田， 太郎", "Sato, Taro"]


def test_headers_hold_no_encoded_words_because_brevo_would_decode_them() -> None:
    found = body(email=make_email(headers=(("List-Id", "週刊 <w.example.com>"), ("X-Campaign", "spring"))))
    assert found["headers"]["List-Id"] == "<w.example.com>"
    assert found["messageVersions"][0]["headers"]["X-Campaign"] == "spring"
    assert str(found["headers"]).isascii()


@pytest.mark.anyio
async def test_another_header_outside_ascii_stops_the_issue_before_anything_leaves() -> None:
    answer = await ask(to(), email=make_email(headers=(("X-Campaign", "春"),)))
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert "X-Campaign" in answer.detail


def test_headers_of_all_readers_stand_in_every_version_too() -> None:
    found = body(options={"sandbox": True})
    for version in found["messageVersions"]:
        assert version["headers"]["List-Id"] == "<weekly.news.example.com>"
        assert version["headers"]["X-Sib-Sandbox"] == "drop"
        assert version["headers"]["X-Mailin-custom"] == "issue=weekly/2026-W04&batch=weekly/2026-W04/1/0123abcd"
    assert found["headers"]["X-Sib-Sandbox"] == "drop"
    assert "X-Sib-Sandbox" not in body()["headers"]
    assert "List-Unsubscribe" not in found["headers"]


def test_the_key_is_a_uuid_that_a_batch_keeps_and_a_second_proof_does_not() -> None:
    def key(**changes: Any) -> str:
        return str(uuid.UUID(body(**changes)["headers"]["idempotencyKey"]))

    later = make_mailing().sent_at + timedelta(minutes=5)
    assert key() == key(sent_at=later) != key(key="weekly/2026-W04/2/0123abcd")
    assert key(proof=True) != key(proof=True, sent_at=later)


def test_what_brevo_does_not_promise_is_said() -> None:
    said = " ".join(to().cautions())
    for word in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "opens"):
        assert word in said


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(("options", "said"), [({}, ""), ({"sandbox": True}, "sandbox: nothing is delivered")])
@pytest.mark.anyio
async def test_every_reader_has_an_id_of_their_own(options: dict[str, Any], said: str) -> None:
    with HttpServer(ids("<x>", "<y>", "<z>")) as server:
        answer = await ask(to(server.url, **options))
        assert (answer.verdict, states(answer), answer.http_status) == (Verdict.ANSWERED, [A, A, A], 201)
        assert [delivery.message_id for delivery in answer.deliveries] == ["<x>", "<y>", "<z>"]
        assert answer.detail == said


@pytest.mark.anyio
async def test_a_single_reader_may_have_a_single_id() -> None:
    with HttpServer(reply(201, body={"messageId": "<x>"})) as server:
        answer = await ask(to(server.url), 1)
        assert [delivery.message_id for delivery in answer.deliveries] == ["<x>"]


@pytest.mark.parametrize(
    "scripted",
    [
        ids("<x>", "<y>"),
        ids("<x>", "<y>", "<z>", "<a>"),
        ids("<x>", "<y>", ""),
        ids("<x>", "<y>", 7),
        reply(201, body={"messageIds": "<x>"}),
        reply(201, body={"messageId": "<x>"}),
        reply(200, body={"messageIds": ["<x>", "<y>", "<z>"]}),
        reply(202, body={"messageIds": ["<x>", "<y>", "<z>"]}),
        unfinished_body(201),
    ],
)
@pytest.mark.anyio
async def test_a_success_that_is_not_the_documented_one_leaves_everybody_unknown(scripted: Scripted) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url, timeout=0.8))
        assert (answer.verdict, answer.deliveries) == (Verdict.AMBIGUOUS, ())


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous(page: bytes) -> None:
    with HttpServer(reply(201, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "invalid_parameter", Verdict.REFUSED),
        (400, "missing_parameter", Verdict.REFUSED),
        (400, "not_enough_credits", Verdict.REFUSED),
        (400, "duplicate_parameter", Verdict.AMBIGUOUS),
        (401, "unauthorized", Verdict.REFUSED),
        (402, "not_enough_credits", Verdict.REFUSED),
        (403, "permission_denied", Verdict.REFUSED),
        (404, "document_not_found", Verdict.REFUSED),
        (406, "not_acceptable", Verdict.REFUSED),
        (429, "too_many_requests", Verdict.NOT_SENT),
        (500, "internal_server_error", Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_each_documented_error_means_what_it_says(status: int, code: str, verdict: Verdict) -> None:
    with HttpServer(reply(status, body={"code": code, "message": "No."})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail == f"Brevo answered {status}: {code}: No."


@pytest.mark.anyio
async def test_a_throttle_says_when_to_come_back_in_brevos_own_headers() -> None:
    headers = {"x-sib-ratelimit-limit": "100", "x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "41"}
    with HttpServer(reply(429, headers)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.retry_after, answer.window_left) == (Verdict.NOT_SENT, 41.0, 41.0)


@pytest.mark.anyio
async def test_an_address_that_would_spoil_the_batch_is_kept_out_of_it() -> None:
    with HttpServer(ids("<x>")) as server:
        readers = (make_recipient(1, address="a..b@docomo.example.com"), make_recipient(2))
        answer = await ask(to(server.url), recipients=readers)
        assert states(answer) == [R, A]
        assert len(server.requests[0].json["messageVersions"]) == 1
