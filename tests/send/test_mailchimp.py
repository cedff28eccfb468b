"""Mailchimp: every request as recorded, merge tags of posts, the checklist, and every answer against what it means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.models import Mailbox, Secret
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Verdict
from digest.send.providers.mailchimp import Provider
from tests.factories import make_email
from tests.send.asked import GARBAGE, NOWHERE
from tests.send.asked_lists import again, ask, assert_calls_recorded, calls, look_up, states, to_list, to_people
from tests.servers.http import HttpServer, Scripted, reply

KEY = Secret("MAILCHIMP_API_KEY", "0123456789abcdef0123456789abcdef-us6")
LIST_ID, ID = "a1b2c3d4e5", "42694e9e57"
NO_DRAFTS = reply(200, body={"campaigns": []})
WELL = reply(200, body={"is_ready": True, "items": []})


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(to_list(LIST_ID, **changes)).body


def content(**changes: Any) -> Any:
    return calls(to(), LIST_ID, ID, **changes)["fill-0"].body


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps(found).encode())


def problem(status: int, title: str, detail: str = "No.") -> Scripted:
    return reply(status, body={"type": "https://mailchimp.com/", "title": title, "status": status, "detail": detail})


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("mailchimp", to(), LIST_ID, ID)


def test_the_account_is_where_its_key_says_unless_it_is_told() -> None:
    assert Provider(api_key=KEY).describe(to_list(LIST_ID)).target == "https://us6.api.mailchimp.com/3.0/campaigns"
    assert (
        to("https://proxy.example.com/mc").url(to().sending(ID)).startswith("https://proxy.example.com/mc/campaigns/")
    )
    assert not Provider(api_key=KEY).problems()


@pytest.mark.parametrize("value", ["0123456789abcdef", "x-us6.evil.example.com/", "x-", "-us6/", "x-US6"])
def test_a_key_that_names_no_data_center_is_a_problem_and_no_part_of_an_address(value: str) -> None:
    provider = Provider(api_key=Secret("MAILCHIMP_API_KEY", value))
    assert provider.base_url == ""
    assert ["data center" in each for each in provider.problems()] == [True]
    assert value not in str(provider.problems())


def test_without_a_key_only_that_is_the_problem() -> None:
    found = Provider(api_key=Secret("MAILCHIMP_API_KEY")).problems()
    assert found == ["MAILCHIMP_API_KEY is not set in the environment"]


def test_nothing_is_tracked_tweeted_or_added_unless_it_is_wanted() -> None:
    assert set(body()["tracking"].values()) == {False}
    assert set(body(options={"tracking": True})["tracking"].values()) == {True}
    off = ("auto_footer", "inline_css", "auto_tweet", "fb_comments")
    assert [body()["settings"][name] for name in off] == [False] * 4
    assert "preview_text" not in body()["settings"], "the HTML holds it already"


def test_only_our_own_tag_for_leaving_is_one() -> None:
    email = make_email(
        subject="*|A|* |*|", sender=Mailbox("n@example.com", "*|B|*"), html="<p>**|C|**</p>", text="|*|D|*\n"
    )
    made = body(email=email)["settings"]
    assert made["subject_line"] == f"*{WORD_JOINER}|A|{WORD_JOINER}* |{WORD_JOINER}*{WORD_JOINER}|"
    assert made["from_name"] == f"*{WORD_JOINER}|B|{WORD_JOINER}*"
    assert content(email=email) == {
        "html": "<p>**&#124;C&#124;**</p>",
        "plain_text": f"|{WORD_JOINER}*{WORD_JOINER}|D|{WORD_JOINER}*\n",
    }
    assert content()["html"].count("*|UNSUB|*") == content()["plain_text"].count("*|UNSUB|*") == 1


def test_a_mail_without_a_text_part_gets_mailchimps_own() -> None:
    assert "plain_text" not in content(email=make_email(text=""))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "リスト"])
def test_an_audience_has_an_id(name: str) -> None:
    assert to().mistake_in(name)


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("save", Standing.DRAFT),
        ("schedule", Standing.ON_ITS_WAY),
        ("sending", Standing.ON_ITS_WAY),
        ("sent", Standing.ON_ITS_WAY),
        ("paused", Standing.STOPPED),
        ("canceling", Standing.STOPPED),
        ("canceled", Standing.STOPPED),
        ("archived", Standing.UNCLEAR),
        (7, Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_mailchimp_says(status: object, standing: Standing) -> None:
    assert to().standing(answered({"id": ID, "status": status})) is standing


def a_draft(**changes: Any) -> dict[str, Any]:
    named = {"settings": {"title": draft_name(to_list(LIST_ID))}, "recipients": {"list_id": LIST_ID}}
    return {"id": ID, "status": "save", **named, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "sent"},
        {"settings": {"title": "weekly/2026-W04"}},
        {"settings": None},
        {"recipients": {"list_id": "another"}},
        {"recipients": []},
    ],
)
def test_only_an_unsent_draft_of_this_mail_for_this_audience_is_found(changes: dict[str, Any]) -> None:
    mailing = to_list(LIST_ID)
    assert to().found(answered({"campaigns": [a_draft(id="x", **changes), a_draft()]}), mailing) == ID
    assert to().found(answered({"campaigns": [a_draft(**changes)]}), mailing) == ""


@pytest.mark.anyio
async def test_what_the_checklist_finds_missing_stops_the_issue_in_its_words_and_nothing_is_sent() -> None:
    items = [
        {"type": "success", "id": 1, "heading": "List", "details": "Fine."},
        {"type": "error", "id": 2, "heading": "From", "details": "The domain is not verified."},
        {"type": "error", "id": 3, "heading": "Plan", "details": "Too many contacts."},
    ]
    checklist = reply(200, body={"is_ready": False, "items": items})
    still_there = reply(200, body={"id": ID, "status": "save"})
    with HttpServer(reply(200, body={}), checklist, still_there) as server:
        answer = await ask(to(server.url), again(to_list(LIST_ID), ID))
        assert answer.verdict is Verdict.REFUSED
        assert answer.detail.endswith("From: The domain is not verified.; Plan: Too many contacts.")
        assert not [request for request in server.requests if "actions/send" in request.path]


@pytest.mark.anyio
async def test_a_campaign_that_cannot_be_filled_because_it_was_sent_is_known_as_sent() -> None:
    with HttpServer(problem(400, "Bad Request"), reply(200, body={"id": ID, "status": "sent"})) as server:
        assert states(await ask(to(server.url), again(to_list(LIST_ID), ID))) == ["accepted"]


@pytest.mark.parametrize(
    ("scripted", "verdict", "said"),
    [
        (problem(400, "Invalid Resource"), Verdict.REFUSED, "Invalid Resource: No."),
        (problem(401, "API Key Invalid"), Verdict.REFUSED, "API Key Invalid: No."),
        (problem(403, "Forbidden"), Verdict.REFUSED, "Forbidden: No."),
        (reply(403, body="<html>Access Denied</html>"), Verdict.NOT_SENT, "no explanation was given"),
        (problem(429, "Too Many Requests"), Verdict.NOT_SENT, "Too Many Requests: No."),
        (problem(500, "Internal Server Error"), Verdict.NOT_SENT, "Internal Server Error: No."),
    ],
)
@pytest.mark.anyio
async def test_a_draft_that_is_not_made_is_told_in_mailchimps_words(
    scripted: Scripted, verdict: Verdict, said: str
) -> None:
    with HttpServer(NO_DRAFTS, scripted) as server:
        answer = await ask(to(server.url), to_list(LIST_ID))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert answer.detail == f"Mailchimp answered {answer.http_status}: {said}"


@pytest.mark.anyio
async def test_each_wrong_field_is_named() -> None:
    wrong = {
        "title": "Invalid Resource",
        "detail": "See errors.",
        "errors": [{"field": "reply_to", "message": "Empty"}],
    }
    with HttpServer(NO_DRAFTS, reply(400, body=wrong)) as server:
        answer = await ask(to(server.url), to_list(LIST_ID))
        assert answer.detail.endswith("Invalid Resource: See errors.; reply_to: Empty")


@pytest.mark.parametrize("scripted", [problem(500, "Oops"), reply(502), reply(504, body="<html>")])
@pytest.mark.anyio
async def test_a_sending_without_a_clear_answer_is_ambiguous(scripted: Scripted) -> None:
    with HttpServer(reply(200, body={}), WELL, scripted) as server:
        assert (await ask(to(server.url), again(to_list(LIST_ID), ID))).verdict is Verdict.AMBIGUOUS


@pytest.mark.anyio
async def test_content_that_did_not_get_there_is_certainly_not_sent() -> None:
    with HttpServer(problem(503, "Busy")) as server:
        answer = await ask(to(server.url), again(to_list(LIST_ID), ID))
        assert (answer.verdict, len(server.requests)) == (Verdict.NOT_SENT, 1)


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_makes_no_draft(page: bytes) -> None:
    with HttpServer(NO_DRAFTS, reply(200, body=page)) as server:
        assert (await ask(to(server.url), to_list(LIST_ID))).verdict is Verdict.NOT_SENT


@GARBAGE
@pytest.mark.anyio
async def test_a_status_that_cannot_be_read_settles_nothing(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await look_up(to(server.url), again(to_list(LIST_ID), ID))).verdict is Verdict.AMBIGUOUS


@pytest.mark.anyio
async def test_a_proof_is_filled_tested_and_removed_even_when_the_test_is_refused() -> None:
    made, refused = reply(200, body={"id": ID}), problem(400, "Bad Request", "You have used all test emails.")
    with HttpServer(made, reply(200, body={}), refused, reply(204)) as server:
        answer = await ask(to(server.url), to_people(LIST_ID))
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert "You have used all test emails." in answer.detail
        assert [request.method for request in server.requests] == ["POST", "PUT", "POST", "DELETE"]
        assert server.requests[2].json["test_emails"] == ["kay@example.com", "lee@example.com"]
