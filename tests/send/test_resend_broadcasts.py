"""Resend broadcasts: every request against its published schema, and every answer against what it means."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError
from digest.models import READER_TOKEN, Mailbox, Secret
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Verdict
from digest.send.providers.resend_broadcasts import Provider
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
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.lists_resend_broadcasts import LEAVE, SEGMENT, rendered, resend_broadcasts

KEY = Secret("RESEND_API_KEY", "re_canary-0451")
ID = "e169aa45-1ecf-4183-9955-b1499d5701d3"
NO_DRAFTS = reply(200, body={"object": "list", "data": []})


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(to_list(SEGMENT, **changes)).body


def refusal(status: int, name: str) -> Scripted:
    return reply(status, body={"statusCode": status, "name": name, "message": "No."})


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps(found).encode())


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("resend_broadcasts", to(), SEGMENT, ID)


@pytest.mark.parametrize(
    "changes", [{}, {"email": make_email(reply_to=Mailbox("editor@example.com", "編集部"), text="", headers=())}]
)
@pytest.mark.parametrize("options", [{}, {"topic_id": "b6d24b8e-af0b-4c3c-be0c-359bbd97381e"}])
def test_the_requests_satisfy_resends_own_description(options: dict[str, Any], changes: dict[str, Any]) -> None:
    document = description("resend.json")
    made = calls(to(**options), SEGMENT, ID, **changes)
    assert made.keys() == {"draft", "search", "send", "ask"}
    for call in made.values():
        assert_described(document, call)


def test_a_draft_does_not_leave_at_once() -> None:
    assert {"send", "scheduled_at"}.isdisjoint(body())


def test_a_topic_is_named_only_where_there_is_one() -> None:
    assert "topic_id" not in body()
    assert body(options={"topic_id": "t"})["topic_id"] == "t"


def test_names_with_specials_stand_in_quotes() -> None:
    email = make_email(sender=Mailbox("n@example.com", 'Sato, "T"'), reply_to=Mailbox("e@example.com", "編集部"))
    found = body(email=email)
    assert (found["from"], found["reply_to"]) == ('"Sato, \\"T\\"" <n@example.com>', ["編集部 <e@example.com>"])


def test_braces_of_a_post_are_no_variables_and_the_link_is_resends_own_in_both_parts() -> None:
    url = f"https://news.example.com/u/{READER_TOKEN}"
    email = make_email(
        subject="{{{FIRST_NAME|there}}} と {{x}}",
        html=f"<p>{{{{{{contact.email}}}}}} {{{{x}}}} {{{url}}}</p>",
        text=f"{{{{{{RESEND_UNSUBSCRIBE_URL}}}}}} {{{{x}}}} {url}\n",
    )
    mail = rendered(body(email=email), (SEGMENT,))
    assert mail.html == email.html.replace(url, LEAVE)
    assert mail.subject.replace(WORD_JOINER, "") == email.subject
    assert mail.text.replace(WORD_JOINER, "") == email.text.replace(url, LEAVE)


def test_a_list_is_a_segment() -> None:
    with pytest.raises(ConfigError, match="id of a segment"):
        to().drafting(to_list(""))


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("draft", Standing.DRAFT),
        ("scheduled", Standing.ON_ITS_WAY),
        ("queued", Standing.ON_ITS_WAY),
        ("sent", Standing.ON_ITS_WAY),
        ("canceled", Standing.STOPPED),
        ("something new", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
        ({}, Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_it_says(status: object, standing: Standing) -> None:
    assert to().standing(answered({"id": ID, "status": status})) is standing


@GARBAGE
def test_what_resend_never_answers_is_no_id_no_draft_and_no_status(page: bytes) -> None:
    garbled = Reply(200, {}, page)
    assert to().draft_id(garbled) == to().found(garbled, to_list(SEGMENT)) == ""
    assert to().standing(garbled) is Standing.UNCLEAR


def test_only_a_draft_with_exactly_this_name_is_the_one() -> None:
    mailing = to_list(SEGMENT)
    name = draft_name(mailing)
    listed = [
        {"id": "a", "name": f"{name} (proof)", "status": "draft"},
        {"id": "b", "name": name, "status": "sent"},
        {"id": "c", "name": name, "status": "queued"},
        {"id": "d", "name": name, "status": "draft"},
    ]
    assert to().found(answered({"data": listed}), mailing) == "d"
    assert to().found(answered({"data": listed[:3]}), mailing) == ""


@pytest.mark.parametrize(
    ("status", "name", "verdict"),
    [
        (403, "validation_error", Verdict.REFUSED),
        (422, "missing_required_field", Verdict.REFUSED),
        (429, "rate_limit_exceeded", Verdict.NOT_SENT),
        (429, "daily_quota_exceeded", Verdict.REFUSED),
        (429, "monthly_quota_exceeded", Verdict.REFUSED),
        (409, "resource_locked", Verdict.AMBIGUOUS),
        (500, "application_error", Verdict.AMBIGUOUS),
    ],
)
@pytest.mark.anyio
async def test_each_documented_error_of_a_sending_means_what_it_says(status: int, name: str, verdict: Verdict) -> None:
    with HttpServer(refusal(status, name), reply(200, body={"id": ID, "status": "draft"})) as server:
        answer = await ask(to(server.url), again(to_list(SEGMENT), ID))
        assert (answer.verdict, answer.deliveries, answer.http_status) == (verdict, (), status)
        assert answer.detail == f"Resend broadcasts answered {status}: {name}: No."


@pytest.mark.anyio
async def test_a_throttle_says_when_to_come_back() -> None:
    headers = {"RateLimit-Limit": "2", "RateLimit-Remaining": "0", "RateLimit-Reset": "1", "Retry-After": "3"}
    with HttpServer(reply(429, headers, {"name": "rate_limit_exceeded", "message": "slowly"})) as server:
        answer = await ask(to(server.url), to_list(SEGMENT))
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, 3.0)


@pytest.mark.anyio
async def test_a_broadcast_that_was_canceled_is_unknown_and_says_where_to_look() -> None:
    with HttpServer(reply(200, body={"id": ID, "status": "canceled"})) as server:
        answer = await look_up(to(server.url), again(to_list(SEGMENT), ID))
        assert states(answer) == ["unknown"]
        assert ID in answer.deliveries[0].error


@pytest.mark.anyio
async def test_an_id_is_no_way_out_of_its_path() -> None:
    with HttpServer(NO_DRAFTS, reply(201, body={"id": "../emails?x=1"})) as server:
        provider, mailing = to(server.url), to_list(SEGMENT)
        await look_up(provider, again(mailing, (await ask(provider, mailing)).draft_id))
        assert server.requests[-1].path == "/broadcasts/..%2Femails%3Fx%3D1"


# ---------------------------------------------------------------- proofs


@pytest.mark.anyio
async def test_a_proof_is_a_single_mail_that_shows_where_resends_own_link_stands(tmp_path: Path) -> None:
    with resend_broadcasts(tmp_path) as peer:
        mailing = to_people(SEGMENT)
        answer = await ask(peer.provider, mailing)
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, ["accepted", "accepted"])
        assert [request.path for request in peer.server.requests] == ["/emails/batch"]
        assert peer.provider.describe(mailing).body == peer.server.requests[0].json
        for proof in peer.proofs():
            assert 'href="{{{RESEND_UNSUBSCRIBE_URL}}}"' in proof.html
            assert "List-Unsubscribe" not in proof.headers


@pytest.mark.anyio
async def test_the_same_proof_is_not_sent_twice_and_a_later_one_is(tmp_path: Path) -> None:
    with resend_broadcasts(tmp_path) as peer:
        mailing = to_people(SEGMENT)
        later = to_people(SEGMENT, sent_at=mailing.sent_at + timedelta(minutes=5))
        for each in (mailing, mailing, later):
            await ask(peer.provider, each)
        assert len(peer.proofs()) == 4
