"""Mailgun: the form against its published schema, and every answer against what it means."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from digest.models import READER_TOKEN, Mailbox, Secret
from digest.send.providers import Verdict
from digest.send.providers.mailgun import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import GARBAGE, NOWHERE, A, R, ask, assert_recorded, closed, description, states
from tests.servers.http import HttpServer, reply, unfinished_body
from tests.servers.mailings import make_mailing
from tests.servers.peers_mailgun import DOMAIN, as_mailgun_would, form_of

KEY = Secret("MAILGUN_API_KEY", "key-canary-0451")
QUEUED = {"id": f"<20260119.1@{DOMAIN}>", "message": "Queued. Thank you."}


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    return Provider(**{"api_key": KEY, "base_url": url, "timeout": 5.0, "domain": DOMAIN, **changes})


def form(*, options: dict[str, Any] | None = None, **changes: Any) -> Any:
    return to(**options or {}).describe(make_mailing(2, **changes)).body


# ---------------------------------------------------------------- the request


def test_the_request_is_the_recorded_one() -> None:
    assert_recorded("mailgun", to())


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    document = description("mailgun.yaml")
    name = "POST-v3-domain_name-messages-multipart-form-data-RequestBody"
    known = document["components"]["schemas"][name]
    closed(known)
    known["patternProperties"] = {"^(h|v):.": {"type": "string"}, "^recipient-variables$": {"type": "string"}}
    return {"components": document["components"], **known}


@pytest.mark.parametrize("options", [{}, {"tracking": True}, {"sandbox": True}])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"proof": True},
        {"email": make_email(reply_to=Mailbox("editor@example.com"), text="", headers=())},
        {"recipients": tuple(make_recipient(number, name="") for number in range(1000))},
    ],
)
def test_the_form_satisfies_mailguns_own_schema(
    schema: dict[str, Any], options: dict[str, Any], changes: dict[str, Any]
) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    found = form(options=options, **changes)
    validator.validate(found)
    assert list(validator.iter_errors({**found, "o:track": "no"})), "the schema would notice"


def test_every_reader_has_the_variable_because_nobody_else_may_see_their_address() -> None:
    readers = (make_recipient(1, token="a+b"), make_recipient(2, address="taro@例え.jp"))
    assert json.loads(form(recipients=readers)["recipient-variables"]) == {
        "reader1@example.com": {"reader": "a%2Bb"},
        "taro@xn--r8jz45g.jp": {"reader": "tok0002"},
    }
    assert len(json.loads(form(email=make_email(html="x", text="x", headers=()))["recipient-variables"])) == 2


def test_nothing_is_tracked_unless_asked_for() -> None:
    names = ("o:tracking", "o:tracking-clicks", "o:tracking-opens")
    assert [form()[name] for name in names] == ["no", "no", "no"]
    assert [form(options={"tracking": True})[name] for name in names] == ["yes", "htmlonly", "yes"]


def test_the_test_mode_is_only_asked_for_in_the_sandbox() -> None:
    assert form(options={"sandbox": True})["o:testmode"] == "yes"
    assert "o:testmode" not in form()


def test_a_japanese_name_has_its_punctuation_in_full_width_and_others_stand_in_quotes() -> None:
    readers = (make_recipient(1, name="山田, 太郎 (編集)"), make_recipient(2, name="Sato, Taro"))
    email = make_email(sender=Mailbox("news@example.com", "株式会社サンプル(仮)"))
    found = form(recipients=readers, email=email)
    assert found["to"] == ["山田， 太郎 （編集） <reader1@example.com>", '"Sato, Taro" <reader2@example.com>']
    assert found["from"] == "株式会社サンプル（仮） <news@example.com>"


def test_headers_are_ascii_on_one_line_and_hold_the_variable() -> None:
    found = form(email=make_email(headers=(("List-Id", "週刊 <w.example.com>"), ("X-U", f"<{READER_TOKEN}>"))))
    assert found["h:List-Id"].isascii()
    assert found["h:List-Id"].endswith(" <w.example.com>")
    assert found["h:X-U"] == "<%recipient.reader%>"


@pytest.mark.parametrize("words", ["%recipient.name%", "%recipient%", "%unsubscribe_url%", "%tag_unsubscribe_url%"])
@pytest.mark.parametrize("part", ["subject", "html", "text"])
@pytest.mark.anyio
async def test_words_that_mailgun_would_replace_stop_the_issue_instead_of_changing_a_post(
    part: str, words: str
) -> None:
    with HttpServer() as server:
        answer = await ask(to(server.url), email=make_email(**{part: f"Write {words}, says the post"}))
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert words in answer.detail
        assert server.connections == 0


def test_percents_that_mean_nothing_reach_the_reader_as_they_are() -> None:
    email = make_email(html="100%recipients %E6%97%A5 %recipient", text="% recipient.x %\n")
    (copy, _) = as_mailgun_would(form(email=email))
    assert (copy.html, copy.text) == (email.html, email.text)


@pytest.mark.anyio
async def test_more_headers_than_mailgun_takes_stop_the_issue_before_anything_leaves() -> None:
    email = make_email(headers=tuple((f"X-{number}", "x" * 900) for number in range(18)))
    answer = await ask(to(), email=email)
    assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
    assert "Mailgun takes 16,384" in answer.detail


@pytest.mark.parametrize(
    "address", ["a..b@docomo.example.com", "a.@ezweb.example.com", ".a@example.com", "a@localhost", f"{'a' * 65}@e.com"]
)
@pytest.mark.anyio
async def test_an_address_that_would_spoil_the_batch_is_kept_out_of_it(address: str) -> None:
    with HttpServer(default=reply(200, body=QUEUED)) as server:
        readers = (make_recipient(1), make_recipient(2, address=address), make_recipient(3))
        answer = await ask(to(server.url), recipients=readers)
        assert states(answer) == [A, R, A]
        assert "RFC 5322" in answer.deliveries[1].error
        assert len(form_of(server.requests[0])["to"]) == 2


def test_for_people_the_key_is_masked_although_it_is_encoded_on_the_line() -> None:
    assert dict(to().describe(make_mailing(1)).headers)["Authorization"] == "Basic env:MAILGUN_API_KEY"


# ---------------------------------------------------------------- the answers


@pytest.mark.parametrize(("options", "said"), [({}, ""), ({"sandbox": True}, "test mode: nothing is delivered")])
@pytest.mark.anyio
async def test_a_batch_that_is_queued_is_accepted_for_everybody(options: dict[str, Any], said: str) -> None:
    with HttpServer(reply(200, body=QUEUED)) as server:
        answer = await ask(to(server.url, **options))
        assert (answer.verdict, states(answer), answer.detail) == (Verdict.ANSWERED, [A, A, A], said)
        assert {delivery.message_id for delivery in answer.deliveries} == {QUEUED["id"]}
        assert server.requests[0].path == f"/v3/{DOMAIN}/messages"
        assert server.requests[0].headers["authorization"] == "Basic YXBpOmtleS1jYW5hcnktMDQ1MQ=="


@pytest.mark.anyio
async def test_the_answer_where_no_endpoint_is_says_that_the_domain_is_wrong() -> None:
    with HttpServer(reply(200, body="Mailgun Magnificent API")) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (Verdict.REFUSED, ())
        assert f"no sending domain '{DOMAIN}'" in answer.detail


@pytest.mark.parametrize(
    "body", [{"id": "", "message": "Queued."}, {"message": "Queued."}, {"id": 7, "message": "Queued."}, {"id": "x"}]
)
@pytest.mark.anyio
async def test_a_success_without_an_id_or_in_other_words_is_ambiguous(body: dict[str, Any]) -> None:
    with HttpServer(reply(200, body=body)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS


@GARBAGE
@pytest.mark.anyio
async def test_a_success_that_cannot_be_read_is_ambiguous(page: bytes) -> None:
    with HttpServer(reply(200, body=page)) as server:
        assert (await ask(to(server.url))).verdict is Verdict.AMBIGUOUS


@pytest.mark.anyio
async def test_a_success_whose_body_never_comes_is_ambiguous() -> None:
    with HttpServer(unfinished_body(200)) as server:
        assert (await ask(to(server.url, timeout=0.8))).verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("status", "page", "verdict", "said"),
    [
        (
            400,
            {"message": "to parameter is not a valid address. please check documentation"},
            Verdict.REFUSED,
            "to par",
        ),
        (400, {"message": "from parameter is missing"}, Verdict.REFUSED, "from parameter"),
        (401, "Forbidden", Verdict.REFUSED, "Mailgun answered 401"),
        (403, {"message": "Free accounts are for test purposes only."}, Verdict.REFUSED, "Free accounts"),
        (404, {"message": "Domain not found: mg.example.com"}, Verdict.REFUSED, "Domain not found"),
        (413, "too large", Verdict.REFUSED, "Mailgun answered 413"),
        (429, "slow down", Verdict.NOT_SENT, "Mailgun answered 429"),
        (500, {"message": "Internal Server Error"}, Verdict.AMBIGUOUS, "Internal Server Error"),
    ],
)
@pytest.mark.anyio
async def test_a_refusal_rejects_nobody_and_says_why(status: int, page: Any, verdict: Verdict, said: str) -> None:
    with HttpServer(reply(status, body=page)) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.deliveries) == (verdict, ())
        assert said in answer.detail


@pytest.mark.parametrize(("seconds", "wait"), [("120", 120.0), ("1", 1.0), ("99999", 3600.0)])
@pytest.mark.anyio
async def test_the_wait_stands_in_the_words_of_a_throttle(seconds: str, wait: float) -> None:
    words = (
        f"Domain x is not allowed to send: account-requests-per-sec limit exceeded, try again after {seconds} seconds"
    )
    with HttpServer(reply(429, body={"message": words})) as server:
        answer = await ask(to(server.url))
        assert (answer.verdict, answer.retry_after) == (Verdict.NOT_SENT, wait)


# ---------------------------------------------------------------- the set-up


@pytest.mark.parametrize("domain", ["", "example", "mg.example.com/x", "mg..com", "mg.example.com?", "日本.jp"])
def test_a_domain_that_is_none_is_said(domain: str) -> None:
    (found,) = to(domain=domain).problems()
    assert "domain must be the sending domain" in found


def test_domains_of_the_eu_have_another_address() -> None:
    provider = to("https://api.eu.mailgun.net")
    assert not provider.problems()
    assert provider.url == f"https://api.eu.mailgun.net/v3/{DOMAIN}/messages"
