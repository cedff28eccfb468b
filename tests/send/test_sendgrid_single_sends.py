"""SendGrid Single Sends: every request against its published schema, and every answer against what it means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError
from digest.models import READER_TOKEN, Mailbox, Secret
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Verdict
from digest.send.providers.sendgrid_single_sends import Provider
from tests.factories import make_email
from tests.send.asked import GARBAGE, NOWHERE, description
from tests.send.asked_lists import (
    again,
    ask,
    assert_calls_recorded,
    assert_described,
    calls,
    states,
    to_list,
    to_people,
)
from tests.servers.http import HttpServer, reply
from tests.servers.lists_sendgrid_single_sends import LEAVE, LIST_ID, rendered, sendgrid_single_sends

KEY = Secret("SENDGRID_API_KEY", "SG.canary-0451")
ID = "27c21bbf-a12c-440b-b8bf-c526975328ca"
PAGE = "https://news.example.com/leave?from=mail"


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    options = {"api_key": KEY, "base_url": url, "timeout": 5.0, "sender_id": 3, "suppression_group_id": 12}
    return Provider(**{**options, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(to_list(LIST_ID, **changes)).body


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps(found).encode())


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("sendgrid_single_sends", to(), LIST_ID, ID)


@pytest.mark.parametrize(
    "changes", [{}, {"email": make_email(reply_to=Mailbox("editor@example.com", "編集部"), text="", headers=())}]
)
@pytest.mark.parametrize("options", [{}, {"suppression_group_id": 0, "custom_unsubscribe_url": PAGE}])
@pytest.mark.parametrize("name", [LIST_ID, "all"])
def test_the_requests_satisfy_sendgrids_own_description(
    name: str, options: dict[str, Any], changes: dict[str, Any]
) -> None:
    document = description("sendgrid_singlesends.json")
    made = calls(to(**options), name, ID, **changes)
    assert made.keys() == {"draft", "search", "send", "ask"}
    for call in made.values():
        assert_described(document, call)


def test_the_text_part_is_ours_and_not_made_from_the_html() -> None:
    config = body()["email_config"]
    assert config["generate_plain_content"] is False
    assert config["plain_content"].startswith("こんにちは")


def test_everybody_is_a_list_too() -> None:
    assert body()["send_to"] == {"list_ids": [LIST_ID]}
    assert to().describe(to_list("all")).body["send_to"] == {"all": True}  # type: ignore[index]


@pytest.mark.parametrize("name", ["", "weekly", "12", LIST_ID[:-1], f"{LIST_ID},{LIST_ID}", LIST_ID.replace("-", "")])
def test_a_list_has_an_id(name: str) -> None:
    assert "id of a list" in to().mistake_in(name)
    with pytest.raises(ConfigError, match="id of a list"):
        to().drafting(to_list(name))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sender_id": 0}, "sender_id must be the number of a verified sender"),
        ({"suppression_group_id": 0}, "give either suppression_group_id"),
        ({"suppression_group_id": -1}, "give either suppression_group_id"),
        ({"custom_unsubscribe_url": PAGE}, "give either suppression_group_id"),
        ({"suppression_group_id": 0, "custom_unsubscribe_url": "http://news.example.com/"}, "begins with https://"),
        ({"suppression_group_id": 0, "custom_unsubscribe_url": 'https://a.example.com/"x'}, "plain web address"),
        ({"suppression_group_id": 0, "custom_unsubscribe_url": "https://a.example.com/{{email}}"}, "plain web address"),
    ],
)
def test_what_could_never_be_sent_is_a_problem_beforehand(options: dict[str, Any], said: str) -> None:
    (problem,) = to(**options).problems()
    assert said in problem


def test_a_way_out_is_the_groups_or_ones_own_page() -> None:
    assert 'href="{{{unsubscribe}}}"' in body()["email_config"]["html_content"]
    own = body(options={"suppression_group_id": 0, "custom_unsubscribe_url": PAGE})["email_config"]
    assert f'href="{PAGE}"' in own["html_content"]
    assert PAGE in own["plain_content"]
    assert (own["custom_unsubscribe_url"], "suppression_group_id" in own) == (PAGE, False)
    cautions = to(suppression_group_id=0, custom_unsubscribe_url=PAGE).cautions()
    assert len(cautions) == len(to().cautions()) + 1


def test_braces_of_a_post_are_no_variables_and_the_link_is_sendgrids_own_in_both_parts() -> None:
    url = f"https://news.example.com/u/{READER_TOKEN}"
    email = make_email(
        subject="{{first_name}} と {{{x}}}",
        html=f"<p>{{{{Sender_Name}}}} \\{{{{x}}}} {{{{{{{{raw}}}}}}}} {{{url}}}</p>",
        text=f"{{{{{{unsubscribe}}}}}} {{{{#if x}}}} \\{url}\n",
    )
    mail = rendered(body(email=email), (LIST_ID,))
    assert mail.html == email.html.replace(url, LEAVE)
    assert mail.subject.replace(WORD_JOINER, "") == email.subject
    assert mail.text.replace(WORD_JOINER, "") == email.text.replace(url, LEAVE)


def test_a_long_name_keeps_what_tells_issues_apart() -> None:
    mailing = to_list(LIST_ID, issue=f"{'weekly' * 30}/2026-W04")
    name = to().describe(mailing).body["name"]  # type: ignore[index]
    assert len(name) == 100
    assert name.endswith(f"/2026-W04 {mailing.email.fingerprint[:12]}")
    assert to().searching(mailing).body["name"] == name
    assert to().found(answered({"result": [{"id": ID, "name": name, "status": "draft"}]}), mailing) == ID


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("draft", Standing.DRAFT),
        ("scheduled", Standing.ON_ITS_WAY),
        ("triggered", Standing.ON_ITS_WAY),
        ("something new", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
        (7, Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_it_says(status: object, standing: Standing) -> None:
    assert to().standing(answered({"id": ID, "status": status})) is standing


def test_there_are_no_other_statuses() -> None:
    document = description("sendgrid_singlesends.json")
    known = document["components"]["schemas"]["Status2"]["enum"]
    for status in known:
        assert to().standing(answered({"status": status})) is not Standing.UNCLEAR


@GARBAGE
def test_what_sendgrid_never_answers_is_no_id_no_draft_and_no_status(page: bytes) -> None:
    garbled = Reply(201, {}, page)
    assert to().draft_id(garbled) == to().found(garbled, to_list(LIST_ID)) == ""
    assert to().standing(garbled) is Standing.UNCLEAR


def test_only_a_draft_with_exactly_this_name_is_the_one_because_the_search_is_a_loose_one() -> None:
    mailing = to_list(LIST_ID)
    name = draft_name(mailing)
    listed = [
        {"id": "a", "name": f"Copy of {name}", "status": "draft"},
        {"id": "b", "name": f"{name} (proof)", "status": "draft"},
        {"id": "c", "name": name, "status": "triggered"},
        {"id": "d", "name": name, "status": "draft"},
    ]
    assert to().found(answered({"result": listed}), mailing) == "d"
    assert to().found(answered({"result": listed[:3]}), mailing) == ""


@pytest.mark.anyio
async def test_a_single_send_that_is_not_ready_is_refused_in_sendgrids_words() -> None:
    errors = [{"field": "sender_id", "message": "is not verified", "error_id": "1"}, {"message": "no plan"}]
    with HttpServer(reply(400, body={"errors": errors}), reply(200, body={"id": ID, "status": "draft"})) as server:
        answer = await ask(to(server.url), again(to_list(LIST_ID), ID))
        assert answer.verdict is Verdict.REFUSED
        assert answer.detail == ("SendGrid Single Sends answered 400: is not verified (field sender_id); no plan")


@pytest.mark.anyio
async def test_one_that_was_triggered_before_is_no_error() -> None:
    refused = reply(400, body={"errors": [{"message": "already triggered"}]})
    with HttpServer(refused, reply(200, body={"id": ID, "status": "triggered"})) as server:
        answer = await ask(to(server.url), again(to_list(LIST_ID), ID))
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, ["accepted"])


@pytest.mark.anyio
async def test_a_throttle_says_when_to_come_back() -> None:
    headers = {"Date": "Mon, 19 Jan 2026 08:00:00 GMT", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1768809609"}
    with HttpServer(reply(429, headers, {"errors": [{"message": "too many requests"}]})) as server:
        answer = await ask(to(server.url), to_list(LIST_ID))
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, 9.0)


# ---------------------------------------------------------------- proofs


@pytest.mark.anyio
async def test_a_proof_is_a_single_mail_without_any_readers_token(tmp_path: Path) -> None:
    with sendgrid_single_sends(tmp_path) as peer:
        mailing = to_people(LIST_ID)
        answer = await ask(peer.provider, mailing)
        assert (answer.verdict, states(answer)) == (Verdict.ANSWERED, ["accepted", "accepted"])
        (request,) = peer.server.requests
        assert request.path == "/v3/mail/send"
        assert peer.provider.describe(mailing).body == request.json
        assert [set(each) & {"substitutions"} for each in request.json["personalizations"]] == [set(), set()]
        assert READER_TOKEN not in request.body.decode()
        assert all('href="{{{unsubscribe}}}"' in proof.html for proof in peer.proofs())
