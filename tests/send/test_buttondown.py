"""Buttondown: every request against its published schema, Django's templates, keys, and what each answer means."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from digest.models import READER_TOKEN, Secret
from digest.send.braces import WORD_JOINER
from digest.send.drafts import Standing, draft_name
from digest.send.http_outcome import Reply
from digest.send.providers import Mailing, Verdict
from digest.send.providers.buttondown import Provider
from tests.factories import make_email
from tests.send.asked import GARBAGE, NOWHERE, description
from tests.send.asked_lists import (
    again,
    ask,
    assert_calls_recorded,
    assert_described,
    calls,
    look_up,
    to_list,
    to_people,
)
from tests.servers.http import HttpServer, Scripted, reply
from tests.servers.lists_buttondown import LEAVE, TAG, filled

KEY = Secret("BUTTONDOWN_API_KEY", "canary-0451")
ID = "em_01h8xg4j3k2m1n0p9q8r7s6t5v"
NO_DRAFTS = reply(200, body={"results": [], "count": 0})
EVERYBODY = {"filters": [], "groups": [], "predicate": "and"}


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, **changes})


def body(name: str = TAG, *, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(to_list(name, **changes)).body


def answered(found: Any) -> Reply:
    return Reply(200, {}, json.dumps(found).encode())


def refusal(status: int, code: str) -> Scripted:
    return reply(status, body={"code": code, "detail": "No.", "metadata": {}})


# ---------------------------------------------------------------- the requests


def test_the_requests_are_the_recorded_ones() -> None:
    assert_calls_recorded("buttondown", to(), TAG, ID)


@pytest.mark.parametrize("name", ["all", TAG])
@pytest.mark.parametrize("options", [{}, {"archive": True}])
def test_the_requests_satisfy_buttondowns_own_description(name: str, options: dict[str, Any]) -> None:
    document = description("buttondown.json")
    for call in calls(to(**options), name, ID).values():
        assert_described(document, call, under="/v1")


def test_a_draft_does_not_leave_at_once_whatever_the_version_of_the_api_thinks() -> None:
    assert body()["status"] == "draft"
    assert dict(to().describe(to_list(TAG)).headers)["X-API-Version"] == "2026-04-01"


def test_everybody_gets_it_or_those_with_a_tag() -> None:
    assert "filters" not in body("all")
    tagged = {"field": "subscriber.tags", "operator": "contains", "value": TAG}
    assert body()["filters"] == {"filters": [tagged], "groups": [], "predicate": "and"}


@pytest.mark.parametrize("name", ["", "everybody", "tag_", "All", "weekly readers", f"{TAG}\n"])
def test_another_name_is_a_mistake(name: str) -> None:
    assert to().mistake_in(name)


@pytest.mark.parametrize("name", ["all", TAG, f"sub_{TAG}", "fa7bd3bb-ee24-409d-8e95-2ddd0cad5de5"])
def test_all_and_the_ids_of_tags_are_not(name: str) -> None:
    assert not to().mistake_in(name)


def test_the_public_archive_shows_the_issue_only_where_that_is_wanted() -> None:
    assert body()["archival_mode"] == "disabled"
    assert body(options={"archive": True})["archival_mode"] == "enabled"


def test_braces_of_a_post_are_no_template() -> None:
    url = f"https://news.example.com/u/{READER_TOKEN}"
    own = '{{ x }} {{{y}}} {% raw %} {# z #} { a }</a><i title="{{ "}}">\n{'
    source = f'<a href="{url}">{{{url}}} {own}'
    found = body(email=make_email(html=source))["body"]
    assert filled(found).endswith(source.replace(url, LEAVE))
    assert found.count("{{") == 2, "the two links"


def test_braces_in_a_subject_are_kept_apart_and_the_draft_is_looked_for_by_that_subject() -> None:
    email = make_email(subject="{{{ x }} {% y")
    assert body(email=email)["subject"] == f"{{{WORD_JOINER}{{{WORD_JOINER}{{ x }}}} {{{WORD_JOINER}% y"
    assert "%E2%81%A0" in calls(to(), TAG, ID, email=email)["search"].path


def test_each_request_that_makes_something_has_a_key_that_a_repeat_keeps() -> None:
    provider, mailing = to(), to_list(TAG)
    later = mailing.sent_at + timedelta(minutes=5)

    def key(mailing: Mailing, which: str = "draft") -> str:
        made = {"draft": provider.drafting(mailing), "send": provider.sending(ID)}[which]
        return provider.more_headers(made, mailing)["X-Idempotency-Key"]

    assert key(mailing) == key(to_list(TAG, sent_at=later)) != key(mailing, "send")
    assert key(mailing) != key(to_list(TAG, key="weekly/2026-W04/2/0123abcd"))
    assert key(mailing) != key(to_list(TAG, email=make_email(subject="別の号")))
    assert key(to_people(TAG)) != key(to_people(TAG, sent_at=later))
    assert len(key(mailing)) <= 200
    assert "X-Idempotency-Key" not in provider.more_headers(provider.asking(ID), mailing)


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("draft", Standing.DRAFT),
        ("about_to_send", Standing.ON_ITS_WAY),
        ("scheduled", Standing.ON_ITS_WAY),
        ("in_flight", Standing.ON_ITS_WAY),
        ("throttled", Standing.ON_ITS_WAY),
        ("sent", Standing.ON_ITS_WAY),
        ("resending", Standing.ON_ITS_WAY),
        ("paused", Standing.STOPPED),
        ("errored", Standing.STOPPED),
        ("suppressed", Standing.STOPPED),
        ("deleted", Standing.STOPPED),
        ("managed_by_rss", Standing.UNCLEAR),
        ("imported", Standing.UNCLEAR),
        ("transactional", Standing.UNCLEAR),
    ],
)
def test_each_status_means_what_buttondown_says(status: str, standing: Standing) -> None:
    assert to().standing(answered({"id": ID, "status": status})) is standing
    assert status in description("buttondown.json")["components"]["schemas"]["EmailStatus"]["enum"]


def a_draft(**changes: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "status": "draft",
        "metadata": {"digest": draft_name(to_list("all"))},
        "filters": EVERYBODY,
        **changes,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "sent"},
        {"metadata": {}},
        {"metadata": None},
        {"metadata": {"digest": "weekly/2026-W04 another"}},
        {"filters": {**EVERYBODY, "filters": [{"field": "subscriber.tags", "operator": "contains", "value": TAG}]}},
        {"filters": {**EVERYBODY, "filters": [{"field": "subscriber.source", "operator": "contains", "value": "all"}]}},
        {"filters": {**EVERYBODY, "groups": [EVERYBODY]}},
    ],
)
def test_only_an_unsent_draft_of_this_mail_for_these_readers_is_found(changes: dict[str, Any]) -> None:
    mailing = to_list("all")
    assert to().found(answered({"results": [a_draft(id="x", **changes), a_draft()]}), mailing) == ID
    assert to().found(answered({"results": [a_draft(**changes)]}), mailing) == ""


@pytest.mark.parametrize(
    ("scripted", "verdict", "said"),
    [
        (refusal(400, "email_duplicate"), Verdict.REFUSED, "email_duplicate: No."),
        (refusal(401, "authentication_invalid"), Verdict.REFUSED, "authentication_invalid: No."),
        (refusal(403, "email_not_confirmed"), Verdict.REFUSED, "email_not_confirmed: No."),
        (reply(409), Verdict.NOT_SENT, "no explanation was given"),
        (reply(422, body={"detail": [{"loc": ["body"], "msg": "Field required"}]}), Verdict.REFUSED, "Field required"),
        (refusal(429, "rate_limited"), Verdict.NOT_SENT, "rate_limited: No."),
        (reply(500), Verdict.NOT_SENT, "no explanation was given"),
    ],
)
@pytest.mark.anyio
async def test_a_draft_that_is_not_made_is_told_in_buttondowns_words(
    scripted: Scripted, verdict: Verdict, said: str
) -> None:
    with HttpServer(NO_DRAFTS, scripted) as server:
        answer = await ask(to(server.url), to_list(TAG))
        assert (answer.verdict, answer.detail) == (verdict, f"Buttondown answered {answer.http_status}: {said}")


@pytest.mark.anyio
async def test_a_throttle_says_when_to_come_back() -> None:
    throttle = reply(429, {"Retry-After": "17"}, body={"detail": "Slowly."})
    with HttpServer(throttle) as server:
        answer = await ask(to(server.url), again(to_list(TAG), ID))
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, 17.0)


@pytest.mark.parametrize("scripted", [reply(409), reply(500), reply(502)])
@pytest.mark.anyio
async def test_a_sending_without_a_clear_answer_is_ambiguous(scripted: Scripted) -> None:
    with HttpServer(scripted) as server:
        assert (await ask(to(server.url), again(to_list(TAG), ID))).verdict is Verdict.AMBIGUOUS


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_makes_no_draft(page: bytes) -> None:
    with HttpServer(NO_DRAFTS, reply(201, body=page)) as server:
        assert (await ask(to(server.url), to_list(TAG))).verdict is Verdict.NOT_SENT


@GARBAGE
@pytest.mark.anyio
async def test_a_status_that_cannot_be_read_settles_nothing(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await look_up(to(server.url), again(to_list(TAG), ID))).verdict is Verdict.AMBIGUOUS
