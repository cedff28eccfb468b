"""listmonk: every request as its own source takes it, Go's templates, and every answer against what it means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.models import Mailbox, Secret
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Verdict
from digest.send.providers.listmonk import Provider
from tests.factories import make_email
from tests.send.asked import GARBAGE, NOWHERE
from tests.send.asked_lists import again, ask, assert_calls_recorded, look_up, states, to_list, to_people
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.lists_listmonk import as_html, as_line

KEY = Secret("LISTMONK_TOKEN", "canary-0451")
NO_DRAFTS = reply(200, body={"data": {"results": []}})


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, "user": "digest", **changes})


def body(**changes: Any) -> Any:
    return to().describe(to_list("3", **changes)).body


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps({"data": found}).encode())


def a_draft(**changes: Any) -> dict[str, Any]:
    draft = {"id": 5, "name": draft_name(to_list("3")), "status": "draft", "content_type": "visual"}
    return {**draft, "lists": [{"id": 3, "name": "週刊"}], **changes}


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("listmonk", to(), "3", "5")


def test_the_token_goes_with_its_user_and_is_masked_for_people() -> None:
    headers = dict(to().describe(to_list("3")).headers)
    assert headers["Authorization"] == "token digest:env:LISTMONK_TOKEN"


@pytest.mark.parametrize("user", ["", "a:b", "a b", "編集"])
def test_a_user_that_cannot_be_one_is_a_problem(user: str) -> None:
    assert any("user must be" in problem for problem in to(user=user).problems())
    assert not to().problems()


def test_a_listmonk_has_no_usual_place() -> None:
    assert any(problem.startswith("base_url") for problem in to("").problems())


@pytest.mark.parametrize("name", ["", "weekly", "３", "1,2", "-1", "3 "])
def test_a_list_is_a_number(name: str) -> None:
    assert to().mistake_in(name)


def test_nothing_of_a_post_is_a_template_for_listmonk() -> None:
    source = '<!-- {{ x }} --><p title="{{ UnsubscribeURL }}">a\\b `c` "d" https://e.example.com/@TrackLink\r\n\t\u2028𠮷</p>'
    found = body(email=make_email(html=source, text=source, subject='{{ .Campaign.Name }} "x" \\n'))
    assert as_html(found["body"]) == as_html(found["altbody"]) == source
    assert as_line(found["subject"]) == '{{ .Campaign.Name }} "x" \\n'
    assert "@" not in found["body"]
    assert found["body"].count("{{") == 1, "one quoted text"


def test_a_subject_and_headers_without_braces_stay_as_they_are() -> None:
    found = body(email=make_email(subject="}} 週刊 {", headers=(("X-Campaign", "春 {"),)))
    assert found["subject"] == "}} 週刊 {"
    assert found["headers"] == [{"X-Campaign": "=?utf-8?b?5pilIHs=?="}]


def test_a_reply_to_is_a_header_and_a_name_with_a_comma_stands_in_quotes() -> None:
    email = make_email(sender=Mailbox("n@example.com", "編集部, 週刊"), reply_to=Mailbox("e@example.com", "編集部"))
    found = body(email=email)
    assert found["from_email"] == '"編集部, 週刊" <n@example.com>'
    assert {"Reply-To": "=?utf-8?b?57eo6ZuG6YOo?= <e@example.com>"} in found["headers"]


def test_a_mail_without_a_text_part_has_none() -> None:
    assert "altbody" not in body(email=make_email(text=""))


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("draft", Standing.DRAFT),
        ("scheduled", Standing.ON_ITS_WAY),
        ("running", Standing.ON_ITS_WAY),
        ("finished", Standing.ON_ITS_WAY),
        ("paused", Standing.STOPPED),
        ("cancelled", Standing.STOPPED),
        ("dreaming", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_listmonk_says(status: object, standing: Standing) -> None:
    assert to().standing(answered({"id": 5, "status": status})) is standing


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "weekly/2026-W04 another"},
        {"status": "running"},
        {"content_type": "richtext"},
        {"lists": [{"id": 4, "name": "x"}]},
        {"lists": [{"id": 3, "name": "x"}, {"id": 4, "name": "y"}]},
        {"lists": None},
    ],
)
def test_only_an_unsent_draft_of_this_mail_for_this_list_is_found(changes: dict[str, Any]) -> None:
    mailing = to_list("3")
    assert to().found(answered({"results": [a_draft(id=1, **changes), a_draft()]}), mailing) == "5"
    assert to().found(answered({"results": [a_draft(**changes)]}), mailing) == ""


@pytest.mark.anyio
async def test_a_listmonk_that_would_put_its_page_around_the_mail_is_refused() -> None:
    with HttpServer(NO_DRAFTS, reply(200, body={"data": a_draft(content_type="richtext")})) as server:
        answer = await ask(to(server.url), to_list("3"))
        assert (answer.verdict, answer.draft_id) == (Verdict.REFUSED, "")
        assert "update listmonk" in answer.detail


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_makes_no_draft_and_sends_nothing(page: bytes) -> None:
    with HttpServer(NO_DRAFTS, reply(200, body=page)) as server:
        assert (await ask(to(server.url), to_list("3"))).verdict is Verdict.NOT_SENT


@GARBAGE
@pytest.mark.anyio
async def test_a_status_that_cannot_be_read_settles_nothing(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await look_up(to(server.url), again(to_list("3"), "5"))).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("scripted", "verdict"),
    [
        (reply(400, body={"message": "Invalid list IDs"}), Verdict.REFUSED),
        (reply(403, body={"message": "invalid session"}), Verdict.REFUSED),
        (reply(429, {"Retry-After": "9"}, body={"message": "slowly"}), Verdict.NOT_SENT),
        (reply(500, body={"message": "Error creating campaign"}), Verdict.NOT_SENT),
    ],
)
@pytest.mark.anyio
async def test_a_draft_that_is_not_made_is_told_in_listmonks_words(scripted: Scripted, verdict: Verdict) -> None:
    with HttpServer(NO_DRAFTS, scripted) as server:
        answer = await ask(to(server.url), to_list("3"))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail.startswith("listmonk answered ")
        assert answer.retry_after == (9.0 if answer.http_status == 429 else None)


@pytest.mark.anyio
async def test_a_campaign_that_somebody_paused_is_unknown_and_not_started_again() -> None:
    paused = reply(200, body={"data": {"id": 5, "status": "paused"}})
    with HttpServer(paused) as server:
        answer = await look_up(to(server.url), again(to_list("3"), "5"))
        assert states(answer) == ["unknown"]
        assert "stopped" in answer.deliveries[0].error


@pytest.mark.anyio
async def test_a_proof_for_somebody_whom_listmonk_does_not_know_fails_with_its_words_and_leaves_no_draft() -> None:
    made, well = reply(200, body={"data": a_draft()}), reply(200, body={"data": True})
    unknown = reply(400, body={"message": "No known subscribers to test"})
    with HttpServer(made, well, unknown, well) as server:
        answer = await ask(to(server.url), to_people("3"))
        assert (answer.verdict, answer.detail) == (
            Verdict.REFUSED,
            "listmonk answered 400: No known subscribers to test",
        )
        asked = [(request.method, request.path) for request in server.requests]
        test = ("POST", "/api/campaigns/5/test")
        assert asked == [("POST", "/api/campaigns"), test, test, ("DELETE", "/api/campaigns/5")]
        assert [request.json["subscribers"] for request in server.requests[1:3]] == [
            ["kay@example.com"],
            ["lee@example.com"],
        ]
