"""Brevo campaigns: every request against the SDK's types, and every answer against what it means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError, TemplateError
from digest.models import READER_TOKEN, DeliveryState, Mailbox, Recipient, Secret
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Verdict
from digest.send.providers.brevo_campaigns import Provider
from tests.factories import make_email
from tests.send.asked import GARBAGE, NOWHERE, description
from tests.send.asked_lists import (
    again,
    ask,
    assert_calls_recorded,
    assert_described,
    calls,
    look_up,
    states,
    to_list,
    to_people,
)
from tests.servers.http import HttpServer, reply
from tests.servers.lists_brevo_campaigns import LEAVE, brevo_campaigns, rendered

KEY = Secret("BREVO_API_KEY", "xkeysib-canary-0451")
NO_DRAFTS = reply(200, body={"campaigns": [], "count": 0})


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(to_list("7", **changes)).body


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps(found).encode())


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("brevo_campaigns", to(), "7", "41")


@pytest.mark.parametrize(
    "changes", [{}, {"email": make_email(reply_to=Mailbox("editor@example.com", "編集部"), text="", headers=())}]
)
@pytest.mark.parametrize("options", [{}, {"header": "<p>h</p>", "footer": "<p>f</p>", "mirror": True}])
def test_the_requests_satisfy_the_types_of_brevos_sdk(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("brevo.json")
    made = calls(to(**options), "7", "41", **changes)
    for key in ("draft", "send", "prove-0"):
        assert_described(document, made[key], under="/v3")
    assert made.keys() == {"draft", "search", "send", "ask", "prove-0", "remove"}


def test_braces_of_a_post_reach_the_reader_and_are_no_template() -> None:
    url = f"https://news.example.com/u/{READER_TOKEN}"
    email = make_email(
        subject="{{ name }} と {% if %} {{{{",
        html=f"<style>@media x{{a{{b:c}}}}</style>{{{url}}} {{{{{{ x }}}}}} {{# y #}} {{ z }} {{% raw %}}{{{{a.x}}",
        text="",
    )
    mail = rendered(body(email=email), ("list:7",))
    assert mail.subject == email.subject
    assert mail.html == email.html.replace(url, LEAVE)


def test_a_japanese_name_has_its_punctuation_in_full_width_and_its_braces() -> None:
    found = body(email=make_email(sender=Mailbox("n@example.com", "編集部(週刊) {{x}}")))
    assert found["sender"] == {
        "email": "n@example.com",
        "name": "編集部（週刊） {{params.brace}}{x}}",
    }


def test_what_stands_above_and_below_is_sent_only_where_somebody_wrote_it() -> None:
    assert {"header", "footer", "replyTo"}.isdisjoint(body())
    assert body()["mirrorActive"] is False
    found = body(options={"header": "<p>h</p>", "footer": "<p>f</p>", "mirror": True})
    assert (found["header"], found["footer"], found["mirrorActive"]) == ("<p>h</p>", "<p>f</p>", True)


def test_the_hidden_preheader_of_the_mail_is_not_said_twice() -> None:
    assert "previewText" not in body()


@pytest.mark.parametrize("name", ["", "weekly", "7,8", "-7", "7.5", "７", "9" * 19])
def test_a_list_has_a_number(name: str) -> None:
    assert "number of a list at Brevo" in to().mistake_in(name)
    with pytest.raises(ConfigError, match="number of a list"):
        to().drafting(to_list(name))


@pytest.mark.anyio
async def test_a_wrong_list_or_a_wrong_address_of_a_proof_leaves_nothing_behind() -> None:
    wrong = to_people("7", recipients=(Recipient("nobody"),))
    with pytest.raises(TemplateError, match="not an address"):
        to().drafting(wrong)
    with HttpServer(default=reply(201, body={"id": 1})) as server:
        for mailing in (to_list("weekly"), wrong):
            assert (await ask(to(server.url), mailing)).verdict is Verdict.REFUSED
        assert server.requests == []


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("draft", Standing.DRAFT),
        ("queued", Standing.ON_ITS_WAY),
        ("in_process", Standing.ON_ITS_WAY),
        ("inProcess", Standing.ON_ITS_WAY),
        ("inReview", Standing.ON_ITS_WAY),
        ("sent", Standing.ON_ITS_WAY),
        ("suspended", Standing.STOPPED),
        ("cancelling", Standing.STOPPED),
        ("cancelled", Standing.STOPPED),
        ("archive", Standing.STOPPED),
        ("something new", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
        (["draft"], Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_it_says(status: object, standing: Standing) -> None:
    assert to().standing(answered({"id": 41, "status": status})) is standing


@GARBAGE
def test_what_brevo_never_answers_is_no_number_no_draft_and_no_status(page: bytes) -> None:
    garbled = Reply(200, {}, page)
    assert to().draft_id(garbled) == to().found(garbled, to_list("7")) == ""
    assert to().standing(garbled) is Standing.UNCLEAR


@pytest.mark.parametrize("number", ["41", 4.1, True, None, [41]])
def test_a_number_is_a_number(number: object) -> None:
    assert to().draft_id(answered({"id": number})) == ""
    assert to().draft_id(answered({"id": 41})) == "41"


def test_only_a_draft_with_exactly_this_name_is_the_one() -> None:
    mailing = to_list("7")
    name = draft_name(mailing)
    listed = [
        {"id": 1, "name": f"{name} (proof)", "status": "draft"},
        {"id": 2, "name": f"Copy of {name}", "status": "draft"},
        {"id": 3, "name": name, "status": "sent"},
        {"id": 4, "name": name, "status": "draft"},
    ]
    assert to().found(answered({"campaigns": listed}), mailing) == "4"
    assert to().found(answered({"campaigns": listed[:3]}), mailing) == ""


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_parameter"),
        (400, "not_enough_credits"),
        (402, "not_enough_credits"),
        (403, "account_under_validation"),
        (406, "not_acceptable"),
    ],
)
@pytest.mark.anyio
async def test_a_campaign_that_cannot_leave_is_refused_in_brevos_words(status: int, code: str) -> None:
    refused = reply(status, body={"code": code, "message": "No."})
    with HttpServer(refused, reply(200, body={"id": 41, "status": "draft"})) as server:
        answer = await ask(to(server.url), again(to_list("7"), "41"))
        assert (answer.verdict, answer.http_status) == (Verdict.REFUSED, status)
        assert answer.detail == f"Brevo campaigns answered {status}: {code}: No."


@pytest.mark.anyio
async def test_a_key_that_is_not_valid_any_more_sent_nothing_though_nothing_can_be_asked_either() -> None:
    stranger = reply(401, body={"code": "unauthorized", "message": "Key not found"})
    with HttpServer(stranger, default=stranger) as server:
        answer = await ask(to(server.url), again(to_list("7"), "41"))
        assert (answer.verdict, answer.http_status, len(server.requests)) == (Verdict.REFUSED, 401, 1)


@pytest.mark.anyio
async def test_a_campaign_that_is_being_sent_is_no_error() -> None:
    busy = reply(400, body={"code": "campaign_processing", "message": "Campaign is being processed"})
    with HttpServer(busy, reply(200, body={"id": 41, "status": "queued"})) as server:
        answer = await ask(to(server.url), again(to_list("7"), "41"))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, ["accepted"])
        assert answer.deliveries[0].message_id == "41"


@pytest.mark.anyio
async def test_a_campaign_that_somebody_stopped_is_unknown_and_says_where_to_look() -> None:
    with HttpServer(reply(200, body={"id": 41, "status": "suspended"})) as server:
        answer = await look_up(to(server.url), again(to_list("7"), "41"))
        assert answer.deliveries[0].state is DeliveryState.UNKNOWN
        assert "Brevo campaigns" in answer.deliveries[0].error
        assert "41" in answer.deliveries[0].error


@pytest.mark.anyio
async def test_a_throttle_says_when_to_come_back_in_brevos_own_headers() -> None:
    headers = {"x-sib-ratelimit-limit": "100", "x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "41"}
    with HttpServer(NO_DRAFTS, reply(429, headers, {"code": "too_many_requests", "message": "slowly"})) as server:
        answer = await ask(to(server.url), to_list("7"))
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, 41.0)


@pytest.mark.anyio
async def test_a_draft_whose_answer_is_lost_is_certainly_not_sent() -> None:
    with HttpServer(NO_DRAFTS, reply(502)) as server:
        assert (await ask(to(server.url), to_list("7"))).verdict is Verdict.NOT_SENT


# ---------------------------------------------------------------- proofs


@pytest.mark.anyio
async def test_a_proof_to_a_stranger_fails_with_their_name_shortened_and_leaves_no_draft(tmp_path: Path) -> None:
    with brevo_campaigns(tmp_path) as peer:
        people = (Recipient("kay@example.com"), Recipient("stranger@example.net"))
        answer = await ask(peer.provider, to_people("7", recipients=people))
        assert answer.verdict is Verdict.REFUSED
        assert "Not sent: no contact: s…@example.net" in answer.detail
        assert (peer.proofs(), peer.drafts()) == ([], [])


@pytest.mark.anyio
async def test_a_proof_names_its_people_because_brevo_would_choose_them_otherwise(tmp_path: Path) -> None:
    with brevo_campaigns(tmp_path) as peer:
        await ask(peer.provider, to_people("7"))
        (test,) = [request for request in peer.server.requests if request.path.endswith("/sendTest")]
        assert test.json == {"emailTo": ["kay@example.com", "lee@example.com"]}
    assert to().proving(to_people("7", recipients=()), "41") == []
