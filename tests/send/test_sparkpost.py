"""SparkPost: the request as recorded, and every answer against what it means."""

from __future__ import annotations

from typing import Any

import pytest

from digest.models import READER_TOKEN, Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.sparkpost import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, R, ask, assert_recorded, states
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.mailings import make_mailing
from tests.servers.peers_sparkpost import as_sparkpost_would, results

KEY = Secret("SPARKPOST_API_KEY", "canary-0451")


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(**changes: Any) -> Any:
    return to().describe(make_mailing(2, **changes)).body


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("sparkpost", to())


def test_braces_of_a_post_reach_the_reader_and_are_no_variables() -> None:
    link = f"https://news.example.com/{{x}}/{READER_TOKEN}"
    email = make_email(
        subject="{{ Handlebars }} 入門",
        html=f'<style>@media x{{a{{b:c}}}}</style><a href="{link}">{{{{{{raw}}}}}}</a>',
        text="{{#if}} }} {\n",
        headers=(("X-Tool", "{{x}}"),),
    )
    (first, _) = as_sparkpost_would(body(email=email))
    assert (first.subject, first.text) == (email.subject, email.text)
    assert first.html == email.html.replace(READER_TOKEN, "tok0001")
    assert first.headers["X-Tool"] == "{{x}}"


def test_a_token_in_a_link_is_not_encoded_twice() -> None:
    (copy,) = as_sparkpost_would(body(recipients=(make_recipient(1, token="a+b/c=="),)))
    assert "https://news.example.com/u/a%2Bb%2Fc%3D%3D\n" in copy.text
    assert 'href="https://news.example.com/u/a%2Bb%2Fc%3D%3D"' in copy.html


def test_a_header_of_the_readers_own_goes_by_a_variable() -> None:
    found = body(email=make_email(headers=(("X-Reader", f"id-{READER_TOKEN}"),)))
    assert found["content"]["headers"] == {"X-Reader": "{{header_x_reader}}"}
    assert found["recipients"][1]["substitution_data"] == {"reader": "tok0002", "header_x_reader": "id-tok0002"}


def test_the_list_id_stands_where_sparkpost_looks_for_it() -> None:
    found = body(email=make_email(headers=(("List-Id", "週刊 <weekly.example.com>"),)))
    assert found["override"] == {"list_id": "<weekly.example.com>"}
    assert "headers" not in found["content"]


def test_names_stay_unicode_and_a_reply_to_is_quoted_where_it_has_to_be() -> None:
    email = make_email(reply_to=Mailbox("editor@example.com", "Sato, Taro"))
    found = body(email=email, recipients=(make_recipient(1, name="山田, 太郎; (編集)"),))
    assert found["recipients"][0]["address"] == {"email": "reader1@example.com", "name": "山田, 太郎; (編集)"}
    assert found["content"]["from"] == {"email": "news@example.com", "name": "週刊ダイジェスト編集部"}
    assert found["content"]["reply_to"] == '"Sato, Taro" <editor@example.com>'


def test_nothing_is_tracked_unless_asked_for() -> None:
    off = {"open_tracking": False, "initial_open": False, "click_tracking": False, "transactional": False}
    assert body()["options"] == off
    assert to(tracking=True).describe(make_mailing(1)).body["options"]["click_tracking"] is True


def test_issue_batch_and_proof_are_named_within_the_limits() -> None:
    found = body(proof=True, issue="週" * 30 + "/2026-W04")
    assert len(found["campaign_id"].encode()) <= 64
    assert found["metadata"]["issue"] == "週" * 30 + "/2026-W04"
    assert found["metadata"]["proof"] == "yes"


@pytest.mark.parametrize("options", [{}, {"transactional": True}])
def test_whose_unsubscribe_button_readers_get_is_told(options: dict[str, bool]) -> None:
    (caution,) = to(**options).cautions()
    assert "List-Unsubscribe" in caution
    assert ("SparkPost puts its own" in caution) is not options.get("transactional", False)


@pytest.mark.anyio
async def test_all_accepted_is_accepted_for_everybody_with_the_id_of_the_transmission() -> None:
    with HttpServer(reply(200, body={"results": results(3, 0)})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [A, A, A])
        assert {delivery.message_id for delivery in answer.deliveries} == {"11668787484950529"}
        assert server.requests[0].headers["authorization"] == KEY.value


REASON = {"message": "required field is missing", "description": "address.email is required", "code": "1400"}


@pytest.mark.anyio
async def test_the_only_reader_of_a_batch_is_the_one_that_was_rejected() -> None:
    found = {**results(0, 1), "rcpt_to_errors": [REASON]}
    with HttpServer(reply(200, body={"results": found})) as server:
        answer = await ask(to(server.url), 1)
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, [R])
        assert answer.detail.endswith("required field is missing: address.email is required")


def refused(status: int, message: str) -> Scripted:
    return reply(status, body={"errors": [{"message": message, "code": "2101"}]})


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (reply(200, body={"results": {**results(2, 1), "rcpt_to_errors": [REASON]}}), Verdict.AMBIGUOUS),
        (reply(200, body={"results": results(2, 0)}), Verdict.AMBIGUOUS),
        (reply(200, body={"results": results(4, 0)}), Verdict.AMBIGUOUS),
        (reply(200, body={"results": {"id": "1"}}), Verdict.AMBIGUOUS),
        (reply(200, body={"results": {**results(0, 3), "rcpt_to_errors": [REASON]}}), Verdict.REFUSED),
        (refused(400, "Invalid domain"), Verdict.REFUSED),
        (refused(401, "Unauthorized."), Verdict.REFUSED),
        (refused(403, "Forbidden."), Verdict.REFUSED),
        (refused(420, "Exceed Sending Limit (hourly)"), Verdict.REFUSED),
        (refused(422, "substitution language syntax error"), Verdict.REFUSED),
        (refused(429, "Too many requests"), Verdict.NOT_SENT),
        (refused(500, "oops"), Verdict.AMBIGUOUS),
        (refused(503, "oops"), Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_an_answer_that_names_nobody_rejects_nobody(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(scripted) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail
        assert len(server.requests) == 1


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous_and_a_refusal_is_still_one(page: bytes) -> None:
    with HttpServer(reply(200, body=page), reply(400, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS
        assert (await ask(to(server.url))).verdict is Verdict.REFUSED


@pytest.mark.anyio
async def test_a_refusal_that_repeats_key_or_address_is_told_without_them() -> None:
    with HttpServer(refused(401, f"{KEY.value} reader1@example.com")) as server:
        assert (await ask(to(server.url))).detail.endswith("env:SPARKPOST_API_KEY r…@example.com")
